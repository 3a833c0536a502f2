import * as v from 'valibot';
import type { PoolConnections } from './meeting-pool/connections';
import type { PoolItem } from './meeting-pool/items';
import type { Meeting, MeetingsApi } from './meeting-pool/meetings';
import { patienceOf } from './meeting-pool/patience';
import { isIntent, isPerhapsAlive, isWorkedOn } from './meeting-pool/plan';
import { CALLS_PER_SECOND, isTerminal, PoolReconciler, pausesOf, POOL_ERROR_CLASSES } from './meeting-pool/pool-reconciler';
import { externalIdPrefix, type MeetingSettings, settingsHashOf } from './meeting-pool/settings';
import type { PoolTable } from './meeting-pool/table';
import { CHIME_MEETING_POOL_LIMITS as LIMITS, type ChimeMeetingPoolAttributes, type ChimeMeetingPoolProperties, POOL_TAG } from '../../src/chime-sdk-meetings/private/meeting-pool-contract';
import { validateMeetingPool, validateMeetingPoolTags } from '../../src/chime-sdk-meetings/private/meeting-pool-validation';
import { CHIME_SDK } from '../../src/private/chime-namespaces';
import { TIMING } from '../../src/private/contract';
import { validateRegion } from '../../src/private/region-validation';
import type { Clock } from '../engine/clock';
import { POLL_INTERVAL } from '../engine/consistency';
import { memberDifferences, type PropertyDifference } from '../engine/drift';
import { markingUnknownOutcome, classify, describeError, TransientError, TerminalError } from '../engine/error-classes';
import type { Accepted, Properties, Deleted, Request, ResourceHandler, Reconciled, OrphanSearch } from '../engine/lifecycle';
import { type Creation, creationOf, generatedName, hashOf, ownerTags, unconfirmedRequest } from '../engine/ownership';
import { booleanProperty, integerProperty, parseProperties, type SchemaEntries, stringProperty, tagsProperty, throwIfInvalid } from '../engine/properties';
import { RateLimiter } from '../engine/rate-limiter';
import type { TimeBudget } from '../engine/time-budget';

/** Seconds that the time budget must have left for another reconciliation. */
const RECONCILE_TIME = 3;

/**
 * Seconds of a Delete in which it is tried to find what interrupted creates may have made; also that of one just begun when the Delete came.
 * Later it is waited for, as each try may make another: so that the Delete ends before its deadline, whatever the service answers.
 */
const RESOLVE_TIME = 100;

/** Milliseconds for which a deployment keeps the maintainer away, from one invocation to the next. */
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
  MinimumRemainingLifetimeSeconds: v.optional(integerProperty, String(LIMITS.minimumRemainingLifetimeSeconds.default)),
  EndLeasedMeetings: v.optional(booleanProperty, 'true'),
  Namespace: v.optional(v.string(), CHIME_SDK),
  Region: v.optional(v.string()),
  // Rendered from the deletion policy, as for every resource. CloudFormation itself keeps a pool that is to stay.
  Retain: v.optional(booleanProperty, 'false'),
  Tags: v.optional(tagsProperty, []),
} satisfies SchemaEntries<ChimeMeetingPoolProperties>);

/** What cannot change during the life of a pool. */
interface Identity {
  readonly tableName: string;
  readonly region: string;
  readonly namespace: string;
}

interface Desired extends Identity {
  readonly size: number;
  readonly minimumRemainingLifetime: number;
  /** But for the tags of ours. */
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

  public async create(request: Request, budget: TimeBudget): Promise<Accepted> {
    return { physicalId: await this.open(request, this.toDesired(request), budget) };
  }

  public async update(request: Request, budget: TimeBudget): Promise<Accepted> {
    const desired = this.toDesired(request);
    const createOnly = hashOf(identityOf(desired));
    const sweep = this.sweepOf(request, desired);
    const table = this.options.table(desired.tableName, budget.signal);
    const current = await table.pool(request.physicalId);
    const isLiving = (pool: PoolItem) => pool.state === 'open' && pool.createOnly === createOnly;
    // Else, as after a replacement that was rolled back, another one that is what is desired.
    const living = current && isLiving(current) ? current : (await table.findPools(prefixOf(request))).find(isLiving);
    if (!living) return { physicalId: await this.open(request, desired, budget), sweep };
    if (!await table.changePool(this.toPool(request, desired, living.name))) throw new TransientError(`${living.name} was closed meanwhile`);
    return { physicalId: living.name, sweep };
  }

