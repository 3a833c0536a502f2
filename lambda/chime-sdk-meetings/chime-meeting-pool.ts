import * as v from 'valibot';
import type { PoolConnections } from './meeting-pool/connections';
import type { PoolItem } from './meeting-pool/items';
import type { Meeting, MeetingsApi } from './meeting-pool/meetings';
import { isIntent, mayExist, isInProgress } from './meeting-pool/plan';
import { CALLS_PER_SECOND, isTerminal, PoolReconciler, retryPauses, POOL_ERROR_CLASSES } from './meeting-pool/pool-reconciler';
import { retryingThrottled } from './meeting-pool/retry-throttled';
import { externalIdPrefix, type MeetingSettings, settingsHashOf } from './meeting-pool/settings';
import type { PoolTable } from './meeting-pool/table';
import {
  CHIME_MEETING_POOL_LIMITS as LIMITS, type ChimeMeetingPoolAttributes, type ChimeMeetingPoolProperties, POOL_TAG,
} from '../../src/chime-sdk-meetings/private/meeting-pool-contract';
import { validateMeetingPool, validateMeetingPoolTags } from '../../src/chime-sdk-meetings/private/meeting-pool-validation';
import { CHIME_SDK } from '../../src/private/chime-namespaces';
import { TIMING } from '../../src/private/contract';
import { validateRegion } from '../../src/private/region-validation';
import type { Clock } from '../engine/clock';
import { POLL_INTERVAL } from '../engine/consistency';
import { memberDifferences, type PropertyDifference } from '../engine/drift';
import { classify, describeError, isNotTerminal, markingUnknownOutcome, TerminalError, TransientError } from '../engine/error-classes';
import type { Deleted, OnEventOutcome, OrphanSearch, Properties, Reconciled, Request, ResourceHandler } from '../engine/lifecycle';
import { type Creation, creationOf, generatedName, hashOf, ownerTags, unconfirmedRequest } from '../engine/ownership';
import { booleanProperty, integerProperty, parseProperties, type SchemaEntries, stringProperty, tagsProperty, throwIfInvalid } from '../engine/properties';
import { RateLimiter } from '../engine/rate-limiter';
import type { TimeBudget } from '../engine/time-budget';

/** Seconds that must remain for another reconciliation in the same invocation. */
const RECONCILE_TIME = 3;

/**
 * Seconds in which a Delete resolves interrupted creates, including a create that began just before the Delete. Each attempt can create another
 * meeting. After this time the Delete waits for the meetings to end by themselves, so that it always finishes before its deadline.
 */
const RESOLVE_TIME = 100;

/** Milliseconds for which a deployment locks the pool, from one invocation to the next. */
const LOCK = 30_000;

const resolution = v.optional(v.strictObject({ MaxResolution: v.string() }));

const schema = v.strictObject({
  TableName: v.string(),
  Size: integerProperty,
  MediaRegion: v.optional(v.string()),
  MeetingFeatures: v.optional(v.strictObject({
    Audio: v.optional(v.strictObject({ EchoReduction: v.string() })),
    Video: resolution,
    Content: resolution,
    Attendee: v.optional(v.strictObject({ MaxCount: integerProperty })),
  })),
  Notifications: v.optional(v.strictObject({
    LambdaFunctionArn: v.optional(v.string()),
    SnsTopicArn: v.optional(v.string()),
    SqsQueueArn: v.optional(v.string()),
  })),
  TenantIds: v.optional(v.array(v.string())),
  Attendees: v.optional(v.pipe(v.string(), v.parseJson(), v.array(v.strictObject({
    ExternalUserId: v.string(),
    Capabilities: v.optional(v.strictObject({ Audio: v.string(), Video: v.string(), Content: v.string() })),
  })))),
  ReservedAttendees: v.optional(integerProperty),
  MinimumRemainingLifetimeSeconds: v.optional(integerProperty, String(LIMITS.minimumRemainingLifetimeSeconds.default)),
  EndLeasedMeetings: v.optional(booleanProperty, 'true'),
  Namespace: v.optional(v.string(), CHIME_SDK),
  Region: v.optional(v.string()),
  // Rendered from the deletion policy, as for every resource. The handler needn't read it: CloudFormation sends no Delete for a retained pool.
  Retain: v.optional(booleanProperty, 'false'),
  Tags: v.optional(tagsProperty, []),
} satisfies SchemaEntries<ChimeMeetingPoolProperties>);

