#!/usr/bin/env bash
# cfn-lint over every template: of the examples, and of each construct in all its forms, without and with the recommended feature flags.
set -euo pipefail
cd "$(dirname "$0")/.."
# Another version is another folder, so nothing is ever changed in place.
environment=".local-cloud/cfn-lint-$(cksum < scripts/cfn-lint-requirements.txt | tr -d ' ')"
if [ ! -e "$environment/installed" ]; then
  python3 -m venv --clear "$environment"
  "$environment/bin/pip" install --quiet --no-input --disable-pip-version-check -r scripts/cfn-lint-requirements.txt
  touch "$environment/installed"
fi
templates="$(mktemp -d)"
trap 'rm -rf "$templates"' EXIT
npx tsx scripts/write-templates.ts "$templates"
# W3005: aws-cdk-lib lets every function and state machine depend on its role by name, too, so that it waits for the role's policies.
# W3045: without its feature flag, aws-cdk-lib lets Amazon S3 deliver access logs by the ACL of the bucket of the logs.
"$environment/bin/cfn-lint" --ignore-checks W3005 W3045 --template "$templates"/*/*.template.json
echo "cfn-lint: nothing to say about $(find "$templates" -name '*.template.json' | wc -l) templates"
