import { ServiceError } from '../errors';
import { CallContext, Input, ResourceRequest, ResourceResult, ResourceType } from '../service';
import { mapOfTags } from '../tags';
import { assertVerified, configurationByArn, Context, invalidRequest, notFound, regionOf, regionOfResource, shown } from './lookup';
import { pageByArn } from './paging';
import { members } from './recording';
import { IngestConfiguration, Region } from './state';
import { assertTags } from './tags';

type Output = Record<string, unknown>;

const maximumAttributeBytes = 1024;

const type = 'AWS::IVS::IngestConfiguration';

/** AWS::IVS::IngestConfiguration: Ref and `Arn` are the ARN. Only the stage and the tags are changed in place. */
export function ingestConfigurationType(context: Context): ResourceType {
  const create = (request: ResourceRequest): ResourceResult => {
    const region = regionOfResource(context, type, request);
    return resultOf(newConfiguration(context, region, wanted(request), request.now));
  };
  return {
    create,
    update: request => {
      const region = regionOfResource(context, type, request);
      const { physicalId = '', now } = request;
      const current = region.ingestConfigurations.byArn(physicalId, now);
      if (!current) throw notFound(physicalId);
      const { stageArn = '', tags, ...createOnly } = wanted(request);
      if (Object.entries(createOnly).some(([member, value]) => current[member as 'name'] !== value)) return create(request);
      assertStage(context, region, stageArn, now, 'ResourceNotFoundException');
      if (current.state === 'ACTIVE' && stageArn !== current.stageArn) throw conflict(current, 'updated');
      region.changeIngestConfiguration(physicalId, now, same => ({ ...same, stageArn, tags }));
      return resultOf(region.ingestConfigurations.byArn(physicalId, now)!);
    },
    delete: request => {
      const region = regionOfResource(context, type, request);
      const { physicalId = '', now } = request;
      const current = region.ingestConfigurations.byArn(physicalId, now);
      if (current?.state === 'ACTIVE' && context.options.nativeDeletion !== 'forced') throw conflict(current, 'deleted without force');
      region.changeIngestConfiguration(physicalId, now, () => undefined);
      return { physicalId, attributes: {} };
    },
  };
}

type Wanted = Pick<IngestConfiguration, 'ingestProtocol' | 'insecureIngest' | 'name' | 'stageArn' | 'tags' | 'userId'>;

function wanted({ properties }: ResourceRequest): Wanted {
  const { IngestProtocol = 'RTMPS', InsecureIngest = false, Name = '', StageArn = '', Tags = [], UserId = '' } = members(type, properties, [
    'IngestProtocol', 'InsecureIngest', 'Name', 'StageArn', 'Tags', 'UserId',
  ]) as Input;
  const tags = mapOfTags(Tags, invalidRequest);
  return { ingestProtocol: IngestProtocol, insecureIngest: String(InsecureIngest) === 'true', name: Name, stageArn: StageArn, tags, userId: UserId };
}

/** Without the attribute StreamKey, because no answer to a control request contains a key. */
function resultOf({ arn, participantId, state }: IngestConfiguration): ResourceResult {
  return { physicalId: arn, attributes: { Arn: arn, ParticipantId: participantId, State: state } };
}

/** Not idempotent: no token, and names are not unique. */
export function createIngestConfiguration(context: Context, input: Input, call: CallContext): Output {
  assertVerified(context);
  const region = regionOf(context, call);
  return { ingestConfiguration: details(context, newConfiguration(context, region, given(input) as Wanted, call.now)) };
}

/** Values that aren't given are empty. */
function newConfiguration(
  context: Context, region: Region, request: Pick<IngestConfiguration, 'ingestProtocol'> & Partial<IngestConfiguration>, now: number,
): IngestConfiguration {
  const { name = '', ingestProtocol, insecureIngest = false, stageArn = '', userId = '', attributes = {}, redundantIngest = false, tags = {} } = request;
  if (ingestProtocol === 'RTMP' && !insecureIngest) throw invalidRequest('insecureIngest must be true when ingestProtocol is RTMP');
  assertAttributes(attributes);
  assertTags(tags);
  assertStage(context, region, stageArn, now, 'ValidationException');
  assertQuota(context, region, now);
  const configuration: IngestConfiguration = {
    ...region.newCredential(),
    arn: region.newArn('ingest-configuration'),
    name,
    ingestProtocol,
    insecureIngest,
    stageArn,
    state: 'INACTIVE',
    userId,
    attributes,
    redundantIngest,
    redundantIngestCredentials: redundantCredentials(context, region, redundantIngest),
    tags,
  };
  region.ingestConfigurations.add(configuration, now);
  return configuration;
}

export function getIngestConfiguration(context: Context, input: Input, call: CallContext): Output {
  return { ingestConfiguration: details(context, configurationByArn(context, call, input.arn, call.readAt)) };
}

