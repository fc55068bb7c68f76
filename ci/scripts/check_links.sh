#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Checks, without network, that every relative link and anchor in the Markdown pages of the repository exists.
set -euo pipefail
exec node "$(dirname "${BASH_SOURCE[0]}")/pinned-node.mjs" packages/xtask/src/main.ts links "$@"
