#!/usr/bin/env bash
# install.sh [FOLDER]: the packages of a checkout, without running anybody's install scripts, and a
# check that the program starts. The Dockerfile's only RUN step; on a VPS run it in the checkout.
set -euo pipefail

cd "${1:-$(cd "$(dirname "$0")/.." && pwd)}"

npm ci --ignore-scripts --omit=dev --no-audit --no-fund
# Debian's npm 9 installs the Node that comes along, but does not link its command.
if [ ! -e node_modules/.bin/node ]; then
  for bundled in node_modules/node-*/bin/node; do
    if [ -x "$bundled" ]; then ln -sf "../${bundled#node_modules/}" node_modules/.bin/node; fi
  done
fi
node_modules/.bin/node --version
node_modules/.bin/node bin/qcm.mjs --help >/dev/null
node_modules/.bin/node bin/qcm.mjs config check
echo "installed: $PWD"