export function updateIngestConfiguration(context: Context, input: Input, call: CallContext): Output {
  assertVerified(context);
  const region = regionOf(context, call);
  const configuration = configurationByArn(context, call, input.arn, call.now);
  const omitted = context.options.omittedOnUpdate === 'cleared' ? { stageArn: '', redundantIngest: false } : configuration;
  const { stageArn = omitted.stageArn, redundantIngest = omitted.redundantIngest } = given(input);
  if (configuration.state === 'ACTIVE') throw conflict(configuration, 'updated');
  // A stage that stays need not exist any more.
  if (input.stageArn) assertStage(context, region, stageArn, call.now, 'ResourceNotFoundException');
  region.changeIngestConfiguration(configuration.arn, call.now, current => updated(context, region, current, stageArn, redundantIngest));
  return { ingestConfiguration: details(context, configurationByArn(context, call, input.arn, call.now)) };
}

function updated(
  context: Context, region: Region, current: IngestConfiguration, stageArn: string, redundantIngest: boolean,
): IngestConfiguration {
  if (current.stageArn === stageArn && current.redundantIngest === redundantIngest) return current;
  return { ...current, stageArn, ...withRedundantIngest(context, region, current, redundantIngest) };
}

/** Credentials stay as long as it is on; turned on again, it gets new ones. */
export function withRedundantIngest(
  context: Context, region: Region, current: IngestConfiguration, redundantIngest: boolean,
): Pick<IngestConfiguration, 'redundantIngest' | 'redundantIngestCredentials'> {
  const { redundantIngestCredentials } = current;
  if (current.redundantIngest === redundantIngest) return { redundantIngest, redundantIngestCredentials };
  return { redundantIngest, redundantIngestCredentials: redundantCredentials(context, region, redundantIngest) };
}

export function deleteIngestConfiguration(context: Context, input: Input, call: CallContext): Output {
  assertVerified(context);
  const { arn, state } = configurationByArn(context, call, input.arn, call.now);
  if (state === 'ACTIVE' && !input.force) throw conflict({ arn }, 'deleted without force');
  regionOf(context, call).changeIngestConfiguration(arn, call.now, () => undefined);
  return {};
}

export function listIngestConfigurations(context: Context, input: Input, call: CallContext): Output {
  const { filterByStageArn, filterByState, maxResults = 50, nextToken } = given(input);
  if (filterByStageArn !== undefined && filterByState !== undefined) {
    throw invalidRequest('Only one of filterByStageArn and filterByState can be given');
  }
  const matching = regionOf(context, call).ingestConfigurations.all(call.readAt)
    .filter(({ stageArn, state }) => stageArn === (filterByStageArn ?? stageArn) && state === (filterByState ?? state));
  const { page, nextToken: next } = pageByArn(matching, maxResults, nextToken);
  return { ingestConfigurations: page.map(configuration => summary(context, configuration)), nextToken: next };
}

function summary(context: Context, configuration: IngestConfiguration): Output {
  const { arn, name, ingestProtocol, stageArn, participantId, state, userId, redundantIngest } = configuration;
  return { arn, name: shown(context, name), ingestProtocol, stageArn, participantId, state, userId: shown(context, userId), redundantIngest };
}

function details(context: Context, configuration: IngestConfiguration): Output {
  const { streamKey, attributes, redundantIngest, redundantIngestCredentials, tags } = configuration;
  return {
    ...summary(context, configuration),
    streamKey,
    attributes: shown(context, context.options.attributeOrder === 'sorted' ? sortedByKey(attributes) : attributes),
    ...redundantIngest && { redundantIngestCredentials: inOrder(context, redundantIngestCredentials) },
    tags: shown(context, tags),
  };
}

function sortedByKey(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => a < b ? -1 : 1));
}

function inOrder<T>(context: Context, credentials: readonly T[]): readonly T[] {
  if (context.options.credentialOrder !== 'rotating') return credentials;
  context.responses += 1;
  const first = context.responses % credentials.length;
  return [...credentials.slice(first), ...credentials.slice(0, first)];
}

/** JSON null is an absent member. */
function given(input: Input): Input {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
}

function redundantCredentials({ options }: Context, region: Region, redundantIngest: boolean): IngestConfiguration['redundantIngestCredentials'] {
  return Array.from({ length: redundantIngest ? options.redundantCredentials ?? 2 : 0 }, () => region.newCredential());
}

export function assertAttributes(attributes: Record<string, string>): void {
  const bytes = Buffer.byteLength(Object.entries(attributes).flat().join(''), 'utf8');
  if (bytes > maximumAttributeBytes) throw invalidRequest(`attributes have ${bytes} bytes; the maximum is ${maximumAttributeBytes}`);
}

/** The stage of an ARN of another account or region does not exist here. */
function assertStage(context: Context, region: Region, stageArn: string, now: number, modelled: string): void {
  const { missingStage = 'modelled' } = context.options;
  if (stageArn === '' || missingStage === 'unchecked' || region.stages.byArn(stageArn, now)) return;
  const error = missingStage === 'modelled' ? modelled : missingStage === 'invalid' ? 'ValidationException' : 'ResourceNotFoundException';
  throw new ServiceError(error, notFound(stageArn).message);
}

function assertQuota({ options }: Context, region: Region, now: number): void {
  if (region.ingestConfigurations.all(now).length >= (options.quota ?? Infinity)) {
    throw new ServiceError('ServiceQuotaExceededException', 'You have reached the maximum number of ingest configurations.');
  }
}

function conflict({ arn }: Pick<IngestConfiguration, 'arn'>, what: string): ServiceError {
  return new ServiceError('ConflictException', `Resource: ${arn} is ACTIVE and cannot be ${what}`);
}