  public async reconcile(request: Request, budget: TimeBudget): Promise<Reconciled> {
    const { physicalId: name } = request.accepted ?? request;
    const { tableName } = this.toDesired(request);
    const table = this.options.table(tableName, budget.signal);
    const pool = await table.pool(name);
    if (pool?.state !== 'open') throw new TerminalError(`the pool ${name} ${pool ? 'was closed: its Delete has come' : 'is not in its table any more'}`);
    // The maintainer does the same work: both at once would only exceed the rates.
    const holder = `deploy-${request.owner.request}`;
    const now = this.options.clock.now();
    if (!await table.lock(name, holder, now, now + LOCK)) return { pending: `${name} is being refilled by its maintainer` };
    const reconciler = await this.reconciler(table, pool, request, budget);
    for (;;) {
      const { plan, errors } = await reconciler.reconcile(pool, { kind: 'deploy' });
      const lasting = errors.find(isTerminal);
      if (lasting) throw lasting;
      const open = plan.fill.length + plan.verify.length + plan.waiting;
      if (open === 0 && plan.end.length === 0) break;
      if (errors.length > 0) throw errors[0];
      const pending = `${pool.size - Math.min(open, pool.size)} of ${pool.size} slots have had a living meeting, ${plan.end.length} meetings are to be ended`;
      if (budget.remaining < RECONCILE_TIME || !await budget.pause(plan.waiting === open ? POLL_INTERVAL : 0)) return { pending };
    }
    const sweeping = await this.sweep(request, budget);
    if (sweeping !== undefined) return { pending: sweeping };
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
      if (unconfirmed !== undefined) return await this.removePool(request, table, nameOf(request, unconfirmed), budget);
      if (request.physicalId.startsWith(prefixOf(request))) return await this.removePool(request, table, request.physicalId, budget);
      return await this.removeAny(request, table, budget);
    } catch (error) {
      if (isMissingTable(error)) return { gone: true };
      throw error;
    }
  }

  /**
   * What its table says that the pool is to be. Which meetings live is not compared: they end and are replaced all the time, by the maintainer,
   * and its metrics tell where it cannot.
   */
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

  /** An id that CloudFormation invented: it gave a create up that may still be running. */
  private async removeAny(request: Request, table: PoolTable, budget: TimeBudget): Promise<Deleted> {
    const found = await table.findPools(prefixOf(request));
    // Once closed, a pool takes nothing more of the create, however late.
    const isFound = found.some(({ state }) => state === 'open');
    for (const { name } of found) {
      const removed = await this.removePool(request, table, name, budget);
      if ('pending' in removed) return removed;
    }
    if (isFound || budget.elapsed >= TIMING.onEventTimeout) return { gone: true };
    return { pending: `nothing is left; a create may still be running for ${Math.ceil(TIMING.onEventTimeout - budget.elapsed)} s` };
  }

  /** Closed first, so that nothing is made any more; then whatever was made is ended. */
  private async removePool(request: Request, table: PoolTable, name: string, budget: TimeBudget): Promise<Deleted> {
    const { clock } = this.options;
    await table.closePool(name, clock.now());
    const pool = { ...this.identity(request.properties), ...await table.pool(name) };
    const reconciler = await this.reconciler(table, pool, request, budget);
    const endsLeased = stringProperty(request.properties, 'EndLeasedMeetings') !== 'false';
    for (;;) {
      const { meetings, slots } = await table.contents(name);
      if (meetings.length === 0 && slots.length === 0) break;
      const now = clock.now();
      const intents = meetings.filter((meeting) => isIntent(meeting) && isPerhapsAlive(meeting, now));
      const errors = await reconciler.each(meetings.filter((meeting) => !intents.includes(meeting)), (meeting) => {
        // Only the service knows what has ended: the clock that says so may be wrong.
        const isToEnd = meeting.meetingId !== undefined && meeting.life !== 'ended' && (meeting.life !== 'leased' || endsLeased);
        return isToEnd ? reconciler.end(name, meeting) : reconciler.forget(name, meeting);
      });
      errors.push(...await reconciler.each(slots, (slot) => table.dropSlot(name, slot)));
      if (errors.length > 0) throw errors.find(isTerminal) ?? errors[0];
      const pending = `${name}: ending ${meetings.length - intents.length} meetings; ${intents.length} may still be in the making`;
      const interrupted = budget.elapsed < RESOLVE_TIME ? intents.filter((intent) => !isWorkedOn(intent, now)) : [];
      const unresolved = await reconciler.each(interrupted, (intent) => reconciler.resolve(name, intent));
      for (const error of unresolved) request.log.info('an interrupted create is not resolved', { reason: describeError(error) });
      const isWaiting = intents.length > interrupted.length;
      if (unresolved.length > 0 || budget.remaining < RECONCILE_TIME || !await budget.pause(isWaiting ? POLL_INTERVAL : 0)) return { pending };
    }
    if (endsLeased) await this.endOrphans(name, pool, request, budget);
    return { gone: true };
  }

  /** In the legacy namespace meetings are listed: also those that the table has lost. */
  private async endOrphans(name: string, pool: Pick<PoolItem, 'region' | 'namespace'>, request: Request, budget: TimeBudget): Promise<void> {
    const meetings = await this.options.meetings(pool, budget.signal, this.turn());
    if (!meetings.canList) return;
    for (const { MeetingId, ExternalMeetingId } of await this.listed(meetings, request)) {
      if (!ExternalMeetingId?.startsWith(externalIdPrefix(name))) continue;
      request.log.info('ending an orphan', { MeetingId });
      await meetings.delete(MeetingId);
    }
  }

  /** Whoever may not list has no meetings there, or cannot find any: no reason never to end. */
  private async listed(meetings: MeetingsApi, request: Request): Promise<Meeting[]> {
    try {
      return await meetings.list();
    } catch (error) {
      if (!['terminal', 'denied'].includes(classify(error, this.errorClasses))) throw error;
      request.log.info('orphans cannot be listed', { reason: describeError(error) });
      return [];
    }
  }

  private async open(request: Request, desired: Desired, budget: TimeBudget): Promise<string> {
    const name = nameOf(request);
    const table = this.options.table(desired.tableName, budget.signal);
    if (await markingUnknownOutcome(this.errorClasses, () => table.addPool(this.toPool(request, desired, name)))) return name;
    const existing = await table.pool(name);
    if (existing?.state !== 'open') throw new TerminalError(`the pool ${name} was closed: its Delete has come before`);
    return name;
  }

  /** The replacement that an update takes back, if it takes one back. */
  private sweepOf({ oldProperties, physicalId }: Request, desired: Desired): OrphanSearch | undefined {
    const attempted = this.identity(oldProperties);
    if (hashOf(attempted) === hashOf(identityOf(desired))) return undefined;
    return { region: attempted.region, attempted: hashOf(attempted), except: physicalId };
  }

  /** It may have left a pool of whose name CloudFormation never learnt, or may still be opening it. */
  private async sweep(request: Request, budget: TimeBudget): Promise<string | undefined> {
    const { sweep, physicalId } = request.accepted ?? {};
    if (!sweep) return undefined;
    const { tableName } = this.identity(request.oldProperties);
    try {
      const table = this.options.table(tableName, budget.signal);
      const orphans = (await table.findPools(prefixOf(request))).filter(({ name, createOnly }) =>
        createOnly === sweep.attempted && name !== physicalId && name !== sweep.except);
      for (const { name } of orphans) {
        const removed = await this.removePool({ ...request, properties: request.oldProperties }, table, name, budget);
        if ('pending' in removed) return removed.pending;
      }
      // It makes one pool, so there is no other; and where CloudFormation named the replacement itself, it has ended.
      if (orphans.length > 0 || sweep.except !== physicalId || budget.elapsed >= TIMING.onEventTimeout) return undefined;
    } catch (error) {
      if (isMissingTable(error)) return undefined;
      throw error;
    }
    return 'looking for a pool that the rolled-back replacement may have left, or may still create';
  }

  private async reconciler(table: PoolTable, pool: Pick<PoolItem, 'region' | 'namespace'>, { log }: Request, budget: TimeBudget): Promise<PoolReconciler> {
    // Between two polls nothing was called: what the rates would have allowed then, they allow at once.
    const saved = Math.min(budget.elapsed, TIMING.queryInterval);
    const meetings = await this.options.meetings(pool, budget.signal, this.turn(saved), patienceOf(pausesOf(budget)));
    return new PoolReconciler({ table, meetings, clock: this.options.clock, budget, log });
  }

  private turn(saved?: number): () => Promise<void> {
    const rateLimiter = new RateLimiter(this.options.clock, CALLS_PER_SECOND, saved);
    return () => rateLimiter.acquire();
  }

  private toPool(request: Request, desired: Desired, name: string): PoolItem {
    const creation: Creation = { ...creationOf(request.owner, identityOf(desired)), request: requestOfName(name) };
    const ours = { ...ownerTags(request.owner, creation), [POOL_TAG]: name };
    const settings = { ...desired.settings, Tags: [...desired.settings.Tags, ...Object.entries(ours).map(([Key, Value]) => ({ Key, Value }))] };
    return {
      name,
      state: 'open',
      createOnly: creation.createOnly,
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
      },
    };
  }

  /** Leniently, of properties of any version. */
  private identity(properties: Properties): Identity {
    return {
      tableName: stringProperty(properties, 'TableName') ?? '',
      region: stringProperty(properties, 'Region') ?? this.options.region,
      namespace: stringProperty(properties, 'Namespace') ?? CHIME_SDK,
    };
  }
}

function identityOf({ tableName, region, namespace }: Identity): Identity {
  return { tableName, region, namespace };
}

/** Pure: the differences between the desired state in the table and that of CloudFormation. */
function poolDifferences(found: PoolItem, desired: PoolItem): PropertyDifference[] {
  const [actual, expected] = [found, desired].map(toProperties);
  return memberDifferences(expected!, actual!);
}

function toProperties({ size, minimumRemainingLifetime, namespace, region, settings }: PoolItem): Record<string, unknown> {
  const { MediaRegion, MeetingFeatures, NotificationsConfiguration, TenantIds, Tags, Attendees } = settings;
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
