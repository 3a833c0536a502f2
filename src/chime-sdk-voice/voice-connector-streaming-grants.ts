import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { READ_MEDIA } from './private/iam-actions';
import { voiceConnectorIdOf } from './private/voice-connector-id';
import type { IVoiceConnectorRef } from './voice-connector-ref';
import { suppressGrant } from '../private/suppressions';

/**
 * Grants on the media that a voice connector streams.
 */
export class VoiceConnectorStreamingGrants {
  /**
   * Grants for a voice connector.
   *
   * @param voiceConnector the voice connector
   */
  public static fromVoiceConnector(voiceConnector: IVoiceConnectorRef): VoiceConnectorStreamingGrants {
    return new VoiceConnectorStreamingGrants(voiceConnector);
  }

  private constructor(private readonly voiceConnector: IVoiceConnectorRef) {}

  /**
   * Allows reading the media of calls. The permission covers the Kinesis video streams that this voice connector creates, which are named
   * `ChimeVoiceConnector-<id>-…`, and no others.
   *
   * @param grantee The principal to grant access to.
   * @see https://docs.aws.amazon.com/chime-sdk/latest/ag/start-kinesis-vc.html
   */
  public readMedia(grantee: iam.IGrantable): iam.Grant {
    const { voiceConnectorArn } = this.voiceConnector.voiceConnectorRef;
    const { region, account } = this.voiceConnector.env;
    const stream = Stack.of(this.voiceConnector).formatArn({
      service: 'kinesisvideo', region, account, resource: 'stream', resourceName: `ChimeVoiceConnector-${voiceConnectorIdOf(voiceConnectorArn)}-*/*`,
    });
    const grant = iam.Grant.addToPrincipal({ grantee, actions: READ_MEDIA, resourceArns: [stream] });
    return suppressGrant(grant, grantee, 'The service makes the streams of a voice connector, and names them.');
  }
}
