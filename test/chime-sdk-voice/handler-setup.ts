import { createLegacyStreaming, legacyClient } from '../../lambda/chime-legacy';
import { chimeVoiceClient } from '../../lambda/chime-sdk-voice/client';
import { voiceConnectorStreamingHandler } from '../../lambda/chime-sdk-voice/voice-connector-streaming';
import { chime, type ChimeOptions, chimeSdkVoice, type ChimeSdkVoiceOptions } from '../../local/emulator';
import { VOICE_CONNECTOR_STREAMING_RESOURCE_TYPE } from '../../src/chime-sdk-voice/private/voice-connector-streaming';
import { ACCOUNT, HandlerSetup, REGION, STACK_ID } from '../handler-setup';
import { synthesisedPolicies } from '../synthesised-policies';

export interface ConnectorState {
  readonly arn: string;
  readonly id: string;
  readonly streaming?: Record<string, unknown>;
  readonly tags: Record<string, string>;
}

export const INSIGHTS = `arn:aws:chime:${REGION}:${ACCOUNT}:media-insights-pipeline-configuration/calls`;

/** With all that any construct of the stack may need. */
const policies = synthesisedPolicies('voiceConnectorStreaming');

export class StreamingSetup extends HandlerSetup {
  constructor(options: ChimeSdkVoiceOptions & { legacy?: ChimeOptions } = {}) {
    const { legacy, ...voice } = options;
    super({
      resourceType: VOICE_CONNECTOR_STREAMING_RESOURCE_TYPE,
      services: [chimeSdkVoice({ propagation: 0, quotas: { voiceConnectors: 10 }, ...voice }), chime(legacy)],
      policies: (id) => policies({ stackId: id, account: ACCOUNT }),
    });
  }

  resource(logicalId = 'Streaming', stack = STACK_ID) {
    return super.resource(logicalId, stack);
  }

  /** A voice connector as another construct makes one; returns its ARN. */
  connector(region = REGION): string {
    return this.emulator.applyResource({
      action: 'create', type: 'AWS::Chime::VoiceConnector', account: ACCOUNT, region, properties: { Name: 'trunk', RequireEncryption: true },
    }).physicalId;
  }

  connectorState(arn: string): ConnectorState {
    const regions = this.emulator.state()['chime-sdk-voice'] as { voiceConnectors: ConnectorState[] }[];
    const found = regions.flatMap(({ voiceConnectors }) => voiceConnectors).find((connector) => connector.arn === arn);
    if (!found) throw new Error(`no voice connector ${arn}`);
    return found;
  }

  streaming(arn: string): Record<string, unknown> | undefined {
    return this.connectorState(arn).streaming;
  }

  /** The tags of ours on it. */
  ownerTags(arn: string): Record<string, string> {
    return Object.fromEntries(Object.entries(this.connectorState(arn).tags).filter(([key]) => key.startsWith('cdk-rtc:')));
  }

  edit(resource: string, change: Record<string, unknown>): void {
    this.emulator.edit({ service: 'chime-sdk-voice', resource, ...change });
  }

  protected handler() {
    const legacy = createLegacyStreaming(this.inProcess('chime', legacyClient()));
    return voiceConnectorStreamingHandler({ client: this.clientsOf('chime-sdk-voice', chimeVoiceClient), legacy: async (signal) => legacy(signal) });
  }
}
