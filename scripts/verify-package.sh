#!/usr/bin/env bash
# The packed library in a fresh project: it synthesises from another folder, with no tool on the PATH, so no esbuild and no docker.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
node="$(command -v node)"
version="$(node -p "require('$root/package.json').peerDependencies['aws-cdk-lib'].replace('^', '')")"

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
