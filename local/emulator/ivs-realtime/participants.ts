import { ServiceError } from '../errors';
import { CallContext, Input } from '../service';
import { assertOwnAccount, Context, notFound, regionOf, shown } from './lookup';
import { participantArn } from './state';

/** Only encoders are participants here, and an encoder publishes as soon as it is connected. */
export function getParticipant(context: Context, { stageArn, sessionId, participantId }: Input, call: CallContext): Record<string, unknown> {
  assertOwnAccount(call, stageArn);
  const region = regionOf(context, call);
  if (!region.stages.byArn(stageArn, call.readAt)) throw notFound(stageArn);
  const found = region.participants.byArn(participantArn(stageArn, sessionId, participantId), call.readAt);
  if (!found) throw new ServiceError('ResourceNotFoundException', `Participant: ${participantId} not found`);
  const { configuration: { arn, userId, attributes, ingestProtocol, redundantIngest }, recording, firstJoinTime, isConnected } = found;
  const bucket = recording && region.storageConfigurations.byArn(recording.storageConfigurationArn, call.readAt)?.bucketName;
  return {
    participant: {
      participantId,
      userId: shown(context, userId),
      attributes: shown(context, attributes),
      state: isConnected ? 'CONNECTED' : 'DISCONNECTED',
      firstJoinTime: new Date(firstJoinTime),
      published: true,
      recordingS3BucketName: bucket ?? '',
      recordingState: recording ? isConnected ? 'ACTIVE' : 'STOPPED' : 'DISABLED',
      protocol: ingestProtocol,
      replicationType: 'NONE',
      redundantIngest,
      ingestConfigurationArn: arn,
    },
  };
}
