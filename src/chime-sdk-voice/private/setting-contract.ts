/** The properties that every setting has. CloudFormation delivers every leaf as a string. */
export interface VoiceConnectorSettingProperties {
  readonly VoiceConnectorArn: string;
  /** Absent: false. */
  readonly AdoptExisting?: boolean;
  /** A change makes CloudFormation send an update; the handlers leave it out. */
  readonly ForceUpdateNonce?: string;
  /** Absent: false. */
  readonly Retain?: boolean;
}

export interface VoiceConnectorSettingAttributes {
  readonly VoiceConnectorId: string;
}

/** https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_voice-chime_PutVoiceConnectorStreamingConfiguration.html */
const VOICE_CONNECTOR_ID = /^([a-z0-9]{21,22}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;
const VOICE_CONNECTOR_ARN = /^arn:[a-z\d-]+:chime:[a-z0-9-]+:\d{12}:vc\/([^/]+)$/;

export function validateVoiceConnectorId(id: string | undefined): string[] {
  if (id === undefined || VOICE_CONNECTOR_ID.test(id)) return [];
  return [`voiceConnectorId: must be 21 or 22 letters and digits in lower case, or a UUID, got ${JSON.stringify(id)}; it stands in the console, and at the end of the ARN`];
}

export function validateVoiceConnectorArn(arn: string | undefined): string[] {
  if (arn === undefined) return [];
  const id = VOICE_CONNECTOR_ARN.exec(arn)?.[1];
  if (id === undefined) return [`voiceConnectorArn: must be arn:…:chime:REGION:ACCOUNT:vc/ID, got ${JSON.stringify(arn)}`];
  return validateVoiceConnectorId(id);
}

/** Returns findings: the ARN of a voice connector, which must be in the account of the stack. */
export function validateSettingParent(arn: string | undefined, account: string | undefined): string[] {
  return [...validateVoiceConnectorArn(arn), ...validateAccount(arn, account)];
}

function validateAccount(arn: string | undefined, account: string | undefined): string[] {
  const other = arn?.split(':')[4];
  if (other === undefined || account === undefined || other === account) return [];
  return [`voiceConnector: must be in the stack's own account (${account}), got ${arn}; create the stack there`];
}
