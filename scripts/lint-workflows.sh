#!/usr/bin/env bash
# zizmor over the GitHub workflows: actions that aren't pinned by commit, rights that a job doesn't need, injected expressions, leaked tokens.
set -euo pipefail
cd "$(dirname "$0")/.."
# Another version is another folder, so nothing is ever changed in place.
environment=".local-cloud/zizmor-$(cksum < scripts/zizmor-requirements.txt | tr -d ' ')"
if [ ! -e "$environment/installed" ]; then
  python3 -m venv --clear "$environment"
  "$environment/bin/pip" install --quiet --no-input --disable-pip-version-check -r scripts/zizmor-requirements.txt
  touch "$environment/installed"
fi
"$environment/bin/zizmor" --offline --no-progress .github/workflows
