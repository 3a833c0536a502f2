import type { MeetingFeaturesProperty, MeetingNotificationsProperty, PoolAttendeeProperty } from './meeting-pool-contract';
import type { MeetingFeatures } from '../meeting-features';
import type { MeetingNotifications } from '../meeting-notifications';
import { AttendeeCapability, type PoolAttendee } from '../pool-attendee';

/* Properties in the shape of the API. */

/** Omits groups without members. */
export function featuresProperty(
  { echoReduction, videoMaxResolution, contentMaxResolution, attendeeMaxCount }: MeetingFeatures,
): MeetingFeaturesProperty {
  return {
    ...echoReduction ? { Audio: { EchoReduction: 'AVAILABLE' } } : {},
    ...videoMaxResolution !== undefined ? { Video: { MaxResolution: videoMaxResolution } } : {},
    ...contentMaxResolution !== undefined ? { Content: { MaxResolution: contentMaxResolution } } : {},
    ...attendeeMaxCount !== undefined ? { Attendee: { MaxCount: attendeeMaxCount } } : {},
  };
}

export function notificationsProperty({ lambdaFunction, snsTopic, sqsQueue }: MeetingNotifications): MeetingNotificationsProperty {
  return { LambdaFunctionArn: lambdaFunction?.functionArn, SnsTopicArn: snsTopic?.topicArn, SqsQueueArn: sqsQueue?.queueArn };
}

/** The API requires either all three capabilities or none. */
export function attendeeProperty({ externalUserId, capabilities }: PoolAttendee): PoolAttendeeProperty {
  if (!capabilities) return { ExternalUserId: externalUserId };
  const all = AttendeeCapability.SEND_RECEIVE;
  const { audio = all, video = all, content = all } = capabilities;
  return { ExternalUserId: externalUserId, Capabilities: { Audio: audio, Video: video, Content: content } };
}
