#!/usr/bin/env bash
# install.sh [FOLDER]: the packages of a checkout, without running anybody's install scripts, and a
# check that the program starts. The Dockerfile's only RUN step; on a VPS run it in the checkout.
set -euo pipefail

cd "${1:-$(cd "$(dirname "$0")/.." && pwd)}"

npm ci --ignore-scripts --omit=dev --no-audit --no-fund
node_modules/.bin/node --version
node_modules/.bin/node bin/qcm.mjs --help >/dev/null
node_modules/.bin/node bin/qcm.mjs config check
echo "installed: $PWD"
