import type { IEnvironmentAware } from 'aws-cdk-lib/interfaces';
import type { IConstruct } from 'constructs';

/**
 * A reference to a voice connector.
 */
export interface VoiceConnectorReference {
  /**
   * The ARN of the voice connector.
   */
  readonly voiceConnectorArn: string;
}

/**
 * A construct that refers to a voice connector: a `VoiceConnector`, an imported one, or in TypeScript a `CfnVoiceConnector` of a newer version of
 * aws-cdk-lib. In other languages, pass the ARN of a `CfnVoiceConnector` to `VoiceConnector.fromVoiceConnectorArn`.
 */
export interface IVoiceConnectorRef extends IConstruct, IEnvironmentAware {
  /**
   * The reference to the voice connector.
   */
  readonly voiceConnectorRef: VoiceConnectorReference;
}
