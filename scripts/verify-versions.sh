#!/usr/bin/env bash
# What VERSIONS.md says: the packed library with the oldest and the newest aws-cdk-lib, on the oldest and the newest Node.js of each line. The
# example rtc-platform must compile and have the same resources everywhere. Needs dist/js (`npx projen package:js`), and a registry.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
package() { node -p "require('$root/package.json').$1"; }
oldest_cdk="$(package "peerDependencies['aws-cdk-lib'].replace('^', '')")"
oldest_constructs="$(package "peerDependencies.constructs.replace('^', '')")"
oldest_node="$(package "engines.node.replace('>= ', '')")"
typescript="typescript@$(package "devDependencies.typescript")"
tsx="tsx@$(package "devDependencies.tsx")"
types="@types/node@$(package "devDependencies['@types/node']")"

install() { npm install --no-audit --no-fund --silent --prefix "$@"; }

# The binaries of Node.js are packages, too.
binaries="node-$(node -p 'process.platform + "-" + process.arch')"
for version in "$oldest_node" 22 24; do
  mkdir "$folder/node-$version"
  install "$folder/node-$version" "$binaries@$version"
done

resources() {
  node -e '
    const { Resources } = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
    const counts = {};
    for (const { Type } of Object.values(Resources)) counts[Type] = (counts[Type] ?? 0) + 1;
    for (const type of Object.keys(counts).sort()) console.log(String(counts[type]).padStart(3), type);
  ' "$1/RtcPlatform.template.json"
}

for cdk in "aws-cdk-lib@$oldest_cdk constructs@$oldest_constructs" 'aws-cdk-lib@2 constructs@10'; do
  app="$folder/app"
  rm -rf "$app"
  cp -R "$root/examples/typescript/rtc-platform" "$app"
  echo '{}' > "$app/package.json"
  # shellcheck disable=SC2086 # two words
  install "$app" "$root"/dist/js/cdk-rtc@*.jsii.tgz $cdk "$tsx" "$typescript" "$types"
  (cd "$app" && npx tsc --noEmit --strict --skipLibCheck false --module preserve --moduleResolution bundler --target es2022 --types node app.ts)
  installed="$(node -p "require('$app/node_modules/aws-cdk-lib/package.json').version")"
  for version in "$oldest_node" 22 24; do
    node="$(ls "$folder/node-$version/node_modules/$binaries/bin/node")"
    rm -rf "$folder/out"
    (cd "$app" && CDK_OUTDIR="$folder/out" "$node" node_modules/tsx/dist/cli.mjs app.ts)
    resources "$folder/out" > "$folder/resources"
    [ -f "$folder/expected" ] || cp "$folder/resources" "$folder/expected"
    diff "$folder/expected" "$folder/resources" || { echo "other resources with aws-cdk-lib $installed on Node.js $("$node" --version)" >&2; exit 1; }
    echo "OK aws-cdk-lib $installed on Node.js $("$node" --version): $(awk '{ n += $1 } END { print n }' "$folder/resources") resources"
  done
done
