/** The IAM actions for ingest configurations and stages, by purpose. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoninteractivevideoservice.html */

/** The actions with which the handlers change an existing configuration. They are allowed only if the configuration has the stack's owner tag. */
export const CHANGE_INGEST_CONFIGURATION = ['ivs:DeleteIngestConfiguration', 'ivs:TagResource', 'ivs:UntagResource', 'ivs:UpdateIngestConfiguration'];

/** With a tag condition, the service would answer AccessDenied instead of NotFound for a missing configuration. */
export const READ_INGEST_CONFIGURATION = ['ivs:GetIngestConfiguration', 'ivs:ListTagsForResource'];

/** The actions on the secret of a configuration. The ARN of the secret names no stack, so the policy requires the owner tag. */
export const STORE_STREAM_KEY = ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'];

/** The actions of Secrets Manager on a key, with the caller's permissions. https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html */
export const USE_SECRET_KEY = ['kms:Decrypt', 'kms:GenerateDataKey'];

export const CREATE_PARTICIPANT_TOKEN = ['ivs:CreateParticipantToken'];
export const DISCONNECT_PARTICIPANT = ['ivs:DisconnectParticipant'];
export const GET_STAGE = ['ivs:GetStage'];
export const READ_SESSIONS = [
  'ivs:GetStage', 'ivs:GetStageSession', 'ivs:GetParticipant', 'ivs:ListStageSessions', 'ivs:ListParticipants', 'ivs:ListParticipantEvents',
];

/** On the stage, and on every resource that the composition uses. */
export const START_COMPOSITION = ['ivs:StartComposition'];

/** On compositions. */
export const MANAGE_COMPOSITIONS = ['ivs:GetComposition', 'ivs:StopComposition'];