/** The create-only properties. */
interface CreateOnly {
  readonly tableName: string;
  readonly region: string;
  readonly namespace: string;
}

interface Desired extends CreateOnly {
  readonly size: number;
  readonly minimumRemainingLifetime: number;
  /** Without the owner tags and the pool's tag. */
  readonly settings: MeetingSettings;
}

export interface ChimeMeetingPoolOptions {
  /** The region of the stack. */
  readonly region: string;
  readonly table: (tableName: string, abortSignal: AbortSignal) => PoolTable;
  readonly meetings: PoolConnections['meetings'];
  readonly clock: Clock;
}

export class ChimeMeetingPoolHandler implements ResourceHandler {
  public readonly errorClasses = POOL_ERROR_CLASSES;

  constructor(private readonly options: ChimeMeetingPoolOptions) {}

  public async create(request: Request, budget: TimeBudget): Promise<OnEventOutcome> {
    return { physicalId: await this.openPool(request, this.toDesired(request), budget) };
  }

  public async update(request: Request, budget: TimeBudget): Promise<OnEventOutcome> {
    const desired = this.toDesired(request);
    const createOnlyHash = hashOf(pickCreateOnly(desired));
    const sweep = this.orphanSearch(request, desired);
    const table = this.options.table(desired.tableName, budget.signal);
    const current = await table.pool(request.physicalId);
    const isMatch = (pool: PoolItem) => pool.state === 'open' && pool.createOnly === createOnlyHash;
    // After a rolled-back replacement the previous pool matches, and not the one that CloudFormation names.
    const existing = current && isMatch(current) ? current : (await table.findPools(prefixOf(request))).find(isMatch);
    if (!existing) return { physicalId: await this.openPool(request, desired, budget), sweep };
    if (!await table.changePool(this.toPool(request, desired, existing.name))) throw new TransientError(`${existing.name} was closed meanwhile`);
    return { physicalId: existing.name, sweep };
  }

  public async reconcile(request: Request, budget: TimeBudget): Promise<Reconciled> {
    const { physicalId: name } = request.onEventOutcome ?? request;
    const { tableName } = this.toDesired(request);
    const table = this.options.table(tableName, budget.signal);
    const pool = await table.pool(name);
    if (pool?.state !== 'open') throw new TerminalError(`the pool ${name} ${pool ? 'was closed by a Delete' : 'is not in its table any more'}`);
    // The maintainer reconciles as well. Both at the same time would only exceed the rate limit.
    const holder = `deploy-${request.owner.request}`;
    const now = this.options.clock.now();
    if (!await table.lock(name, holder, now, now + LOCK)) return { pending: `${name} is being refilled by its maintainer` };
    const reconciler = await this.reconciler(table, pool, request, budget);
    for (;;) {
      const { plan, errors } = await reconciler.reconcile(pool, { kind: 'deploy' });
      const terminal = errors.find(isTerminal);
      if (terminal) throw terminal;
      const open = plan.fill.length + plan.verify.length + plan.waiting;
      if (open === 0 && plan.end.length === 0) break;
      if (errors.length > 0) throw errors[0];
      const pending = `${pool.size - Math.min(open, pool.size)} of ${pool.size} slots have a verified meeting, ${plan.end.length} meetings are to be ended`;
      if (budget.remaining < RECONCILE_TIME || !await budget.pause(plan.waiting === open ? POLL_INTERVAL : 0)) return { pending };
    }
    const pending = await this.cleanUpReplacement(request, budget);
    if (pending !== undefined) return { pending };
    await table.unlock(name, holder);
    const attributes: ChimeMeetingPoolAttributes = { PoolName: name };
    return { attributes: { ...attributes } };
  }

