import * as v from 'valibot';
import type { PoolConnections } from './meeting-pool/connections';
import type { PoolItem } from './meeting-pool/items';
import { CALLS_PER_SECOND, isLasting, Keeper, pausesOf, POOL_DECISIONS } from './meeting-pool/keeper';
import type { Meeting, MeetingsApi } from './meeting-pool/meetings';
import { patienceOf } from './meeting-pool/patience';
import { isIntent, isPerhapsAlive, isWorkedOn } from './meeting-pool/plan';
import { externalIdPrefix, type MeetingSettings, settingsHashOf } from './meeting-pool/settings';
import type { PoolTable } from './meeting-pool/table';
import { CHIME_MEETING_POOL_LIMITS as LIMITS, type ChimeMeetingPoolAttributes, type ChimeMeetingPoolProperties, POOL_TAG } from '../../src/chime-sdk-meetings/private/meeting-pool-contract';
import { validateMeetingPool, validateMeetingPoolTags } from '../../src/chime-sdk-meetings/private/meeting-pool-validation';
import { CHIME_SDK } from '../../src/private/chime-namespaces';
import { TIMING } from '../../src/private/contract';
import { validateRegion } from '../../src/private/region-validation';
import type { Clock } from '../common/clock';
import { memberDifferences, type PropertyDifference } from '../common/drift';
import { creating, decide, describeError, PassingError, TerminalError } from '../common/errors';
import type { Accepted, Properties, Removed, Request, ResourceHandler, Settled, Sweep } from '../common/lifecycle';
import { type Creation, creationOf, generatedName, hashOf, ownerTags, unconfirmedRequest } from '../common/owner';
import { Pace } from '../common/pace';
import { booleanProperty, integerProperty, parseProperties, type SchemaEntries, stringProperty, tagsProperty } from '../common/properties';
import type { Step } from '../common/step';

/** Seconds between two looks in one step. */
const LOOK_AGAIN = 1;

/** Seconds that a step must still have for another look. */
const LOOK_TIME = 3;

/**
 * Seconds of a Delete in which it is tried to find what interrupted creates may have made; also that of one just begun when the Delete came.
 * Later it is waited for, as each try may make another: so that the Delete ends before its deadline, whatever the service answers.
 */
const RESOLVE_TIME = 100;

/** Milliseconds for which a deployment keeps the maintainer away, from step to step. */
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

interface Wish extends Identity {
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
  public readonly decisions = POOL_DECISIONS;

  constructor(private readonly options: ChimeMeetingPoolOptions) {}

  public async create(request: Request, step: Step): Promise<Accepted> {
    return { physicalId: await this.open(request, this.toWish(request), step) };
  }

  public async update(request: Request, step: Step): Promise<Accepted> {
    const wish = this.toWish(request);
    const createOnly = hashOf(identityOf(wish));
    const sweep = this.sweepOf(request, wish);
    const table = this.options.table(wish.tableName, step.signal);
    const current = await table.pool(request.physicalId);
    const isLiving = (pool: PoolItem) => pool.state === 'open' && pool.createOnly === createOnly;
    // Else, as after a replacement that was rolled back, another one that is what is wished.
    const living = current && isLiving(current) ? current : (await table.findPools(prefixOf(request))).find(isLiving);
    if (!living) return { physicalId: await this.open(request, wish, step), sweep };
    if (!await table.changePool(this.toPool(request, wish, living.name))) throw new PassingError(`${living.name} was closed meanwhile`);
    return { physicalId: living.name, sweep };
  }

  public async settle(request: Request, step: Step): Promise<Settled> {
    const { physicalId: name } = request.accepted ?? request;
    const { tableName } = this.toWish(request);
    const table = this.options.table(tableName, step.signal);
    const pool = await table.pool(name);
    if (pool?.state !== 'open') throw new TerminalError(`the pool ${name} ${pool ? 'was closed: its Delete has come' : 'is not in its table any more'}`);
    // The maintainer does the same work: both at once would only exceed the rates.
    const holder = `deploy-${request.owner.request}`;
    const now = this.options.clock.now();
    if (!await table.lock(name, holder, now, now + LOCK)) return { pending: `${name} is being refilled by its maintainer` };
    const keeper = await this.keeper(table, pool, request, step);
    for (;;) {
      const { plan, errors } = await keeper.tend(pool, { kind: 'deploy' });
      const lasting = errors.find(isLasting);
      if (lasting) throw lasting;
      const open = plan.fill.length + plan.verify.length + plan.waiting;
      if (open === 0 && plan.end.length === 0) break;
      if (errors.length > 0) throw errors[0];
      const pending = `${pool.size - Math.min(open, pool.size)} of ${pool.size} slots have had a living meeting, ${plan.end.length} meetings are to be ended`;
      if (step.left < LOOK_TIME || !await step.pause(plan.waiting === open ? LOOK_AGAIN : 0)) return { pending };
    }
    const sweeping = await this.sweep(request, step);
    if (sweeping !== undefined) return { pending: sweeping };
    await table.unlock(name, holder);
    const attributes: ChimeMeetingPoolAttributes = { PoolName: name };
    return { attributes: { ...attributes } };
  }

