import { ServiceError } from '../errors';
import { CallContext, Input, ResourceRequest, ResourceResult, ResourceType } from '../service';
import { mapOfTags } from '../tags';
import { assertOwnAccount, assertVerified, Context, invalidRequest, notFound, regionOf, regionOfResource, shown } from './lookup';
import { members, recordingOf } from './recording';
import { IngestConfiguration, newEndpoints, ParticipantRecording, Region, Stage } from './state';
import { assertTags } from './tags';

const type = 'AWS::IVS::Stage';

/** AWS::IVS::Stage: Ref and `Arn` are the ARN. A session never has participants. Nothing about it needs a replacement. */
export function stageType(context: Context): ResourceType {
  return {
    create: request => {
      const region = regionOfResource(context, type, request);
      const arn = region.newArn('stage');
      const stage: Stage = { arn, endpoints: newEndpoints(arn), ...wanted(region, request) };
      region.stages.add(stage, request.now);
      return resultOf(stage.arn);
    },
    update: request => {
      const region = regionOfResource(context, type, request);
      const { physicalId = '' } = request;
      if (!region.stages.byArn(physicalId, request.now)) {
        throw new ServiceError('ResourceNotFoundException', `${physicalId} does not exist`, 404);
      }
      const changed = wanted(region, request);
      region.stages.change(physicalId, request.now, current => ({ ...current, ...changed }));
      return resultOf(physicalId);
    },
    delete: request => {
      const { physicalId = '' } = request;
      removeStage(context, regionOfResource(context, type, request), physicalId, request.now);
      return resultOf(physicalId);
    },
  };
}

/** Without a session, which only participants begin. */
export function getStage(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  assertOwnAccount(call, input.arn);
  const stage = regionOf(context, call).stages.byArn(input.arn, call.readAt);
  if (!stage) throw notFound(input.arn);
  const { arn, name, tags, endpoints, recording } = stage;
  const autoParticipantRecordingConfiguration = recording && details(recording);
  return { stage: { arn, name: shown(context, name), tags: shown(context, tags), endpoints, autoParticipantRecordingConfiguration } };
}

/**
 * Disconnects the encoder that publishes with an ingest configuration, and detaches the configuration from the stage. Other participants don't exist here.
 * The documentation promises the detachment for a participant that publishes. A participant that isn't connected is not found (assumed of the real service).
 */
export function disconnectParticipant(context: Context, { stageArn, participantId }: Input, call: CallContext): Record<string, unknown> {
  assertVerified(context);
  assertOwnAccount(call, stageArn);
  const region = regionOf(context, call);
  if (!region.stages.byArn(stageArn, call.now)) throw notFound(stageArn);
  const publisher = region.ingestConfigurations.all(call.now).find(configuration => (
    configuration.stageArn === stageArn && configuration.state === 'ACTIVE'
    && [configuration, ...configuration.redundantIngestCredentials].some(credential => credential.participantId === participantId)
  ));
  if (!publisher) throw new ServiceError('ResourceNotFoundException', `Participant: ${participantId} not found`);
  region.ingestConfigurations.change(publisher.arn, call.now, detached);
  return {};
}

/** Disconnects all participants. */
export function removeStage({ options }: Context, region: Region, arn: string, now: number): void {
  region.stages.change(arn, now, () => undefined);
  const attached = region.ingestConfigurations.all(now)
    .filter(({ stageArn, state }) => stageArn === arn && (state === 'ACTIVE' || options.deletedStage !== 'publishing'));
  for (const configuration of attached) {
    region.ingestConfigurations.change(configuration.arn, now, detached);
  }
}

function detached(configuration: IngestConfiguration): IngestConfiguration {
  return { ...configuration, stageArn: '', state: 'INACTIVE' };
}

function details({ targetSegmentDurationSeconds, thumbnails, ...recording }: ParticipantRecording): Record<string, unknown> {
  return { ...recording, hlsConfiguration: { targetSegmentDurationSeconds }, thumbnailConfiguration: thumbnails };
}

function wanted(region: Region, { properties, now }: ResourceRequest): Pick<Stage, 'name' | 'recording' | 'tags'> {
  const { Name = '', AutoParticipantRecordingConfiguration, Tags = [] } = members(type, properties, ['AutoParticipantRecordingConfiguration', 'Name', 'Tags']);
  const tags = mapOfTags(Tags as { Key: string; Value: string }[], invalidRequest);
  assertTags(tags);
  if (!/^[a-zA-Z0-9_-]{0,128}$/.test(String(Name))) throw invalidRequest('Name must match [a-zA-Z0-9-_]* and have at most 128 characters');
  return { name: String(Name), recording: recordingOf(region, AutoParticipantRecordingConfiguration, now), tags };
}

function resultOf(arn: string): ResourceResult {
  return { physicalId: arn, attributes: { Arn: arn, ActiveSessionId: '' } };
}
