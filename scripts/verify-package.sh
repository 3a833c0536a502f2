#!/usr/bin/env bash
# The packed library is small enough, and works in a fresh project: it synthesises from another folder, with no tool on the PATH, so no esbuild and no docker.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
node="$(command -v node)"
version="$(node -p "require('$root/package.json').peerDependencies['aws-cdk-lib'].replace('^', '')")"

# Counted: every file that npm installs (compiled constructs, declarations, bundled handlers, notices, the jsii assembly), unpacked. Not counted: Markdown
# pages. The ceilings of the bundles are in bench/exact.json. A change that needs more bytes states how many, and why.
limit=1575000
mkdir "$folder/unpacked"
tar -xzf "$root"/dist/js/cdk-rtc@*.jsii.tgz -C "$folder/unpacked"
bytes="$(find "$folder/unpacked" -type f ! -name '*.md' -exec cat {} + | wc -c | tr -d ' ')"
echo "the package is $bytes bytes unpacked, of $limit"
if [ "$bytes" -gt "$limit" ]; then
  echo 'too large; what is in it, by size:' >&2
  find "$folder/unpacked" -type f -size +20k -exec ls -lS {} + >&2
  exit 1
fi

cd "$folder"
npm init -y > /dev/null
npm install --no-audit --no-fund --silent "$root"/dist/js/cdk-rtc@*.jsii.tgz "aws-cdk-lib@$version" constructs@10.5.1
cat > app.js <<'APP'
const { App, Stack } = require('aws-cdk-lib');
const { SignalingChannel } = require('cdk-rtc');
const app = new App({ outdir: `${__dirname}/cdk.out` });
new SignalingChannel(new Stack(app, 'Stack'), 'Channel');
app.synth();
APP
(cd / && env -i "$node" "$folder/app.js")
grep -q 'Custom::RtcSignalingChannel' cdk.out/Stack.template.json
ls cdk.out/asset.*/index.js > /dev/null
echo "the packed library synthesises with aws-cdk-lib $version"