  public async remove(request: Request, step: Step): Promise<Removed> {
    const tableName = stringProperty(request.properties, 'TableName');
    if (tableName === undefined) return { gone: true };
    const table = this.options.table(tableName, step.signal);
    try {
      const unconfirmed = unconfirmedRequest(request.physicalId);
      if (unconfirmed !== undefined) return await this.removePool(request, table, nameOf(request, unconfirmed), step);
      if (request.physicalId.startsWith(prefixOf(request))) return await this.removePool(request, table, request.physicalId, step);
      return await this.removeAny(request, table, step);
    } catch (error) {
      if (isMissingTable(error)) return { gone: true };
      throw error;
    }
  }

  /**
   * What its table says that the pool is to be. Which meetings live is not compared: they end and are replaced all the time, by the maintainer,
   * and its metrics tell where it cannot.
   */
  public async compare(request: Request, step: Step): Promise<PropertyDifference[] | undefined> {
    const wish = this.toWish(request);
    try {
      const pool = await this.options.table(wish.tableName, step.signal).pool(request.physicalId);
      return pool?.state === 'open' ? poolDifferences(pool, this.toPool(request, wish, pool.name)) : undefined;
    } catch (error) {
      if (isMissingTable(error)) return undefined;
      throw error;
    }
  }

  /** An id that CloudFormation invented: it gave a create up that may still be running. */
  private async removeAny(request: Request, table: PoolTable, step: Step): Promise<Removed> {
    const found = await table.findPools(prefixOf(request));
    // Once closed, a pool takes nothing more of the create, however late.
    const isFound = found.some(({ state }) => state === 'open');
    for (const { name } of found) {
      const removed = await this.removePool(request, table, name, step);
      if ('pending' in removed) return removed;
    }
    if (isFound || step.age >= TIMING.onEventTimeout) return { gone: true };
    return { pending: `nothing is left; a create may still be running for ${Math.ceil(TIMING.onEventTimeout - step.age)} s` };
  }

  /** Closed first, so that nothing is made any more; then whatever was made is ended. */
  private async removePool(request: Request, table: PoolTable, name: string, step: Step): Promise<Removed> {
    const { clock } = this.options;
    await table.closePool(name, clock.now());
    const pool = { ...this.identity(request.properties), ...await table.pool(name) };
    const keeper = await this.keeper(table, pool, request, step);
    const endsLeased = stringProperty(request.properties, 'EndLeasedMeetings') !== 'false';
    for (;;) {
      const { meetings, slots } = await table.contents(name);
      if (meetings.length === 0 && slots.length === 0) break;
      const now = clock.now();
      const intents = meetings.filter((meeting) => isIntent(meeting) && isPerhapsAlive(meeting, now));
      const errors = await keeper.each(meetings.filter((meeting) => !intents.includes(meeting)), (meeting) => {
        // Only the service knows what has ended: the clock that says so may be wrong.
        const isToEnd = meeting.meetingId !== undefined && meeting.life !== 'ended' && (meeting.life !== 'leased' || endsLeased);
        return isToEnd ? keeper.end(name, meeting) : keeper.forget(name, meeting);
      });
      errors.push(...await keeper.each(slots, (slot) => table.dropSlot(name, slot)));
      if (errors.length > 0) throw errors.find(isLasting) ?? errors[0];
      const pending = `${name}: ending ${meetings.length - intents.length} meetings; ${intents.length} may still be in the making`;
      const interrupted = step.age < RESOLVE_TIME ? intents.filter((intent) => !isWorkedOn(intent, now)) : [];
      const unresolved = await keeper.each(interrupted, (intent) => keeper.resolve(name, intent));
      for (const error of unresolved) request.log.info('an interrupted create is not resolved', { reason: describeError(error) });
      const isWaiting = intents.length > interrupted.length;
      if (unresolved.length > 0 || step.left < LOOK_TIME || !await step.pause(isWaiting ? LOOK_AGAIN : 0)) return { pending };
    }
    if (endsLeased) await this.endStrays(name, pool, request, step);
    return { gone: true };
  }

  /** In the legacy namespace meetings are listed: also those that the table has lost. */
  private async endStrays(name: string, pool: Pick<PoolItem, 'region' | 'namespace'>, request: Request, step: Step): Promise<void> {
    const meetings = await this.options.meetings(pool, step.signal, this.turn());
    if (!meetings.canList) return;
    for (const { MeetingId, ExternalMeetingId } of await this.listed(meetings, request)) {
      if (!ExternalMeetingId?.startsWith(externalIdPrefix(name))) continue;
      request.log.info('ending a stray', { MeetingId });
      await meetings.delete(MeetingId);
    }
  }

