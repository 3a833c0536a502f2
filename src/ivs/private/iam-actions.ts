/** The IAM actions around ingest configurations, by what they are for. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoninteractivevideoservice.html */

/** What the handlers do to a configuration that exists; allowed only under the stack's owner tag. */
export const CHANGE_INGEST_CONFIGURATION = ['ivs:DeleteIngestConfiguration', 'ivs:UntagResource', 'ivs:UpdateIngestConfiguration'];

/** Under a tag condition a missing configuration would answer AccessDenied instead of NotFound. */
export const READ_INGEST_CONFIGURATION = ['ivs:GetIngestConfiguration', 'ivs:ListTagsForResource'];

/** The secret of a configuration. Its ARN names no stack, so the owner tag tells whose it is. */
export const KEEP_STREAM_KEY = ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'];

/** What Secrets Manager does with a key in the caller's name. https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html */
export const USE_SECRET_KEY = ['kms:Decrypt', 'kms:GenerateDataKey'];