  public async delete(request: Request, budget: TimeBudget): Promise<Deleted> {
    const tableName = stringProperty(request.properties, 'TableName');
    if (tableName === undefined) return { gone: true };
    const table = this.options.table(tableName, budget.signal);
    try {
      const unconfirmed = unconfirmedRequest(request.physicalId);
      if (unconfirmed !== undefined) return await this.deletePool(request, table, nameOf(request, unconfirmed), budget);
      if (request.physicalId.startsWith(prefixOf(request))) return await this.deletePool(request, table, request.physicalId, budget);
      return await this.deleteUnconfirmed(request, table, budget);
    } catch (error) {
      if (isMissingTable(error)) return { gone: true };
      throw error;
    }
  }

  /** Compares the desired state that the table holds. The meetings aren't compared: they end and are replaced all the time, as the metrics show. */
  public async detectDrift(request: Request, budget: TimeBudget): Promise<PropertyDifference[] | undefined> {
    const desired = this.toDesired(request);
    try {
      const pool = await this.options.table(desired.tableName, budget.signal).pool(request.physicalId);
      return pool?.state === 'open' ? poolDifferences(pool, this.toPool(request, desired, pool.name)) : undefined;
    } catch (error) {
      if (isMissingTable(error)) return undefined;
      throw error;
    }
  }

  /** The ID is one that CloudFormation invented, so the create may still be running. */
  private async deleteUnconfirmed(request: Request, table: PoolTable, budget: TimeBudget): Promise<Deleted> {
    const found = await table.findPools(prefixOf(request));
    // After the pool is closed, a create that is still running can't add meetings to it.
    const isFound = found.some(({ state }) => state === 'open');
    for (const { name } of found) {
      const deleted = await this.deletePool(request, table, name, budget);
      if ('pending' in deleted) return deleted;
    }
    if (isFound || budget.elapsed >= TIMING.onEventTimeout) return { gone: true };
    return { pending: `nothing is left; a create may still be running for ${Math.ceil(TIMING.onEventTimeout - budget.elapsed)} s` };
  }

  /** Closes the pool, so that no function creates more meetings, and then ends its meetings. */
  private async deletePool(request: Request, table: PoolTable, name: string, budget: TimeBudget): Promise<Deleted> {
    const { clock } = this.options;
    await table.closePool(name, clock.now());
    const pool = { ...this.createOnlyOf(request.properties), ...await table.pool(name) };
    const reconciler = await this.reconciler(table, pool, request, budget);
    const endsLeased = stringProperty(request.properties, 'EndLeasedMeetings') !== 'false';
    for (;;) {
      const { meetings, slots } = await table.contents(name);
      if (meetings.length === 0 && slots.length === 0) break;
      const now = clock.now();
      const intents = meetings.filter((meeting) => isIntent(meeting) && mayExist(meeting, now));
      const errors = await reconciler.each(meetings.filter((meeting) => !intents.includes(meeting)), (meeting) => {
        // Also for a meeting that has expired according to the local clock, which may be wrong.
        const isToEnd = meeting.meetingId !== undefined && meeting.state !== 'ended' && (meeting.state !== 'leased' || endsLeased);
        return isToEnd ? reconciler.end(name, meeting) : reconciler.deleteRecord(name, meeting);
      });
      errors.push(...await reconciler.each(slots, (slot) => table.deleteSlot(name, slot)));
      if (errors.length > 0) throw errors.find(isTerminal) ?? errors[0];
      const pending = `${name}: ending ${meetings.length - intents.length} meetings; ${intents.length} creates have no known outcome`;
      const interrupted = budget.elapsed < RESOLVE_TIME ? intents.filter((intent) => !isInProgress(intent, now)) : [];
      const unresolved = await reconciler.each(interrupted, (intent) => reconciler.resolve(name, intent));
      for (const error of unresolved) request.log.info('an interrupted create could not be resolved', { reason: describeError(error) });
      const isWaiting = intents.length > interrupted.length;
      if (unresolved.length > 0 || budget.remaining < RECONCILE_TIME || !await budget.pause(isWaiting ? POLL_INTERVAL : 0)) return { pending };
    }
    if (endsLeased) await this.endUnrecorded(name, pool, request, budget);
    return { gone: true };
  }

