import { createLegacyStreaming, legacyClient } from '../../lambda/chime-legacy';
import { chimeVoiceClient } from '../../lambda/chime-sdk-voice/client';
import { voiceConnectorLoggingHandler } from '../../lambda/chime-sdk-voice/voice-connector-logging';
import { voiceConnectorOriginationHandler } from '../../lambda/chime-sdk-voice/voice-connector-origination';
import { voiceConnectorStreamingHandler } from '../../lambda/chime-sdk-voice/voice-connector-streaming';
import { voiceConnectorTerminationHandler } from '../../lambda/chime-sdk-voice/voice-connector-termination';
import { secretsManagerClient } from '../../lambda/secrets-manager/client';
import { chime, type ChimeOptions, chimeSdkVoice, type ChimeSdkVoiceOptions, secretsManager, sipCredentials } from '../../local/emulator';
import {
  VOICE_CONNECTOR_LOGGING_RESOURCE_TYPE, VOICE_CONNECTOR_ORIGINATION_RESOURCE_TYPE, VOICE_CONNECTOR_STREAMING_RESOURCE_TYPE,
  VOICE_CONNECTOR_TERMINATION_RESOURCE_TYPE,
} from '../../src/chime-sdk-voice/private/resource-types';
import { ACCOUNT, HandlerSetup, REGION, STACK_ID } from '../handler-setup';
import { synthesisedPolicies } from '../synthesised-policies';

export interface ConnectorState {
  readonly arn: string;
  readonly id: string;
  readonly streaming?: Record<string, unknown>;
  readonly termination?: Record<string, unknown>;
  readonly origination?: Record<string, unknown>;
  readonly logging?: Record<string, unknown>;
  readonly users: string[];
  readonly tags: Record<string, string>;
}

export const INSIGHTS = `arn:aws:chime:${REGION}:${ACCOUNT}:media-insights-pipeline-configuration/calls`;

export type VoiceSetupOptions = ChimeSdkVoiceOptions & { readonly legacy?: ChimeOptions };

/** Voice connectors, for the handler of one of their settings. */
export abstract class VoiceSetup extends HandlerSetup {
  constructor(resourceType: string, policies: ReturnType<typeof synthesisedPolicies>, { legacy, quotas, ...voice }: VoiceSetupOptions = {}) {
    super({
      resourceType,
      services: [
        chimeSdkVoice({ propagation: 0, quotas: { voiceConnectors: 10, callsPerSecond: 10, ...quotas }, ...voice }), chime(legacy), secretsManager(),
      ],
      policies: (id) => policies({ stackId: id, account: ACCOUNT }),
    });
  }

  /** A voice connector as another construct makes one; returns its ARN. */
  connector(region = REGION): string {
    return this.emulator.applyResource({
      action: 'create', type: 'AWS::Chime::VoiceConnector', account: ACCOUNT, region, properties: { Name: 'trunk', RequireEncryption: true },
    }).physicalId;
  }

  connectorStates(): ConnectorState[] {
    return (this.emulator.state()['chime-sdk-voice'] as { voiceConnectors: ConnectorState[] }[]).flatMap(({ voiceConnectors }) => voiceConnectors);
  }

  connectorState(arn: string): ConnectorState {
    const found = this.connectorStates().find((connector) => connector.arn === arn);
    if (!found) throw new Error(`no voice connector ${arn}`);
    return found;
  }

  /** The tags of ours on it. */
  ownerTags(arn: string): Record<string, string> {
    return Object.fromEntries(Object.entries(this.connectorState(arn).tags).filter(([key]) => key.startsWith('cdk-rtc:')));
  }

  edit(resource: string, change: Record<string, unknown>): void {
    this.emulator.edit({ service: 'chime-sdk-voice', resource, ...change });
  }

}

/** With all that any construct of the stack may need. */
const streamingPolicies = synthesisedPolicies('voiceConnectorStreaming');

export class StreamingSetup extends VoiceSetup {
  constructor(options: VoiceSetupOptions = {}) {
    super(VOICE_CONNECTOR_STREAMING_RESOURCE_TYPE, streamingPolicies, options);
  }

  resource(logicalId = 'Streaming', stack = STACK_ID) {
    return super.resource(logicalId, stack);
  }

  streaming(arn: string): Record<string, unknown> | undefined {
    return this.connectorState(arn).streaming;
  }

  protected handler() {
    const legacy = createLegacyStreaming(this.inProcess('chime', legacyClient()));
    return voiceConnectorStreamingHandler({ client: this.clientsOf('chime-sdk-voice', chimeVoiceClient), legacy: async (signal) => legacy(signal) });
  }
}

export type SettingName = 'termination' | 'origination' | 'logging';

const SETTINGS = {
  termination: { resourceType: VOICE_CONNECTOR_TERMINATION_RESOURCE_TYPE, logicalId: 'Termination' },
  origination: { resourceType: VOICE_CONNECTOR_ORIGINATION_RESOURCE_TYPE, logicalId: 'Origination' },
  logging: { resourceType: VOICE_CONNECTOR_LOGGING_RESOURCE_TYPE, logicalId: 'Logging' },
} as const;

const settingPolicies = { all: synthesisedPolicies('voiceConnectorSettings'), withoutLogging: synthesisedPolicies('voiceConnectorCallSettings') };

/** Termination, origination, or logging of voice connectors. */
export class SettingSetup extends VoiceSetup {
  constructor(private readonly setting: SettingName, { rights = 'all', ...options }: VoiceSetupOptions & { readonly rights?: keyof typeof settingPolicies } = {}) {
    super(SETTINGS[setting].resourceType, settingPolicies[rights], options);
  }

  resource(logicalId: string = SETTINGS[this.setting].logicalId, stack = STACK_ID) {
    return super.resource(logicalId, stack);
  }

  /** The secret of a SIP user, as its owner stores it. Returns its ARN. */
  sipSecret(username: string, password: string): string {
    return this.secretWith(JSON.stringify({ username, password }), `sip-${username.toLowerCase().replace(/[^a-z]/g, '-')}`);
  }

  secretWith(SecretString: string, name = 'sip-odd', KmsKeyId?: string): string {
    return this.emulator.applyResource({
      action: 'create', type: 'AWS::SecretsManager::Secret', account: ACCOUNT, region: REGION, properties: { Name: name, SecretString, KmsKeyId },
    }).physicalId;
  }

  changeSecret(arn: string, secretString: string): void {
    this.emulator.edit({ service: 'secrets-manager', resource: arn, secretString });
  }

  /** Passwords by user name, as only the service knows them. */
  sipUsers(arn: string): Record<string, string> {
    return sipCredentials(this.emulator, this.clock.now())[arn]!;
  }

  protected handler() {
    const client = this.clientsOf('chime-sdk-voice', chimeVoiceClient);
    switch (this.setting) {
      case 'termination': return voiceConnectorTerminationHandler({ client, secretsManager: this.clientsOf('secrets-manager', secretsManagerClient) });
      case 'origination': return voiceConnectorOriginationHandler({ client });
      case 'logging': return voiceConnectorLoggingHandler({ client });
    }
  }
}
