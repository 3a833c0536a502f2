#!/usr/bin/env bash
# Runs the acceptance run in a GitHub workflow, with the session of a role that trusts the workflow. The token of the workflow expires after a few
# minutes, so it is exchanged once for a session. The credentials stay in this process.
set -euo pipefail
: "${ACCEPTANCE_ROLE_ARN:?Set the variable ACCEPTANCE_ROLE_ARN of the environment acceptance}" "${ACCEPTANCE_REGION:?}" "${RUN_LONG:=false}"

arguments=(--region "$ACCEPTANCE_REGION" --yes)
seconds=3600
if [ "$RUN_LONG" = true ]; then
  arguments+=(--long)
  seconds=10800
fi
if [ -n "${ONLY:-}" ]; then arguments+=(--only "$ONLY"); fi

token="$(curl -sSf -H "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=sts.amazonaws.com" \
  | node -p 'JSON.parse(require("node:fs").readFileSync(0, "utf8")).value')"
echo "::add-mask::$token"
session="$(aws sts assume-role-with-web-identity --region "$ACCEPTANCE_REGION" --role-arn "$ACCEPTANCE_ROLE_ARN" --role-session-name acceptance \
  --web-identity-token "$token" --duration-seconds "$seconds" --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)"
read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN <<< "$session"
for secret in "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" "$AWS_SESSION_TOKEN"; do echo "::add-mask::$secret"; done
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN

npm run acceptance -- "${arguments[@]}"
