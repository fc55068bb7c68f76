#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Moves the finished lines ("- [x] …") of TODO.md to the top of docs/todo-archive.md, under today's date.
# Does nothing when no line is finished. TODO_ROOT and TODO_DATE replace the repository and the date, for tests.
set -euo pipefail
root="${TODO_ROOT:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}"
today="${TODO_DATE:-$(date -u +%F)}"
todo="$root/TODO.md"
archive="$root/docs/todo-archive.md"

finished="$(grep -E '^- \[x\] ' "$todo" || true)"
if [ -z "$finished" ]; then
  echo 'TODO.md has no finished line.'
  exit 0
fi

mkdir -p "$(dirname "$archive")"
previous=''
if [ -f "$archive" ]; then previous="$(tail -n +2 "$archive")"; fi
printf '# Finished work\n\n## %s\n\n%s\n%s\n' "$today" "$finished" "$previous" >"$archive.new"
grep -vE '^- \[x\] ' "$todo" >"$todo.new" || true
mv "$archive.new" "$archive"
mv "$todo.new" "$todo"
echo "Archived $(printf '%s\n' "$finished" | wc -l | tr -d ' ') lines to docs/todo-archive.md."
