import { CHIME_MEETING_POOL_LIMITS, POOL_TAG } from '../../src/chime-sdk-meetings/private/meeting-pool-contract';
import { STREAMING_TAG } from '../../src/chime-sdk-voice/private/voice-connector-streaming';
import { IMAGE_GENERATION_TAG } from '../../src/kinesisvideo/private/video-stream-image-generation';
import { NOTIFICATION_TAG } from '../../src/kinesisvideo/private/video-stream-notification';
import { RESOURCE_TAG, STACK_TAG } from '../../src/private/contract';
import type { CallRecord } from '../emulator';
import type { CustomResourceRequest, Invocation } from '../launcher/local-cloud';

type Tags = Readonly<Record<string, string>>;

/** Everything that the page shows of one moment. It is put together member by member: a key or token that is new somewhere does not get in. */
export interface Feed {
  readonly resources: ResourceView[];
  readonly meetings: MeetingView[];
  readonly pools: PoolView[];
}

/** Which construct a resource belongs to. */
export interface OwnerView {
  readonly stack: string;
  /** Present if a request contains it. */
  readonly logicalId?: string;
  /** The tags that say so. */
  readonly tags: Tags;
}

export interface ResourceView {
  readonly arn: string;
  readonly kind: string;
  readonly name: string;
  readonly region: string;
  readonly state: string;
  readonly facts: string[];
  readonly owner?: OwnerView;
  /** The user's. */
  readonly tags: Tags;
}

export interface MeetingView {
  readonly arn: string;
  readonly id: string;
  readonly namespace: string;
  readonly region: string;
  readonly owner?: OwnerView;
  readonly pool?: string;
  /** What the pool's table says of it. */
  readonly life?: string;
  readonly attendees: { readonly externalUserId: string; readonly connected: boolean }[];
  /** The clock that runs out first, and since when it runs. */
  readonly clock: 'no attendee connected' | 'one attendee connected' | 'since its creation';
  readonly since: number;
  readonly endsAt: number;
}

export interface PoolView {
  readonly table: string;
  readonly name: string;
  readonly state: string;
  readonly size: number;
  readonly items: PoolItemView[];
}

export interface PoolItemView {
  /** Undefined for an on-demand meeting. */
  readonly slot?: number;
  readonly life: string;
  readonly meetingId?: string;
  readonly endsAt?: number;
}

/** A secret without its value. */
export interface StoredSecret {
  readonly arn: string;
  readonly name: string;
  readonly tags: Tags;
  readonly deleted: boolean;
}

