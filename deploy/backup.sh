#!/usr/bin/env bash
# backup.sh STATE BACKUPS [KEEP]: one checked copy of a store, while the daemon runs; the newest
# KEEP (14) stay. A copy that could not be made removes nothing. To put one back: qcm restore.
set -euo pipefail

state=${1:?usage: backup.sh STATE BACKUPS [KEEP]}
backups=${2:?usage: backup.sh STATE BACKUPS [KEEP]}
keep=${3:-14}
root=${QCM_ROOT:-$(cd "$(dirname "$0")/.." && pwd)}
node=${QCM_NODE:-$root/node_modules/.bin/node}

umask 077
mkdir -p "$backups"
"$node" "$root/bin/qcm.mjs" backup --state "$state" \
  --out "$backups/qcm-$(date -u +%Y-%m-%dT%H%M%SZ).db"

# Names sort by time.
mapfile -t all < <(find "$backups" -maxdepth 1 -name 'qcm-*.db' | sort)
for ((i = 0; i < ${#all[@]} - keep; i++)); do
  rm -- "${all[i]}"
  echo "removed ${all[i]}"
done
