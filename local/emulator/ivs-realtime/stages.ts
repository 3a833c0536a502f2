import { isDeepStrictEqual } from 'node:util';
import { ServiceError } from '../errors';
import { CallContext, Input, ResourceRequest, ResourceResult, ResourceType } from '../service';
import { mapOfTags } from '../tags';
import { assertOwnAccount, assertVerified, Context, invalidRequest, notFound, regionOf, regionOfResource, shown } from './lookup';
import { pageByArn } from './paging';
import { members, recordingOf, requestedRecording } from './recording';
import { IngestConfiguration, newEndpoints, ParticipantRecording, Region, Stage } from './state';
import { assertTags } from './tags';

const type = 'AWS::IVS::Stage';

/** AWS::IVS::Stage: Ref and `Arn` are the ARN. Nothing about it needs a replacement. */
export function stageType(context: Context): ResourceType {
  return {
    create: request => {
      const region = regionOfResource(context, type, request);
      return resultOf(newStage(context, region, wanted(context, region, request), request.now).arn);
    },
    update: request => {
      const region = regionOfResource(context, type, request);
      const { physicalId = '', now } = request;
      const stage = region.stages.byArn(physicalId, now);
      if (!stage) throw new ServiceError('ResourceNotFoundException', `${physicalId} does not exist`, 404);
      const changed = wanted(context, region, request, stage.recording);
      assertNoActiveRecording(region, stage, changed.recording, now);
      region.stages.change(physicalId, now, current => ({ ...current, ...changed }));
      return resultOf(physicalId);
    },
    delete: request => {
      const { physicalId = '' } = request;
      removeStage(context, regionOfResource(context, type, request), physicalId, request.now);
      return resultOf(physicalId);
    },
  };
}

/** Without participant tokens. */
export function createStage(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const { name = '', tags = {}, participantTokenConfigurations, autoParticipantRecordingConfiguration } = input;
  if (participantTokenConfigurations) throw new ServiceError('NotEmulated', 'CreateStage has no participant tokens here', 400);
  assertTags(tags);
  const region = regionOf(context, call);
  const recording = requestedRecording(context, region, autoParticipantRecordingConfiguration, call.now);
  return { stage: shownStage(context, newStage(context, region, { name, tags, recording }, call.now)) };
}

/** A name that isn't given stays. */
export function updateStage(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const { arn, name, autoParticipantRecordingConfiguration } = input;
  assertVerified(context);
  assertOwnAccount(call, arn);
  const region = regionOf(context, call);
  const stage = region.stages.byArn(arn, call.now);
  if (!stage) throw notFound(arn);
  const recording = requestedRecording(context, region, autoParticipantRecordingConfiguration, call.now, stage);
  assertNoActiveRecording(region, stage, recording, call.now);
  region.stages.change(arn, call.now, current => ({ ...current, name: name ?? current.name, recording }));
  return { stage: shownStage(context, region.stages.byArn(arn, call.now)!) };
}

export function deleteStage(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  assertOwnAccount(call, input.arn);
  const region = regionOf(context, call);
  if (!region.stages.byArn(input.arn, call.now)) throw notFound(input.arn);
  removeStage(context, region, input.arn, call.now);
  return {};
}

export function listStages(context: Context, { maxResults = 50, nextToken }: Input, call: CallContext): Record<string, unknown> {
  const { page, nextToken: next } = pageByArn(regionOf(context, call).stages.all(call.readAt), maxResults, nextToken ?? undefined);
  return { stages: page.map(({ arn, name, tags }) => ({ arn, name: shown(context, name), tags: shown(context, tags) })), nextToken: next };
}

function newStage(context: Context, region: Region, stage: Pick<Stage, 'name' | 'recording' | 'tags'>, now: number): Stage {
  const arn = region.newArn('stage');
  const host = context.options.stageEndpoints === 'shared' ? `${region.account} ${region.region}` : arn;
  const created: Stage = { arn, endpoints: newEndpoints(host), ...stage };
  region.stages.add(created, now);
  return created;
}

export function getStage(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  assertOwnAccount(call, input.arn);
  const stage = regionOf(context, call).stages.byArn(input.arn, call.readAt);
  if (!stage) throw notFound(input.arn);
  return { stage: shownStage(context, stage) };
}

function shownStage(context: Context, { arn, name, tags, endpoints, recording, activeSessionId }: Stage): Record<string, unknown> {
  const autoParticipantRecordingConfiguration = recording && details(recording);
  return { arn, name: shown(context, name), activeSessionId, tags: shown(context, tags), endpoints, autoParticipantRecordingConfiguration };
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
  region.changeIngestConfiguration(publisher.arn, call.now, detached);
  return {};
}

/** Disconnects all participants. */
export function removeStage({ options }: Context, region: Region, arn: string, now: number): void {
  region.stages.change(arn, now, () => undefined);
  const attached = region.ingestConfigurations.all(now)
    .filter(({ stageArn, state }) => stageArn === arn && (state === 'ACTIVE' || options.deletedStage !== 'publishing'));
  for (const configuration of attached) {
    region.changeIngestConfiguration(configuration.arn, now, detached);
  }
}

/** A recording is active while an encoder publishes. The time that the service waits for a lost connection afterwards isn't emulated. */
function assertNoActiveRecording(region: Region, { arn, recording }: Stage, wantedRecording: ParticipantRecording | undefined, now: number): void {
  if (!recording || isDeepStrictEqual(recording, wantedRecording)) return;
  const isPublished = region.ingestConfigurations.all(now).some(({ stageArn, state }) => stageArn === arn && state === 'ACTIVE');
  if (isPublished) throw new ServiceError('ConflictException', `Stage: ${arn} cannot be updated while a recording is active`, 409);
}

function detached(configuration: IngestConfiguration): IngestConfiguration {
  return { ...configuration, stageArn: '', state: 'INACTIVE' };
}

function details({ targetSegmentDurationSeconds, thumbnails, ...recording }: ParticipantRecording): Record<string, unknown> {
  return { ...recording, hlsConfiguration: { targetSegmentDurationSeconds }, thumbnailConfiguration: thumbnails };
}

function wanted(
  context: Context, region: Region, { properties, now }: ResourceRequest, current?: ParticipantRecording,
): Pick<Stage, 'name' | 'recording' | 'tags'> {
  const { Name = '', AutoParticipantRecordingConfiguration, Tags = [] } = members(type, properties, ['AutoParticipantRecordingConfiguration', 'Name', 'Tags']);
  const tags = mapOfTags(Tags as { Key: string; Value: string }[], invalidRequest);
  assertTags(tags);
  if (!/^[a-zA-Z0-9_-]{0,128}$/.test(String(Name))) throw invalidRequest('Name must match [a-zA-Z0-9-_]* and have at most 128 characters');
  return { name: String(Name), recording: recordingOf(context, region, AutoParticipantRecordingConfiguration, now, current), tags };
}

function resultOf(arn: string): ResourceResult {
  return { physicalId: arn, attributes: { Arn: arn, ActiveSessionId: '' } };
}
