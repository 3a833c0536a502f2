#!/usr/bin/env bash
# in-parallel.sh COMMAND...: runs the commands at the same time, and fails if one of them fails. The output of the first command is shown at
# once, the output of each other command when all have ended.
set -uo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT

ids=()
for command in "${@:2}"; do
  bash -c "$command" > "$folder/${#ids[@]}" 2>&1 &
  ids+=($!)
done
bash -c "$1"
failed=$?
for index in "${!ids[@]}"; do
  wait "${ids[$index]}" || failed=1
  printf '\n=== %s\n' "${*:index + 2:1}"
  cat "$folder/$index"
done
exit "$failed"