/** What the feed is made from. */
export interface Sources {
  /** `emulator.state()`. */
  readonly state: Record<string, unknown>;
  readonly region: string;
  readonly secrets: readonly StoredSecret[];
  readonly pools: readonly PoolView[];
  /** Readable names of owners: logical ids by the hash that is in the owner tag. */
  readonly logicalIds: ReadonlyMap<string, string>;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Item = any;

export function feedOf(sources: Sources): Feed {
  const { secrets, pools, region } = sources;
  const of = (service: string, kind: string) => itemsOf(sources.state, service, kind);
  const view = (arn: string, tags: Tags, rest: Omit<ResourceView, 'arn' | 'tags' | 'owner'>): ResourceView =>
    ({ arn, ...rest, owner: ownerIn(tags, sources.logicalIds), tags: usersTags(tags) });
  return {
    resources: [
      ...of('kinesisvideo', 'channels').map((channel) => view(channel.arn, channel.tags, {
        kind: 'Signaling channel', name: channel.name, region: channel.region, state: channel.status, facts: channelFacts(channel),
      })),
      ...of('kinesisvideo', 'streams').map((stream) => view(stream.arn, stream.tags, {
        kind: 'Stream', name: stream.name, region: stream.region, state: stream.status, facts: streamFacts(stream, sources.logicalIds),
      })),
      ...of('chime-sdk-voice', 'voiceConnectors').map((connector) => view(connector.arn, connector.tags, {
        kind: 'Voice connector', name: connector.name || connector.id, region: connector.region, state: streamingState(connector), facts: connectorFacts(connector),
      })),
      ...of('chime-sdk-voice', 'phoneNumbers').map((number) => ({
        ...view(number.arn, {}, { kind: 'Phone number', name: number.name, region: number.region, state: number.status, facts: numberFacts(number) }),
        owner: ownerInName(number.label, sources.logicalIds),
      })),
      ...of('ivs-realtime', 'stages').map((stage) => view(stage.arn, stage.tags, {
        kind: 'Stage', name: stage.name || lastPart(stage.arn), region: stage.region, state: '–', facts: stage.recording ? ['records'] : [],
      })),
      ...of('ivs-realtime', 'storageConfigurations').map((storage) => view(storage.arn, storage.tags, {
        kind: 'Storage configuration', name: storage.name || lastPart(storage.arn), region: storage.region, state: '–', facts: [`bucket ${storage.bucketName}`],
      })),
      ...of('ivs-realtime', 'ingestConfigurations').map((ingest) => view(ingest.arn, ingest.tags, {
        kind: 'Ingest configuration', name: ingest.name || lastPart(ingest.arn), region: ingest.region, state: ingest.state, facts: ingestFacts(ingest),
      })),
      ...secrets.map(({ arn, name, tags, deleted }) => view(arn, tags, {
        kind: 'Secret', name, region, state: deleted ? 'DELETED' : '–', facts: ['value hidden'],
      })),
    ],
    meetings: ['chime-sdk-meetings', 'chime'].flatMap((namespace) => of(namespace, 'meetings').map((meeting) => meetingView(meeting, namespace, sources))),
    pools: [...pools],
  };
}

function itemsOf(state: Record<string, unknown>, service: string, kind: string): Item[] {
  const regions = (state[service] ?? []) as Record<string, Item>[];
  return regions.flatMap((region) => ((region[kind] ?? []) as Item[]).map((item) => ({ ...item, region: region.region })));
}

function channelFacts({ type, messageTtlSeconds, storageStreamArn }: Item): string[] {
  return [
    type,
    ...messageTtlSeconds === undefined ? [] : [`message TTL ${messageTtlSeconds} s`],
    storageStreamArn ? `records into ${storageStreamArn.split('/')[1]}` : 'no recording',
  ];
}

function streamFacts({ dataRetentionInHours, imageGeneration, notification, tags }: Item, logicalIds: ReadonlyMap<string, string>): string[] {
  const settingFact = (words: string, { Status, DestinationConfig: { Uri } }: Item, owner: string | undefined) => {
    const { stack, logicalId } = owner === undefined ? {} : settingOwnerOf(owner, logicalIds);
    const ownerWords = stack === undefined ? 'no owner tag' : `owner ${[stack, ...logicalId === undefined ? [] : [logicalId]].join(' / ')}`;
    return `${words} ${Uri} (${Status === 'DISABLED' ? 'disabled, ' : ''}${ownerWords})`;
  };
  return [
    `keeps ${dataRetentionInHours} h`,
    ...imageGeneration ? [settingFact(`writes images every ${imageGeneration.SamplingInterval / 1000} s to`, imageGeneration, tags[IMAGE_GENERATION_TAG])] : [],
    ...notification ? [settingFact('notifies', notification, tags[NOTIFICATION_TAG])] : [],
  ];
}

function streamingState({ streaming }: Item): string {
  if (!streaming) return 'NO STREAMING';
  return streaming.Disabled ? 'STREAMING DISABLED' : 'STREAMING';
}

function connectorFacts({ streaming, termination, origination, logging }: Item): string[] {
  const targets = (streaming?.StreamingNotificationTargets ?? []).map(({ NotificationTarget }: Item) => NotificationTarget).join(', ');
  const hosts = (origination?.Routes ?? []).map(({ Host }: Item) => Host).join(', ');
  return [
    ...streaming ? [`keeps ${streaming.DataRetentionInHours} h`] : [],
    ...targets ? [`notifies ${targets}`] : [],
    ...termination ? [`outbound calls to ${termination.CallingRegions?.join(', ') || 'no country'}${disabled(termination)}`] : [],
    ...hosts ? [`inbound calls to ${hosts}${disabled(origination)}`] : [],
    ...logging?.EnableSIPLogs ? ['logs SIP messages'] : [],
    ...logging?.EnableMediaMetricLogs ? ['logs media metrics'] : [],
  ];
}

function disabled({ Disabled }: Item): string {
  return Disabled ? ' (disabled)' : '';
}

function numberFacts({ productType, label, holder, deleted }: Item): string[] {
  const words = label.replace(OWNER_MARK, '').trim();
  return [
    productType,
    ...words ? [`named ${words}`] : [],
    ...deleted === undefined ? [holder === undefined ? 'not associated' : `associated with ${holder}`] : ['in the deletion queue'],
  ];
}

/** The last word of the name of a phone number, which has no tags. */
const OWNER_MARK = /cdk-rtc\.([0-9a-f]+)\.\S+$/;

/** The owner mark names the resource by a hash, and not its stack. */
function ownerInName(label: string, logicalIds: ReadonlyMap<string, string>): OwnerView | undefined {
  const [mark, resource] = OWNER_MARK.exec(label) ?? [];
  return mark === undefined ? undefined : { stack: 'owner mark', logicalId: logicalIds.get(resource!), tags: { name: mark } };
}

function ingestFacts({ ingestProtocol, stageArn, userId, redundantIngest }: Item): string[] {
  return [
    ingestProtocol,
    stageArn ? `publishes to stage ${lastPart(stageArn)}` : 'no stage',
    ...userId ? [`as ${userId}`] : [],
    ...redundantIngest ? ['redundant ingest'] : [],
  ];
}

function meetingView(meeting: Item, namespace: string, { pools, logicalIds }: Sources): MeetingView {
  const { arn, id, region, tags, attendees, endsAt } = meeting;
  return {
    arn,
    id,
    namespace,
    region,
    owner: ownerIn(tags, logicalIds),
    pool: tags[POOL_TAG],
    life: pools.flatMap(({ items }) => items).find(({ meetingId }) => meetingId === id)?.life,
    attendees: attendees.map(({ externalUserId, connected }: Item) => ({ externalUserId, connected })),
    ...clockOf(meeting),
    endsAt,
  };
}

function clockOf({ created, emptySince, loneSince, endsAt }: Item): Pick<MeetingView, 'clock' | 'since'> {
  // The last minutes of the longest possible meeting apply to every meeting.
  if (endsAt === created + CHIME_MEETING_POOL_LIMITS.meetingLifetime) return { clock: 'since its creation', since: created };
  if (emptySince !== undefined) return { clock: 'no attendee connected', since: emptySince };
  return loneSince === undefined ? { clock: 'since its creation', since: created } : { clock: 'one attendee connected', since: loneSince };
}

/** Who has made it: our own tags, or else those of CloudFormation, or else those of the settings of a stream. */
export function ownerIn(tags: Tags, logicalIds: ReadonlyMap<string, string>): OwnerView | undefined {
  const { [STACK_TAG]: ownStack, [RESOURCE_TAG]: ownResource = '', [STREAMING_TAG]: streaming } = tags;
  const ours = Object.fromEntries(Object.entries(tags).filter(([key]) => key.startsWith('cdk-rtc:')));
  if (ownStack !== undefined) return { stack: stackNameOf(ownStack), logicalId: logicalIds.get(ownResource.split('.')[0]!), tags: ours };
  if (streaming !== undefined) return { ...settingOwnerOf(streaming, logicalIds), tags: ours };
  const { 'aws:cloudformation:stack-name': stack, 'aws:cloudformation:logical-id': logicalId } = tags;
  if (stack !== undefined) return { stack, logicalId, tags: ours };
  const setting = tags[IMAGE_GENERATION_TAG] ?? tags[NOTIFICATION_TAG];
  // The stream has no single logical ID: each of its two settings is a resource.
  return setting === undefined ? undefined : { stack: stackNameOf(setting), tags: ours };
}

/** A setting has no tags, so its parent has a tag that names the owner of the setting: STACK_ID/RESOURCE_HASH, possibly with a mark. */
function settingOwnerOf(value: string, logicalIds: ReadonlyMap<string, string>): Pick<OwnerView, 'stack' | 'logicalId'> {
  // A stack ID has two slashes of its own.
  return { stack: stackNameOf(value), logicalId: logicalIds.get(value.split('/')[3] ?? '') };
}

function usersTags(tags: Tags): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !/^(cdk-rtc|aws):/.test(key)));
}