  /** Ends meetings without a record. They can be found in the legacy namespace only. */
  private async endUnrecorded(name: string, pool: Pick<PoolItem, 'region' | 'namespace'>, request: Request, budget: TimeBudget): Promise<void> {
    const rateLimiter = new RateLimiter(this.options.clock, CALLS_PER_SECOND);
    const meetings = await this.options.meetings(pool, { abortSignal: budget.signal, rateLimiter });
    if (!meetings.canList) return;
    for (const { MeetingId, ExternalMeetingId } of await this.listMeetings(meetings, request)) {
      if (!ExternalMeetingId?.startsWith(externalIdPrefix(name))) continue;
      request.log.info('ending a meeting without a record', { MeetingId });
      await meetings.delete(MeetingId);
    }
  }

  /** A role that isn't allowed to list meetings can't find any, which must not keep the Delete from finishing. */
  private async listMeetings(meetings: MeetingsApi, request: Request): Promise<Meeting[]> {
    try {
      return await meetings.list();
    } catch (error) {
      if (!['terminal', 'denied'].includes(classify(error, this.errorClasses))) throw error;
      request.log.info('meetings without a record cannot be listed', { reason: describeError(error) });
      return [];
    }
  }

  private async openPool(request: Request, desired: Desired, budget: TimeBudget): Promise<string> {
    const name = nameOf(request);
    const table = this.options.table(desired.tableName, budget.signal);
    if (await markingUnknownOutcome(this.errorClasses, () => table.addPool(this.toPool(request, desired, name)))) return name;
    const existing = await markingUnknownOutcome(this.errorClasses, () => table.pool(name), isNotTerminal);
    if (existing?.state !== 'open') throw new TerminalError(`the pool ${name} was closed by an earlier Delete`);
    return name;
  }

  /** How to find the replacement that this update rolls back, if the create-only properties change. */
  private orphanSearch({ oldProperties, physicalId }: Request, desired: Desired): OrphanSearch | undefined {
    const attempted = this.createOnlyOf(oldProperties);
    if (hashOf(attempted) === hashOf(pickCreateOnly(desired))) return undefined;
    return { region: attempted.region, attempted: hashOf(attempted), except: physicalId };
  }

  /** The rolled-back replacement may have left a pool whose name CloudFormation never received, or may still add it. */
  private async cleanUpReplacement(request: Request, budget: TimeBudget): Promise<string | undefined> {
    const { sweep, physicalId } = request.onEventOutcome ?? {};
    if (!sweep) return undefined;
    const { tableName } = this.createOnlyOf(request.oldProperties);
    try {
      const table = this.options.table(tableName, budget.signal);
      const orphans = (await table.findPools(prefixOf(request))).filter(({ name, createOnly }) =>
        createOnly === sweep.attempted && name !== physicalId && name !== sweep.except);
      for (const { name } of orphans) {
        const deleted = await this.deletePool({ ...request, properties: request.oldProperties }, table, name, budget);
        if ('pending' in deleted) return deleted.pending;
      }
      // A replacement adds one pool, so there is no other. If CloudFormation names the replacement itself, its create has ended.
      if (orphans.length > 0 || sweep.except !== physicalId || budget.elapsed >= TIMING.onEventTimeout) return undefined;
    } catch (error) {
      if (isMissingTable(error)) return undefined;
      throw error;
    }
    return 'looking for a pool that the rolled-back replacement may have left, or may still create';
  }

  private async reconciler(table: PoolTable, pool: Pick<PoolItem, 'region' | 'namespace'>, { log }: Request, budget: TimeBudget): Promise<PoolReconciler> {
    // Between two polls no call was made, so the calls that the rate limit would have allowed then can be made at once.
    const rateLimiter = new RateLimiter(this.options.clock, CALLS_PER_SECOND, Math.min(budget.elapsed, TIMING.queryInterval));
    const retryThrottled = retryingThrottled(retryPauses(budget));
    const meetings = await this.options.meetings(pool, { abortSignal: budget.signal, rateLimiter, retryThrottled });
    return new PoolReconciler({ table, meetings, clock: this.options.clock, budget, log });
  }

