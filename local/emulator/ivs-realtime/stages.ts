import { ServiceError } from '../errors';
import { CallContext, Input, ResourceRequest, ResourceResult, ResourceType } from '../service';
import { mapOfTags } from '../tags';
import { assertOwnAccount, Context, invalidRequest, notFound, regionOf as regionOfCall, shown } from './lookup';
import { regions } from './options';
import { newEndpoints, Region, Stage } from './state';
import { assertTags } from './tags';

const knownProperties = ['AutoParticipantRecordingConfiguration', 'Name', 'Tags'];

/** AWS::IVS::Stage: Ref and `Arn` are the ARN. A session never has participants. Nothing about it needs a replacement. */
export function stageType(context: Context): ResourceType {
  return {
    create: request => {
      const region = regionOf(context, request);
      const arn = region.newArn('stage');
      const stage: Stage = { arn, endpoints: newEndpoints(arn), ...wanted(request) };
      region.stages.add(stage, request.now);
      return resultOf(stage.arn);
    },
    update: request => {
      const region = regionOf(context, request);
      const { physicalId = '' } = request;
      if (!region.stages.byArn(physicalId, request.now)) {
        throw new ServiceError('ResourceNotFoundException', `${physicalId} does not exist`, 404);
      }
      region.stages.change(physicalId, request.now, current => ({ ...current, ...wanted(request) }));
      return resultOf(physicalId);
    },
    delete: request => {
      const { physicalId = '' } = request;
      removeStage(context, regionOf(context, request), physicalId, request.now);
      return resultOf(physicalId);
    },
  };
}

/** Without a session, which only participants begin. */
export function getStage(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  assertOwnAccount(call, input.arn);
  const stage = regionOfCall(context, call).stages.byArn(input.arn, call.readAt);
  if (!stage) throw notFound(input.arn);
  const { arn, name, tags, endpoints } = stage;
  return { stage: { arn, name: shown(context, name), tags: shown(context, tags), endpoints } };
}

/** Disconnects all participants. */
export function removeStage({ options }: Context, region: Region, arn: string, now: number): void {
  region.stages.change(arn, now, () => undefined);
  const attached = region.ingestConfigurations.all(now)
    .filter(({ stageArn, state }) => stageArn === arn && (state === 'ACTIVE' || options.deletedStage !== 'publishing'));
  for (const configuration of attached) {
    region.ingestConfigurations.change(configuration.arn, now, current => ({ ...current, stageArn: '', state: 'INACTIVE' }));
  }
}

function regionOf(context: Context, { account, region }: ResourceRequest): Region {
  if (!regions.includes(region)) throw new ServiceError('UnsupportedRegion', `AWS::IVS::Stage does not exist in ${region}`, 400);
  return context.regions.of(account, region);
}

function wanted({ properties }: ResourceRequest): Pick<Stage, 'name' | 'tags'> {
  const unknown = Object.keys(properties).find(property => !knownProperties.includes(property));
  if (unknown) throw new ServiceError('ValidationException', `AWS::IVS::Stage has no property ${unknown}`, 400);
  const tags = mapOfTags((properties.Tags ?? []) as { Key: string; Value: string }[], invalidRequest);
  assertTags(tags);
  return { name: String(properties.Name ?? ''), tags };
}

function resultOf(arn: string): ResourceResult {
  return { physicalId: arn, attributes: { Arn: arn, ActiveSessionId: '' } };
}
