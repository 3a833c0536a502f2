#!/usr/bin/env bash
# The example rtc-platform in TypeScript, Python, Java and Go, each in a fresh folder with the library as it is packed for that language: all must
# give the same template, byte for byte. Needs Node.js, Python, Java with Maven, Go, and a compiled library (`npx projen build` or `compile`).
# For .NET the code is generated, and compiled only where there is a .NET SDK.
# The folders for TypeScript and Python then deploy the products and the snippets of the documentation on the local cloud (test/packed).
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION="$(node -p 'process.versions.node.split(".")[0]')"
dependency() { node -p "require('$root/package.json').devDependencies['$1']"; }
cdk="$(dependency aws-cdk-lib)"
constructs="$(dependency constructs)"

say() { printf '%4s s  %s\n' "$SECONDS" "$1"; }
fresh() { cp -R "$root/examples/$1/rtc-platform" "$folder/$1" && cd "$folder/$1"; }
# By the command that `cdk` would run.
synthesise() { CDK_OUTDIR="$folder/$1.out" bash -euc "$(node -p "require('./cdk.json').app")"; }

typescript() {
  fresh typescript
  npm init --yes > /dev/null
  npm install --no-audit --no-fund "$root"/dist/js/cdk-rtc@*.jsii.tgz "aws-cdk-lib@$cdk" "constructs@$constructs" \
    "tsx@$(dependency tsx)" "typescript@$(dependency typescript)" "@types/node@$(dependency @types/node)"
  npx tsc --noEmit --strict --module preserve --moduleResolution bundler --target es2022 --types node app.ts
  synthesise typescript
}

python() {
  fresh python
  python3 -m venv .venv
  . .venv/bin/activate
  pip install --disable-pip-version-check --quiet --no-compile -r requirements.txt "$root"/dist/python/cdk_rtc-*.whl "aws-cdk-lib==$cdk" "constructs==$constructs"
  synthesise python
}

java() {
  fresh java
  local repository="<repositories><repository><id>packed</id><url>file://$root/dist/java</url></repository></repositories>"
  sed "s#</project>#$repository</project>#" pom.xml > with-repository.xml && mv with-repository.xml pom.xml
  # A repository of its own: one that is there already may hold another build of the same version.
  MAVEN_OPTS="${MAVEN_OPTS:-} -Dmaven.repo.local=$folder/maven -Daws-cdk-lib.version=$cdk -Dconstructs.version=$constructs" synthesise java
}

go() {
  fresh go
  command go mod edit -replace "github.com/cdk-rtc/cdk-rtc-go/cdkrtc=$root/dist/go/cdkrtc"
  command go mod tidy
  command go vet ./...
  synthesise go
}

deployments() {
  cd "$root"
  TYPESCRIPT_PROJECT="$folder/typescript" PYTHON_PROJECT="$folder/python" npx jest --ci --testMatch '<rootDir>/test/packed/*.packed.ts'
}

# The packages of `npx projen package-all`, which starts jsii-pacmak for one language after the other, each time with `npm pack`.
pack() {
  cd "$root"
  rm -rf dist
  npx projen licences
  if command -v dotnet > /dev/null; then
    npx jsii-pacmak -v
  else
    npx jsii-pacmak -v --targets js python java go
    npx jsii-pacmak -v --targets dotnet --code-only
  fi
}

run() {
  local step started=$SECONDS
  for step in "$@"; do
    started=$SECONDS
    # In a shell of its own: `set -e` does not hold in a function that is called in a condition.
    (set -e; "$step") > "$folder/$step.log" 2>&1 &
    if wait $!; then say "$step has ended, after $((SECONDS - started)) s"; else tail -n 80 "$folder/$step.log" >&2; say "$step FAILED"; return 1; fi
  done
}

say 'packing for all languages'
# In a shell of its own, as the languages below.
(set -e; pack) > "$folder/package.log" 2>&1 &
wait $! || { tail -n 60 "$folder/package.log" >&2; exit 1; }
ls "$root"/dist/js/*.tgz "$root"/dist/python/*.whl "$root"/dist/java/io/github/cdkrtc/cdk-rtc/*/*.jar "$root"/dist/go/cdkrtc/go.mod "$root"/dist/dotnet > /dev/null
say 'packed; installing and synthesising in fresh folders'

# Two at a time.
run python typescript deployments & first=$!
run go java & second=$!
failed=0
wait "$first" || failed=1
wait "$second" || failed=1
[ "$failed" = 0 ] || exit 1

# The hashes of the assets are in the names of files only; what is in the assets is compared, too.
for language in typescript python java go; do
  sed -E 's/[0-9a-f]{64}/ASSET/g' "$folder/$language.out/RtcPlatform.template.json" > "$folder/$language.json"
done
for type in SignalingChannel SignalingChannelMediaStorage VideoStreamImageGeneration VideoStreamNotification VoiceConnectorStreaming \
  VoiceConnectorTermination VoiceConnectorOrigination VoiceConnectorLogging PhoneNumber PhoneNumberAssociation RealTimeStageEndpoints IngestConfiguration ChimeMeetingPool; do
  grep -q "\"Custom::Rtc$type\"" "$folder/typescript.json" || { echo "no Custom::Rtc$type in the template" >&2; exit 1; }
done
for language in typescript python java go; do
  if ! diff "$folder/typescript.json" "$folder/$language.json" >&2; then
    echo "$language: another template than TypeScript's" >&2
    failed=1
  elif ! cat "$folder/$language.out"/asset.*/index.js | cmp - "$root/lib/lambda/index.js" >&2; then
    echo "$language: other handlers than lib/lambda/index.js" >&2
    failed=1
  else
    echo "OK $language: $(wc -c < "$folder/$language.json" | tr -d ' ') bytes of template, the same"
  fi
done
say 'done'
exit "$failed"