  /** Whoever may not list has no meetings there, or cannot find any: no reason never to end. */
  private async listed(meetings: MeetingsApi, request: Request): Promise<Meeting[]> {
    try {
      return await meetings.list();
    } catch (error) {
      if (!['terminal', 'denied'].includes(decide(error, this.decisions))) throw error;
      request.log.info('strays cannot be looked for', { reason: describeError(error) });
      return [];
    }
  }

  private async open(request: Request, wish: Wish, step: Step): Promise<string> {
    const name = nameOf(request);
    const table = this.options.table(wish.tableName, step.signal);
    if (await creating(this.decisions, () => table.addPool(this.toPool(request, wish, name)))) return name;
    const existing = await table.pool(name);
    if (existing?.state !== 'open') throw new TerminalError(`the pool ${name} was closed: its Delete has come before`);
    return name;
  }

  /** The replacement that an update takes back, if it takes one back. */
  private sweepOf({ oldProperties, physicalId }: Request, wish: Wish): Sweep | undefined {
    const attempted = this.identity(oldProperties);
    if (hashOf(attempted) === hashOf(identityOf(wish))) return undefined;
    return { region: attempted.region, attempted: hashOf(attempted), except: physicalId };
  }

  /** It may have left a pool of whose name CloudFormation never learnt, or may still be opening it. */
  private async sweep(request: Request, step: Step): Promise<string | undefined> {
    const { sweep, physicalId } = request.accepted ?? {};
    if (!sweep) return undefined;
    const { tableName } = this.identity(request.oldProperties);
    try {
      const table = this.options.table(tableName, step.signal);
      const strays = (await table.findPools(prefixOf(request))).filter(({ name, createOnly }) =>
        createOnly === sweep.attempted && name !== physicalId && name !== sweep.except);
      for (const { name } of strays) {
        const removed = await this.removePool({ ...request, properties: request.oldProperties }, table, name, step);
        if ('pending' in removed) return removed.pending;
      }
      // It makes one pool, so there is no other; and where CloudFormation named the replacement itself, it has ended.
      if (strays.length > 0 || sweep.except !== physicalId || step.age >= TIMING.onEventTimeout) return undefined;
    } catch (error) {
      if (isMissingTable(error)) return undefined;
      throw error;
    }
    return 'looking for what the replacement that was given up may have left, or may still make';
  }

  private async keeper(table: PoolTable, pool: Pick<PoolItem, 'region' | 'namespace'>, { log }: Request, step: Step): Promise<Keeper> {
    // Between two polls nothing was called: what the rates would have allowed then, they allow at once.
    const saved = Math.min(step.age, TIMING.queryInterval);
    const meetings = await this.options.meetings(pool, step.signal, this.turn(saved), patienceOf(pausesOf(step)));
    return new Keeper({ table, meetings, clock: this.options.clock, step, log });
  }

  private turn(saved?: number): () => Promise<void> {
    const pace = new Pace(this.options.clock, CALLS_PER_SECOND, saved);
    return () => pace.turn();
  }

  private toPool(request: Request, wish: Wish, name: string): PoolItem {
    const creation: Creation = { ...creationOf(request.owner, identityOf(wish)), request: requestOfName(name) };
    const ours = { ...ownerTags(request.owner, creation), [POOL_TAG]: name };
    const settings = { ...wish.settings, Tags: [...wish.settings.Tags, ...Object.entries(ours).map(([Key, Value]) => ({ Key, Value }))] };
    return {
      name,
      state: 'open',
      createOnly: creation.createOnly,
      operation: request.owner.request,
      size: wish.size,
      settings,
      settingsHash: settingsHashOf(settings),
      minimumRemainingLifetime: wish.minimumRemainingLifetime,
      namespace: wish.namespace,
      region: wish.region,
    };
  }

  private toWish(request: Request): Wish {
    const parsed = parseProperties(schema, request.properties);
    const region = parsed.Region ?? this.options.region;
    const findings = [
      ...validateMeetingPool(parsed, { region }),
      ...validateRegion('region', parsed.Region),
      ...validateMeetingPoolTags(parsed.Tags, parsed.Namespace),
    ];
    if (findings.length > 0) throw new TerminalError(findings.join('\n  '));
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

/** Pure: in what the table's wish is not CloudFormation's. */
function poolDifferences(found: PoolItem, wished: PoolItem): PropertyDifference[] {
  const [actual, expected] = [found, wished].map(toProperties);
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
  return (error as Error).name === 'ResourceNotFoundException' && decide(error, POOL_DECISIONS) === 'gone';
}