/** arn:aws:cloudformation:REGION:ACCOUNT:stack/NAME/UUID */
function stackNameOf(stackId: string): string {
  return stackId.split('/')[1] ?? stackId;
}

function lastPart(arn: string): string {
  return arn.split('/').at(-1)!;
}

// ---- the timeline ----------------------------------------------------------------------------------------------------

/** A call without its input. */
export interface CallView {
  readonly id: number;
  readonly time: number;
  readonly service: string;
  readonly operation: string;
  readonly resource?: string;
  readonly outcome: string;
  readonly message?: string;
  readonly mutated: boolean;
  /** Whether the resource that the call names didn't exist. */
  readonly isResourceMissing: boolean;
  readonly faults: readonly string[];
  readonly traceId?: string;
  /** Who calls, where no invocation is known: the session, or the access key. */
  readonly caller: string;
}

export interface InvocationView {
  readonly traceId: string;
  readonly functionName: string;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly outcome?: string;
  /** The request to a custom resource that it works on. */
  readonly request?: string;
}

/** What CloudFormation has asked of a construct. */
export interface RequestView {
  readonly requestId: string;
  readonly requestType: string;
  readonly stack: string;
  readonly logicalId: string;
  readonly sentAt: number;
  readonly endedAt?: number;
  readonly outcome?: string;
  readonly reason?: string;
  /** The reason why the request can take minutes. */
  readonly waitsFor?: string;
}

export function callView(call: CallRecord): CallView {
  const { id, time, service, operation, resource, outcome, message, mutated, isResourceMissing = false, faults, traceId } = call;
  const caller = lastPart(call.principal ?? call.accessKeyId ?? 'unknown');
  return { id, time, service, operation, resource, outcome, message, mutated, isResourceMissing, faults: [...faults], traceId, caller };
}

export function invocationView({ traceId, functionName, startedAt, endedAt, outcome, customResourceRequestId }: Invocation): InvocationView {
  return { traceId, functionName, startedAt: Date.parse(startedAt), endedAt: parsed(endedAt), outcome, request: customResourceRequestId };
}

export function requestView(request: CustomResourceRequest): RequestView {
  const { requestId, requestType, stackName, logicalId, sentAt, endedAt, outcome, reason, waitsFor } = request;
  return { requestId, requestType, stack: stackName, logicalId, sentAt: Date.parse(sentAt), endedAt: parsed(endedAt), outcome, reason, waitsFor };
}

function parsed(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time);
}
