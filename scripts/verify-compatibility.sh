#!/usr/bin/env bash
# Compares the compiled API (`npx projen compile`) with the API of the last release: an app's calls must still exist, with the same arguments. What is
# broken on purpose, in a new major version, goes into .compatignore, by the key that jsii-diff shows.
set -euo pipefail
cd "$(dirname "$0")/.."

release="$(git describe --tags --abbrev=0 --match 'v[0-9]*' 2> /dev/null || true)"
if [ -z "$release" ]; then
  echo 'API not compared: there is no release yet (no tag v* before this commit; a shallow clone has none either)'
  exit 0
fi

# The release's own sources, compiled by today's tools: so it needs neither a registry nor a file that must be updated manually.
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
git archive "$release" | tar -x -C "$folder"
ln -s "$PWD/node_modules" "$folder/node_modules"
npx jsii --silence-warnings=reserved-word "$folder" > "$folder/jsii.log" 2>&1 || { cat "$folder/jsii.log" >&2; exit 1; }
npx jsii-diff "$folder" . --keys --ignore-file .compatignore
echo "the API takes all that it took in $release"
