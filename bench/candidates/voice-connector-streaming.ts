import { CfnResource, Duration } from 'aws-cdk-lib';
import { type Candidate, each } from './candidate';
import { NotificationTarget, VoiceConnector, VoiceConnectorStreaming } from '../../src';

/** Each with its connector, which CloudFormation makes by itself: two resources. */
export const candidate: Candidate = {
  name: 'VoiceConnectorStreaming',
  add: (stack, count) => each(count, (index) => {
    const connector = new CfnResource(stack, `Connector${index}`, {
      type: 'AWS::Chime::VoiceConnector', properties: { Name: `connector-${index}`, RequireEncryption: true },
    });
    new VoiceConnectorStreaming(stack, `Streaming${index}`, {
      voiceConnector: VoiceConnector.fromVoiceConnectorArn(stack, `Imported${index}`, connector.ref),
      dataRetention: Duration.hours(24),
      notificationTargets: [NotificationTarget.EVENT_BRIDGE],
    });
  }),
};