  private toPool(request: Request, desired: Desired, name: string): PoolItem {
    const creation: Creation = { ...creationOf(request.owner, pickCreateOnly(desired)), request: requestOfName(name) };
    const tags = { ...ownerTags(request.owner, creation), [POOL_TAG]: name };
    const settings = { ...desired.settings, Tags: [...desired.settings.Tags, ...Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))] };
    return {
      name,
      state: 'open',
      createOnly: creation.createOnlyHash,
      operation: request.owner.request,
      size: desired.size,
      settings,
      settingsHash: settingsHashOf(settings),
      minimumRemainingLifetime: desired.minimumRemainingLifetime,
      namespace: desired.namespace,
      region: desired.region,
    };
  }

  private toDesired(request: Request): Desired {
    const parsed = parseProperties(schema, request.properties);
    const region = parsed.Region ?? this.options.region;
    throwIfInvalid([
      ...validateMeetingPool(parsed, { region }),
      ...validateRegion('region', parsed.Region),
      ...validateMeetingPoolTags(parsed.Tags, parsed.Namespace),
    ]);
    return {
      tableName: parsed.TableName,
      region,
      namespace: parsed.Namespace,
      size: parsed.Size,
      minimumRemainingLifetime: parsed.MinimumRemainingLifetimeSeconds * 1000,
      settings: {
        MediaRegion: parsed.MediaRegion ?? region,
        MeetingFeatures: parsed.MeetingFeatures,
        NotificationsConfiguration: parsed.Notifications,
        TenantIds: parsed.TenantIds,
        Tags: parsed.Tags,
        Attendees: parsed.Attendees,
        // A pool without reserved attendees has the settings of an earlier version, so its meetings stay.
        ReservedAttendees: parsed.ReservedAttendees || undefined,
      },
    };
  }

  /** Lenient, because the properties may be those of any version. */
  private createOnlyOf(properties: Properties): CreateOnly {
    return {
      tableName: stringProperty(properties, 'TableName') ?? '',
      region: stringProperty(properties, 'Region') ?? this.options.region,
      namespace: stringProperty(properties, 'Namespace') ?? CHIME_SDK,
    };
  }
}

function pickCreateOnly({ tableName, region, namespace }: CreateOnly): CreateOnly {
  return { tableName, region, namespace };
}

/** Pure: the differences between the desired state in the table and the desired state of CloudFormation. */
function poolDifferences(actual: PoolItem, desired: PoolItem): PropertyDifference[] {
  return memberDifferences(toProperties(desired), toProperties(actual));
}

function toProperties({ size, minimumRemainingLifetime, namespace, region, settings }: PoolItem): Record<string, unknown> {
  const { MediaRegion, MeetingFeatures, NotificationsConfiguration, TenantIds, Tags, Attendees, ReservedAttendees } = settings;
  return {
    Size: size,
    MinimumRemainingLifetimeSeconds: minimumRemainingLifetime / 1000,
    Namespace: namespace,
    Region: region,
    MediaRegion,
    MeetingFeatures,
    Notifications: NotificationsConfiguration,
    TenantIds,
    ...Object.fromEntries(Tags.map(({ Key, Value }) => [`Tags/${Key}`, Value])),
    Attendees,
    ReservedAttendees,
  };
}

function nameOf({ owner }: Request, request = owner.request): string {
  return generatedName({ ...owner, request }, LIMITS.poolName.max).name;
}

function prefixOf({ owner }: Request): string {
  return generatedName(owner, LIMITS.poolName.max).prefix;
}

function requestOfName(name: string): string {
  return name.split('-').at(-1)!;
}

function isMissingTable(error: unknown): boolean {
  return (error as Error).name === 'ResourceNotFoundException' && classify(error, POOL_ERROR_CLASSES) === 'gone';
}
