import * as v from 'valibot';
import { type OwnerMark, ownerOfMark, writeName } from './owner-mark';
import { isSettled, masked, type NumberChange, type NumberOrder, type ObservedNumber, PhoneNumberApi, type PhoneNumberClients, restoreCommand } from './phone-number-api';
import { isE164PhoneNumber } from '../../src/chime-sdk-voice/private/e164-phone-number';
import {
  type PhoneNumberAttributes, type PhoneNumberProperties, type PhoneNumberSourceProperties, validatePhoneNumber,
} from '../../src/chime-sdk-voice/private/phone-number';
import { TIMING } from '../../src/private/contract';
import { CHIME_ERROR_CLASSES } from '../chime-error-classes';
import type { Clock } from '../engine/clock';
import { CREATE_LAG, POLL_INTERVAL, READ_LAG } from '../engine/consistency';
import { type PropertyDifference, propertyDifference } from '../engine/drift';
import { classify, describeError, type ErrorClass, isOutcomeUnknown, markingUnknownOutcome, TerminalError, TransientError, unlessGone } from '../engine/error-classes';
import type { Deleted, OnEventOutcome, OrphanSearch, Properties, Reconciled, Request, ResourceHandler } from '../engine/lifecycle';
import { hashOf, unconfirmedRequest } from '../engine/ownership';
import { booleanProperty, integerProperty, parseProperties, type SchemaEntries, stringProperty, throwIfInvalid } from '../engine/properties';
import { differencesIn, type Operation, type PropertyChange, reconcile, type Unready } from '../engine/reconcile';
import type { TimeBudget } from '../engine/time-budget';

const schema = v.strictObject({
  Source: v.strictObject({
    Local: v.optional(v.strictObject({ AreaCode: v.optional(v.string()), State: v.optional(v.string()), City: v.optional(v.string()) })),
    TollFree: v.optional(v.strictObject({ Prefix: v.optional(v.string()) })),
    Exactly: v.optional(v.strictObject({ E164PhoneNumber: v.string() })),
  }),
  ProductType: v.string(),
  PhoneNumberName: v.optional(v.string()),
  CallingName: v.optional(v.string()),
  OrderTimeout: integerProperty,
  AdoptExisting: v.optional(booleanProperty, 'false'),
  Region: v.string(),
  Retain: v.optional(booleanProperty, 'false'),
} satisfies SchemaEntries<PhoneNumberProperties>);

/** The create-only properties. Their hash is part of the owner mark of deployed numbers, so the keys, their order, and the form of the text are permanent. */
interface CreateOnly {
  readonly source: string;
  readonly region: string;
}

interface Desired {
  readonly source: PhoneNumberSourceProperties;
  readonly createOnly: CreateOnly;
  readonly productType: string;
  readonly words?: string;
  readonly callingName?: string;
  readonly adoptExisting: boolean;
  readonly retain: boolean;
}

/** Candidates that one delivery tries to order, if the service refuses a candidate with certainty. */
const CANDIDATES = 5;

/** Seconds in which a number whose order the service didn't record is ordered again. After that, the order failed. */
const ORDER_AGAIN = CREATE_LAG;

/** Seconds in which the service may refuse to change or to release a number that was changed just before. */
const REFUSED = 120;

/** Milliseconds after which an order can't be that of an earlier delivery of the same request. */
const RECENT_ORDER = 600_000;

/** Milliseconds after which an order can't be that of a create that CloudFormation stopped waiting for. */
const LONGEST_ORDER = TIMING.longestServiceTimeout * 1000;

/** Milliseconds between the mark of a retained number and a request that CloudFormation sends because it stopped waiting for the response. */
const LATE_MARK = 2 * READ_LAG * 1000;

const ACQUIRING = 'AcquireInProgress';
const NOT_ACQUIRED = ['AcquireFailed', 'Cancelled'];

/** Whether a completed deployment retains a number of this resource. */
type IsRetained = (number: ObservedNumber, current: ObservedNumber | undefined) => boolean;

export interface PhoneNumberOptions {
  readonly client: (region: string) => PhoneNumberClients['client'];
  /** Sends each call once. */
  readonly orderClient: (region: string) => PhoneNumberClients['orderClient'];
  /** The region of the stack. */
  readonly region: string;
  readonly clock: Clock;
}

/**
 * A phone number that is ordered exactly once. An order has no client token, a number has no tags, and an ordered number is billed, so:
 *
 * - The name of the number holds the owner mark, which finds the number after a lost response.
 * - The hash of the request decides on the candidate, so that duplicate deliveries order the same number, which the service sells once.
 * - After an order with an unknown outcome, the handler never orders another number.
 */
export class PhoneNumberHandler implements ResourceHandler {
  public readonly errorClasses = CHIME_ERROR_CLASSES;

  /** The invocations that ordered a number again. Their reads last for about as long as a read may lag behind the order. */
  private readonly orderedAgain = new WeakSet<TimeBudget>();

  constructor(private readonly options: PhoneNumberOptions) {}

  /** An order can take longer than other operations, and a Delete waits for an order that is in progress. */
  public deadline(requestType: string, { properties }: Request): number {
    if (requestType === 'Delete') return TIMING.longestDeadline;
    const orderTimeout = Number(stringProperty(properties, 'OrderTimeout') ?? TIMING.deadline);
    return requestType === 'Create' ? orderTimeout : Math.max(orderTimeout, TIMING.deadline);
  }

  public async create(request: Request, budget: TimeBudget): Promise<OnEventOutcome> {
    return this.obtain(toDesired(request), { request, budget });
  }

  public async update(request: Request, budget: TimeBudget): Promise<OnEventOutcome> {
    const desired = toDesired(request);
    const operation = { request, budget };
    const numbers = this.numbers(desired.createOnly.region, budget);
    const search = orphanSearch(desired, request);
    const current = await this.current(numbers, operation);
    if (current && !current.released && isKept(current, desired, request)) return { physicalId: current.number, sweep: search };
    const existing = await this.findExisting(numbers, desired, request);
    if (existing) return { physicalId: existing.number, sweep: search };
    if (desired.source.Exactly === undefined) {
      const isReleased = current?.released === true && isKept(current, desired, request) && ownerOfMark(current.mark, request.owner) === 'self';
      if (isReleased) return this.restore(numbers, current.number);
      if (stringProperty(request.oldProperties, 'Region') === desired.createOnly.region) throw refusal(desired, request);
    }
    return { ...await this.obtain(desired, operation), sweep: search };
  }

  public async reconcile(request: Request, budget: TimeBudget): Promise<Reconciled> {
    const desired = toDesired(request);
    const operation = { request, budget };
    const numbers = this.numbers(desired.createOnly.region, budget);
    const settle = (changes: (observed: ObservedNumber) => AsyncIterable<PropertyChange<ObservedNumber>>) => reconcile<ObservedNumber>({
      read: () => this.read(numbers, desired, operation), changes, staleRead: () => undefined,
    }, operation);
    const outcome = await settle((observed) => this.changes(numbers, observed, desired, request));
    if ('pending' in outcome) return outcome;
    const pending = await this.cleanUp(numbers, desired, operation);
    if (pending !== undefined) return { pending };
    // The mark of a retained number comes last: it says that the number is complete.
    const marked = await settle((observed) => this.retainChanges(numbers, observed, desired));
    if ('pending' in marked) return marked;
    const attributes: PhoneNumberAttributes = { E164PhoneNumber: request.physicalId };
    return { attributes: { ...attributes } };
  }

  public async delete(request: Request, budget: TimeBudget): Promise<Deleted> {
    const operation = { request, budget };
    const numbers = this.numbers(this.createOnlyOf(request.properties).region, budget);
    return isE164PhoneNumber(request.physicalId) ? this.deleteOne(numbers, operation) : this.deleteUnnamed(numbers, operation);
  }

  public async detectDrift(request: Request, budget: TimeBudget): Promise<PropertyDifference[] | undefined> {
    const desired = toDesired(request);
    const numbers = this.numbers(desired.createOnly.region, budget);
    const found = await numbers.find(request.physicalId);
    if (!found || found.released) return undefined;
    if (!isSettled(found)) throw new TransientError(`${masked(found.number)} is ${found.status}`);
    if (ownerOfMark(found.mark, request.owner) === 'other') return [propertyDifference('PhoneNumberName', 'the owner mark of this resource', 'the owner mark of another resource')];
    return differencesIn(this.changes(numbers, found, desired, request));
  }

  // Create once

  /** Finds the number that this request ordered already, or orders, restores, or adopts one. */
  private async obtain(desired: Desired, operation: Operation): Promise<OnEventOutcome> {
    const numbers = this.numbers(desired.createOnly.region, operation.budget);
    const { Exactly } = desired.source;
    return Exactly ? this.obtainExactly(numbers, Exactly.E164PhoneNumber, desired, operation) : this.orderFromSearch(numbers, desired, operation);
  }

  private async orderFromSearch(numbers: PhoneNumberApi, desired: Desired, operation: Operation): Promise<OnEventOutcome> {
    const { request: { owner }, budget } = operation;
    const earlier = await this.findOrdered(numbers, desired, operation);
    if (earlier !== undefined) return { physicalId: earlier, origin: 'ordered' };
    const found = await numbers.search(desired.source);
    if (found.length === 0) throw new TerminalError(`source: no phone number for sale matches ${describeSource(desired.source)}; choose other criteria`);
    // Numbers that are sold in the meantime don't change the order of the other numbers.
    const candidates = found.map((number) => ({ number, rank: hashOf([owner.resource, owner.request, number]) }))
      .sort((one, other) => one.rank < other.rank ? -1 : 1).slice(0, CANDIDATES);
    // An earlier delivery may have ordered a number just before the search, which then doesn't show that number.
    if (!await budget.pause(READ_LAG)) throw new TransientError('there is no time left to order a number');
    let refusedWith: unknown;
    for (const { number } of candidates) {
      const ordered = await this.findOrdered(numbers, desired, operation);
      if (ordered !== undefined) return { physicalId: ordered, origin: 'ordered' };
      if (await numbers.find(number)) continue;
      const outcome = await this.order(numbers, number, desired, operation);
      if (!('refusedWith' in outcome)) return outcome;
      ({ refusedWith } = outcome);
      if (!await budget.pause(READ_LAG)) break;
    }
    const ordered = await this.findOrdered(numbers, desired, operation);
    if (ordered !== undefined) return { physicalId: ordered, origin: 'ordered' };
    throw new TerminalError(`source: the service sold none of ${candidates.length} numbers that match ${describeSource(desired.source)}${
      refusedWith ? `; last answer: ${describeError(refusedWith)}` : ''}; deploy again, or choose other criteria`);
  }

  /** Orders one number. If the outcome is unknown, the number counts as ordered: isComplete observes what became of the order. */
  private async order(
    numbers: PhoneNumberApi, number: string, desired: Desired, { request }: Operation,
  ): Promise<OnEventOutcome | { readonly refusedWith: unknown }> {
    const outcome: OnEventOutcome = { physicalId: number, origin: 'ordered' };
    try {
      request.log.info('order', { number });
      await numbers.order(number, this.nameOf(desired, request), desired.productType);
    } catch (error) {
      if (!this.isRefused(error)) return outcome;
      if ((error as Error).name === 'BadRequestException') return { refusedWith: error };
      throw withQuota(error);
    }
    return outcome;
  }

  /** Whether nothing was ordered. After any other error, for example about a response that the SDK can't read, the outcome of the order is unknown. */
  private isRefused(error: unknown): boolean {
    const { httpStatusCode = 0 } = (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata ?? {};
    const isClientError = httpStatusCode >= 400 && httpStatusCode < 500 && httpStatusCode !== 408;
    return !isOutcomeUnknown(error) && (isClientError || classify(error, this.errorClasses) === 'unreachable');
  }

  /**
   * The number that an earlier delivery of this request ordered, or one that an earlier create left. Throws as long as an order is in progress whose owner
   * can't be read yet.
   */
  private async findOrdered(numbers: PhoneNumberApi, desired: Desired, { request: { owner } }: Operation): Promise<string | undefined> {
    return markingUnknownOutcome(this.errorClasses, async () => {
      const orders = await numbers.orders();
      const listed = await numbers.list();
      const own = listed.find(({ mark, status }) => ownerOfMark(mark, owner) === 'self' && mark!.request === owner.request
        && !mark!.adopted && !NOT_ACQUIRED.includes(status));
      if (own) return own.number;
      const unread = this.unreadOrder(orders, listed, RECENT_ORDER);
      if (unread) throw new TransientError(describeUnread(unread));
      // Each delivery takes the same number, because another number of this request counts as a duplicate.
      return listed.filter((one) => isLeftByEarlierCreate(one, desired, owner)).map(({ number }) => number).sort()[0];
    }, mayHideAnOrder);
  }

  /** An order of at most this age, in milliseconds, whose number doesn't show a name yet (unverified: F-87), so that it may be an order of this resource. */
  private unreadOrder(orders: readonly NumberOrder[], listed: readonly ObservedNumber[], age: number): NumberOrder | undefined {
    const since = this.options.clock.now() - age;
    const isNamed = ({ number }: NumberOrder) => listed.some((one) => one.number === number && (one.mark !== undefined || one.words !== undefined));
    return orders.find((order) => !order.isPorting && !isNamed(order)
      && ((order.state === 'processing' && order.createdAt >= since) || this.isJustAcquired(order)));
  }

  /** Whether the number of the order may not be readable yet. */
  private isJustAcquired({ state, updatedAt }: NumberOrder): boolean {
    return state === 'acquired' && updatedAt >= this.options.clock.now() - CREATE_LAG * 1000;
  }

  private async obtainExactly(numbers: PhoneNumberApi, number: string, desired: Desired, operation: Operation): Promise<OnEventOutcome> {
    const { request, request: { owner }, budget } = operation;
    let found = await numbers.find(number);
    if (!found) {
      const isOrdered = (await numbers.orders()).some((order) => order.number === number && order.state === 'processing');
      const outcome = isOrdered ? { physicalId: number, origin: 'awaited' as const } : await this.order(numbers, number, desired, operation);
      if (!('refusedWith' in outcome)) return outcome;
      await budget.pause(READ_LAG);
      found = await numbers.find(number);
      // The deletion queue may not be readable.
      if (!found) return await unlessGone(this.errorClasses, () => this.restore(numbers, number)) ?? notForSale(number, outcome.refusedWith);
    }
    const { mark } = found;
    const ownership = ownerOfMark(mark, owner);
    const isTaken = ownership === 'self' && !found.released && (mark!.request === owner.request || isUnretainedOrder(mark!));
    if (isTaken) return { physicalId: number, origin: mark!.adopted ? 'adopted' : 'ordered' };
    // The owner of a number that is being acquired may not be readable yet (unverified: F-87).
    if (ownership === 'unowned' && found.status === ACQUIRING && found.words === undefined) return { physicalId: number, origin: 'awaited' };
    if (found.released) return this.restore(numbers, number).catch((error) => { throw withDeletionQueue(error, number, desired.createOnly.region); });
    if (ownership === 'other') {
      throw new TerminalError(`source: ${masked(number)} is in the inventory of the account and belongs to another resource, by the owner mark in its name; `
        + `if that resource is gone, free the number with \`aws chime-sdk-voice update-phone-number --region ${desired.createOnly.region} --phone-number-id NUMBER --name ""\` and set adoptExisting`);
    }
    if (ownership === 'unowned' && !desired.adoptExisting) throw unownedError(number);
    const name = this.nameOf(desired, request, { adopted: true, words: found.words });
    await markingUnknownOutcome(this.errorClasses, () => numbers.update(number, { Name: name }));
    return { physicalId: number, origin: 'adopted' };
  }

  private async restore(numbers: PhoneNumberApi, number: string): Promise<OnEventOutcome> {
    const outcome: OnEventOutcome = { physicalId: number, origin: 'restored' };
    try {
      await numbers.restore(number);
    } catch (error) {
      if (!isOutcomeUnknown(error)) throw withQuota(error);
    }
    return outcome;
  }

  /** The name that the number gets with its order or its adoption. */
  private nameOf({ words, createOnly }: Desired, { owner }: Request, existing: { readonly adopted?: boolean; readonly words?: string } = {}): string {
    const { adopted = false } = existing;
    return writeName({ words: words ?? existing.words, mark: { ...newMark(owner, createOnly), adopted } });
  }

  // Find

  /** The number that CloudFormation names, if it exists. A read may lag behind an order. */
  private async current(numbers: PhoneNumberApi, { request: { physicalId }, budget }: Operation): Promise<ObservedNumber | undefined> {
    if (!isE164PhoneNumber(physicalId)) return undefined;
    for (;;) {
      const found = await numbers.find(physicalId);
      if (found || budget.elapsed >= READ_LAG || !await budget.pause(POLL_INTERVAL)) return found;
    }
  }

  /** A number of this resource with the desired create-only properties, as after a replacement that was rolled back, or that this request ordered. */
  private async findExisting(numbers: PhoneNumberApi, desired: Desired, { owner }: Request): Promise<ObservedNumber | undefined> {
    const createOnlyHash = hashOf(desired.createOnly);
    return (await numbers.list()).find((one) => isOwn(one, owner) && isSettled(one)
      && one.mark!.createOnlyHash === createOnlyHash && one.mark!.request !== owner.request && (desired.retain || !one.mark!.retained));
  }

  // Reconcile

  private async read(numbers: PhoneNumberApi, desired: Desired, operation: Operation): Promise<ObservedNumber | Unready> {
    const { request: { physicalId: number, onEventOutcome, owner }, budget } = operation;
    const found = await numbers.find(number);
    const { origin } = onEventOutcome ?? {};
    if (!found) return this.readOrder(numbers, desired, operation);
    if (found.released) {
      if (origin === 'restored' && budget.elapsed < CREATE_LAG) return { unready: `${masked(number)} is in the deletion queue` };
      throw new TerminalError(`${masked(number)} was released out of band`);
    }
    if (NOT_ACQUIRED.includes(found.status)) throw new TerminalError(`${masked(number)} is ${found.status}: the order failed; deploy again, which orders another number`);
    if (!isSettled(found)) return { unready: `${masked(number)} is ${found.status}` };
    if (ownerOfMark(found.mark, owner) === 'other' && origin !== 'restored') {
      throw new TerminalError(`${masked(number)} belongs to another resource, by the owner mark in its name, so it is left as it is`);
    }
    if (origin === 'awaited' && !found.mark) {
      if (this.options.clock.now() - found.updatedAt < READ_LAG * 1000) return { unready: `${masked(number)} doesn't show an owner mark yet` };
      if (!desired.adoptExisting) throw unownedError(number);
    }
    return found;
  }

  /** What became of the order of a number that isn't in the inventory. */
  private async readOrder(numbers: PhoneNumberApi, desired: Desired, operation: Operation): Promise<Unready> {
    const { request, request: { physicalId: number, onEventOutcome }, budget } = operation;
    if (onEventOutcome?.origin !== 'ordered' && onEventOutcome?.origin !== 'awaited') {
      if (budget.elapsed < CREATE_LAG) return { unready: `${masked(number)} is not found` };
      throw new TerminalError(`${masked(number)} is gone: it was released out of band`);
    }
    const last = this.lastOrder(await numbers.orders(), number);
    if (last && last.state !== 'failed') return { unready: `the order of ${masked(number)} is ${last.status}` };
    if (budget.elapsed < READ_LAG) return { unready: `the order of ${masked(number)} is not visible yet` };
    if (last) throw new TerminalError(`the order of ${masked(number)} failed (${last.status}); deploy again, which orders another number`);
    if (budget.elapsed >= ORDER_AGAIN) {
      if (budget.elapsed < ORDER_AGAIN + READ_LAG) return { unready: `${masked(number)} has no order` };
      throw new TerminalError(`the service has no order of ${masked(number)}, and doesn't sell it any more; deploy again, which orders another number`);
    }
    if (this.orderedAgain.has(budget)) return { unready: `${masked(number)} is ordered again` };
    this.orderedAgain.add(budget);
    // Only this number: the first order may still be carried out, and the service sells a number once.
    const outcome = await this.order(numbers, number, desired, { request, budget });
    return { unready: 'refusedWith' in outcome ? `${masked(number)}: ${describeError(outcome.refusedWith)}` : `${masked(number)} is ordered again` };
  }

  /** The order that decides on the number: a newer order that failed says nothing about an order that can still be carried out, or just was. */
  private lastOrder(orders: readonly NumberOrder[], number: string): NumberOrder | undefined {
    const now = this.options.clock.now();
    const ofNumber = orders.filter((order) => order.number === number).sort((one, other) => other.createdAt - one.createdAt);
    return ofNumber.find(({ state, createdAt }) => state === 'processing' && createdAt >= now - LONGEST_ORDER)
      ?? ofNumber.find((order) => this.isJustAcquired(order))
      ?? ofNumber[0];
  }

  /** The owner mark comes first, because it says whose number it is. */
  private async* changes(
    numbers: PhoneNumberApi, observed: ObservedNumber, desired: Desired, request: Request,
  ): AsyncIterable<PropertyChange<ObservedNumber>> {
    const { number, productType, callingName, words } = observed;
    const mark = markOf(observed, desired, request);
    const desiredWords = desired.words === undefined && mark.adopted ? words : desired.words;
    const change = (kind: string, text: string, properties: PropertyDifference[], apply: () => Promise<void>) => ({ kind, text, properties, apply });
    if (JSON.stringify([words, observed.mark]) !== JSON.stringify([desiredWords, mark])) {
      const isMarked = JSON.stringify(observed.mark) === JSON.stringify(mark);
      yield change('name', isMarked ? 'the name differs' : 'the name has no owner mark of this resource',
        [propertyDifference('PhoneNumberName', isMarked ? desiredWords : 'the owner mark of this resource', isMarked ? words : 'another name')],
        () => this.change(numbers, observed, { Name: writeName({ words: desiredWords, mark }) }));
    }
    if (productType !== desired.productType) {
      yield {
        ...change('product type', `the product type is ${productType}, desired ${desired.productType}`, [propertyDifference('ProductType', desired.productType, productType)],
          () => this.change(numbers, observed, { ProductType: desired.productType })),
        blockedBy: () => {
          if (observed.status !== 'Assigned') return undefined;
          throw new TerminalError(`productType: can't change while ${masked(number)} is associated with ${observed.holders.join(', ')}; remove the association first`);
        },
      };
    }
    const isCleared = desired.callingName === undefined && stringProperty(request.oldProperties, 'CallingName') !== undefined;
    const differs = desired.callingName === undefined ? isCleared && callingName !== undefined : callingName !== desired.callingName;
    // The service takes up to 72 hours for a calling name, and accepts no other one in the meantime. The drift monitor reports the difference.
    if (differs && observed.isCallingNameChanging) {
      request.log.info('the calling name is being changed, so it stays as it is', { number });
    } else if (differs) {
      yield change('calling name', 'the calling name differs', [propertyDifference('CallingName', desired.callingName, callingName)],
        () => this.change(numbers, observed, { CallingName: desired.callingName ?? '' }));
    }
  }

  private async* retainChanges(
    numbers: PhoneNumberApi, observed: ObservedNumber, { retain }: Desired,
  ): AsyncIterable<PropertyChange<ObservedNumber>> {
    const { words, mark } = observed;
    if (!mark || mark.retained === retain) return;
    yield {
      kind: 'retained',
      text: `the number is ${retain ? 'not yet' : 'still'} marked as retained`,
      properties: [],
      apply: () => this.change(numbers, observed, { Name: writeName({ words, mark: { ...mark, retained: retain } }) }),
    };
  }

  /** The service may refuse each change of a number that was acquired, restored, or changed just before. */
  private async change(numbers: PhoneNumberApi, observed: ObservedNumber, change: NumberChange): Promise<void> {
    try {
      await numbers.update(observed.number, change);
    } catch (error) {
      if ((error as Error).name !== 'BadRequestException' || !this.isJustChanged(observed)) throw error;
      throw new TransientError(`${masked(observed.number)}: ${describeError(error)}`);
    }
  }

  private isJustChanged({ updatedAt }: ObservedNumber): boolean {
    return this.options.clock.now() - updatedAt < REFUSED * 1000;
  }

  // Clean up

  /** Another delivery of this request, or a rolled-back replacement, may have ordered a number whose ID CloudFormation never received. */
  private async cleanUp(numbers: PhoneNumberApi, desired: Desired, operation: Operation): Promise<string | undefined> {
    const { request: { owner, physicalId, onEventOutcome }, budget } = operation;
    const search = onEventOutcome?.sweep;
    const isDuplicate = ({ mark }: ObservedNumber) => mark!.request === owner.request;
    const pending = await this.releaseAll(numbers, operation, isDuplicate);
    if (pending !== undefined || !search) return pending;
    const { region, attempted, except } = search;
    const others = region === desired.createOnly.region ? numbers : this.numbers(region, budget);
    try {
      const orphans = await this.releaseAll(others, operation, ({ mark, number }) => mark!.createOnlyHash === attempted && number !== except,
        this.retainedBefore(budget));
      if (orphans !== undefined) return orphans;
      // If CloudFormation named the replacement itself, its creation has ended, and there is no other number.
      if (except !== physicalId) return undefined;
      const unread = await this.unreadOrderOfReplacement(others, operation);
      if (unread) return describeUnread(unread);
      if (budget.elapsed >= TIMING.onEventTimeout) return undefined;
      if (budget.elapsed >= READ_LAG && await this.isImpossible(others, operation)) return undefined;
    } catch (error) {
      // In a region without the service nothing can have been ordered.
      if (classify(error, this.errorClasses) !== 'unreachable' || region === desired.createOnly.region) throw error;
      if (budget.elapsed >= READ_LAG) return undefined;
    }
    return 'looking for a number that the rolled-back replacement may have left, or may still order';
  }

  private async unreadOrderOfReplacement(numbers: PhoneNumberApi, { request: { oldProperties } }: Operation): Promise<NumberOrder | undefined> {
    const number = exactNumberOf(oldProperties);
    const orders = await numbers.orders();
    const listed = await numbers.list();
    return number === undefined
      ? this.unreadOrder(orders, listed, RECENT_ORDER)
      : this.unreadOrder(orders.filter((order) => order.number === number), listed, LONGEST_ORDER);
  }

  /** Whether the rolled-back replacement can't have taken its number, because the number belongs to another owner. */
  private async isImpossible(numbers: PhoneNumberApi, { request: { oldProperties, owner } }: Operation): Promise<boolean> {
    const number = exactNumberOf(oldProperties);
    const found = number === undefined ? undefined : await numbers.find(number);
    if (!found || found.released) return false;
    const ownership = ownerOfMark(found.mark, owner);
    return ownership === 'other' || (ownership === 'unowned' && stringProperty(oldProperties, 'AdoptExisting') !== 'true');
  }

  /** Releases the numbers of this resource that are not complete, except for the current one. */
  private async releaseAll(
    numbers: PhoneNumberApi, operation: Operation, isWanted: (number: ObservedNumber) => boolean,
    isRetained: IsRetained = ({ mark }) => mark!.retained,
  ): Promise<string | undefined> {
    const { request: { owner, physicalId } } = operation;
    const pending: string[] = [];
    const listed = await numbers.list();
    const current = listed.find(({ number }) => number === physicalId);
    for (const found of listed) {
      if (found.number === physicalId || !isOwn(found, owner)) continue;
      if (isRetained(found, current) || NOT_ACQUIRED.includes(found.status) || !isWanted(found)) continue;
      const waiting = await this.release(numbers, found, operation);
      if (waiting !== undefined) pending.push(waiting);
    }
    return pending.length > 0 ? pending.join('; ') : undefined;
  }

  /**
   * Whether a number was complete before this request. CloudFormation sends the request because it stopped waiting for a create or a replacement,
   * whose state machine still runs and may mark its number as retained in the meantime. A number of that operation is young, younger than the current
   * number, and has its mark since this request. Any other retained number belongs to a deployment that completed.
   */
  private retainedBefore({ elapsed }: TimeBudget): IsRetained {
    const from = this.options.clock.now() - elapsed * 1000;
    const earliest = from - LONGEST_ORDER;
    return ({ mark, createdAt, updatedAt }, current) => mark!.retained
      && (updatedAt < from - LATE_MARK || createdAt < Math.max(earliest, current?.createdAt ?? 0));
  }

  // Delete

  private async deleteOne(numbers: PhoneNumberApi, operation: Operation): Promise<Deleted> {
    const { request: { physicalId }, budget } = operation;
    for (;;) {
      const found = await numbers.find(physicalId);
      const waiting = found ? await this.deleteFound(numbers, found, operation) : await this.absence(numbers, physicalId, budget);
      if (waiting === undefined) return { gone: true };
      if (!await budget.pause(POLL_INTERVAL)) return { pending: waiting };
    }
  }

  /** The create that ordered the number may have been delivered twice. */
  private async deleteFound(numbers: PhoneNumberApi, found: ObservedNumber, operation: Operation): Promise<string | undefined> {
    const { request: { owner } } = operation;
    const isReleasable = isOwn(found, owner) && !found.mark!.adopted && isSettled(found);
    const duplicates = isReleasable ? await this.releaseAll(numbers, operation, ({ mark }) => mark!.request === found.mark!.request) : undefined;
    return duplicates ?? this.release(numbers, found, operation);
  }

  /** @returns what the release waits for; undefined: there is nothing to release */
  private async release(numbers: PhoneNumberApi, found: ObservedNumber, { request, budget }: Operation): Promise<string | undefined> {
    const { number, status, mark, holders } = found;
    const name = masked(number);
    if (found.released || NOT_ACQUIRED.includes(status)) return undefined;
    if (!isSettled(found)) return `${name} is ${status}`;
    const ownership = ownerOfMark(mark, request.owner);
    if (ownership !== 'self') {
      if (ownership === 'unowned' && budget.elapsed < READ_LAG) return `${name} has no owner mark, as a number just acquired may have none for a while`;
      request.log.info('left untouched: the name has no owner mark of this resource', { number });
      return undefined;
    }
    if (mark!.adopted) {
      await this.change(numbers, found, { Name: found.words ?? '' });
      return undefined;
    }
    if (isInUse(found)) {
      const use = holders.length > 0 ? `associated with ${holders.join(', ')}` : 'in use, and the service doesn\'t say by which resource';
      if (budget.elapsed < CREATE_LAG) return `${name} is ${use}`;
      throw new TerminalError(`${name} can't be released, because it is ${use}; end that use, and delete again`);
    }
    try {
      request.log.info('release', { number });
      await numbers.release(number);
    } catch (error) {
      // Also for a number that was acquired or disassociated just before.
      if ((error as Error).name !== 'BadRequestException' || (budget.elapsed >= REFUSED && !this.isJustChanged(found))) throw error;
      return `${name}: ${describeError(error)}`;
    }
    return `${name} is being released`;
  }

  /** A number that isn't found may still arrive, if its order is in progress. */
  private async absence(numbers: PhoneNumberApi, number: string, budget: TimeBudget): Promise<string | undefined> {
    const last = this.lastOrder(await numbers.orders(), number);
    if (last && (last.state === 'processing' || this.isJustAcquired(last))) return `the order of ${masked(number)} is ${last.status}`;
    return budget.elapsed < READ_LAG ? `${masked(number)} is not found, which must be so for a while` : undefined;
  }

  /**
   * CloudFormation invented the ID because it stopped waiting for a Create, which may still run. Or the handler did, because an outcome is unknown.
   * A number that a completed deployment retained isn't what a failed Create left.
   */
  private async deleteUnnamed(numbers: PhoneNumberApi, operation: Operation): Promise<Deleted> {
    const { request: { physicalId }, budget } = operation;
    const unconfirmed = unconfirmedRequest(physicalId);
    // Also another delivery of an unconfirmed request may still order.
    const quietAfter = TIMING.onEventTimeout;
    try {
      const orders = await numbers.orders();
      const pending = await this.releaseAll(numbers, operation, ({ mark }) => (unconfirmed ?? mark!.request) === mark!.request,
        // The ID names the request that failed, so no number of that request is retained.
        unconfirmed === undefined ? this.retainedBefore(budget) : () => false);
      if (pending !== undefined) return { pending };
      const unread = this.unreadOrder(orders, await numbers.list(), LONGEST_ORDER);
      if (unread) return { pending: describeUnread(unread) };
    } catch (error) {
      if (classify(error, this.errorClasses) === 'unreachable' && budget.elapsed >= quietAfter) return { gone: true };
      throw error;
    }
    if (budget.elapsed >= quietAfter) return { gone: true };
    return { pending: `found nothing; a create may still be running for ${Math.ceil(quietAfter - budget.elapsed)} s` };
  }

  private numbers(region: string, { signal }: TimeBudget): PhoneNumberApi {
    return new PhoneNumberApi({ client: this.options.client(region), orderClient: this.options.orderClient(region) }, signal);
  }

  /** Lenient: the properties may come from any version. */
  private createOnlyOf(properties: Properties): CreateOnly {
    return createOnlyOf(properties) ?? { source: '', region: this.options.region };
  }
}

export function phoneNumberHandler(options: PhoneNumberOptions): PhoneNumberHandler {
  return new PhoneNumberHandler(options);
}

function toDesired({ properties }: Request): Desired {
  const parsed = parseProperties(schema, properties);
  throwIfInvalid(validatePhoneNumber(parsed));
  return {
    source: parsed.Source,
    createOnly: { source: sourceText(parsed.Source), region: parsed.Region },
    productType: parsed.ProductType,
    words: parsed.PhoneNumberName,
    callingName: parsed.CallingName,
    adoptExisting: parsed.AdoptExisting,
    retain: parsed.Retain,
  };
}

/** Its hash is part of the owner mark of deployed numbers, so the text is permanent. */
function sourceText({ Local, TollFree, Exactly }: PhoneNumberSourceProperties): string {
  if (Exactly) return `exactly ${Exactly.E164PhoneNumber}`;
  if (Local) return `local ${JSON.stringify([Local.AreaCode, Local.State, Local.City])}`;
  return `toll-free ${TollFree?.Prefix ?? ''}`;
}

/** For messages. */
function describeSource({ Local, TollFree }: PhoneNumberSourceProperties): string {
  const criteria = Object.entries({ ...Local, ...TollFree }).map(([name, value]) => `${name} ${value}`);
  return [Local ? 'local' : 'toll-free', ...criteria].join(', ');
}

/** Lenient: undefined if the properties have no source or no region. */
function createOnlyOf(properties: Properties): CreateOnly | undefined {
  const region = stringProperty(properties, 'Region');
  const source = v.safeParse(schema.entries.Source, properties.Source);
  return region !== undefined && source.success ? { source: sourceText(source.output), region } : undefined;
}

function exactNumberOf(properties: Properties): string | undefined {
  const source = v.safeParse(schema.entries.Source, properties.Source);
  return source.success ? source.output.Exactly?.E164PhoneNumber : undefined;
}

function newMark({ resource, request }: Request['owner'], createOnly: CreateOnly): OwnerMark {
  return { resource, request, createOnlyHash: hashOf(createOnly), adopted: false, retained: false };
}

/** The owner mark that the number must have. */
function markOf({ mark }: ObservedNumber, { createOnly, source }: Desired, { owner, onEventOutcome }: Request): OwnerMark {
  const { origin } = onEventOutcome ?? {};
  if (ownerOfMark(mark, owner) === 'self' && (origin === undefined || mark!.request === owner.request)) return mark!;
  // Without a mark, a number that the source names may be an adopted one.
  const isFound = origin === 'adopted' || (origin === 'awaited' && !mark);
  return { ...newMark(owner, createOnly), adopted: isFound || (origin === undefined && source.Exactly !== undefined) };
}

function isOwn({ mark, released }: ObservedNumber, owner: Request['owner']): boolean {
  return !released && ownerOfMark(mark, owner) === 'self';
}

/** Whether the resource ordered the number, and no deployment retained it. */
function isUnretainedOrder({ adopted, retained }: OwnerMark): boolean {
  return !adopted && !retained;
}

/**
 * Whether the number is one that an earlier create of this resource ordered before it crashed, so that no Delete followed. The owner mark names one logical
 * ID of one stack, and CloudFormation creates a logical ID only if the stack has no such resource. Of a resource that left the stack, the number is released
 * or marked as retained.
 */
function isLeftByEarlierCreate(found: ObservedNumber, { createOnly }: Desired, owner: Request['owner']): boolean {
  const { mark, status } = found;
  return isOwn(found, owner) && isUnretainedOrder(mark!) && mark!.createOnlyHash === hashOf(createOnly)
    && !isInUse(found) && !NOT_ACQUIRED.includes(status);
}

/** The service may name no resource that uses an assigned number. */
function isInUse({ holders, status }: ObservedNumber): boolean {
  return holders.length > 0 || status === 'Assigned';
}

/** Whether the number is the desired one: an update never orders another number because of changed criteria. */
function isKept(current: ObservedNumber, { source, createOnly }: Desired, { oldProperties }: Request): boolean {
  if (source.Exactly) return source.Exactly.E164PhoneNumber === current.number;
  const createOnlyHash = hashOf(createOnly);
  const old = createOnlyOf(oldProperties);
  return current.mark?.createOnlyHash === createOnlyHash || (old !== undefined && hashOf(old) === createOnlyHash);
}

function refusal({ source }: Desired, { physicalId, oldProperties }: Request): TerminalError {
  const old = createOnlyOf(oldProperties);
  if (old?.source === sourceText(source)) {
    return new TerminalError(`${masked(physicalId)} is gone: it was released out of band, and an update orders no other number; restore the number within 7 days, `
      + 'or give the construct another ID to order another number');
  }
  return new TerminalError(`source: the criteria can't change after the number is ordered, because an update orders no other number; keep the criteria of ${masked(physicalId)}, `
    + 'or use PhoneNumberSource.exactly, or give the construct another ID to order another number');
}

/** The search for the number that a replacement ordered, if the update takes one back. With changed criteria in one region, none was ordered. */
function orphanSearch({ createOnly }: Desired, { oldProperties, physicalId }: Request): OrphanSearch | undefined {
  const attempted = createOnlyOf(oldProperties);
  if (!attempted || hashOf(attempted) === hashOf(createOnly)) return undefined;
  const exactly = exactNumberOf(oldProperties);
  if (attempted.region === createOnly.region && (exactly === undefined || exactly === physicalId)) return undefined;
  return { region: attempted.region, attempted: hashOf(attempted), except: physicalId };
}

function describeUnread({ number, status }: NumberOrder): string {
  return `an order of ${masked(number)} is ${status}, and the owner of the number can't be read yet`;
}

function unownedError(number: string): TerminalError {
  return new TerminalError(`source: ${masked(number)} is in the inventory of the account and has no owner mark; set adoptExisting to adopt the number`);
}

function notForSale(number: string, refusedWith: unknown): never {
  throw new TerminalError(`source: the service doesn't sell ${masked(number)}: ${describeError(refusedWith)}`);
}

/** A call that the service denies or rejects (unverified: F-86), to this delivery as to the earlier ones, hides no order. */
function mayHideAnOrder(errorClass: ErrorClass): boolean {
  return errorClass !== 'terminal' && errorClass !== 'denied';
}

/** The error of a number that the service refuses to restore says where the number is, and what to do. A retry may cure any other error. */
function withDeletionQueue(error: unknown, number: string, region: string): unknown {
  if ((error as Error).name !== 'BadRequestException') return error;
  return new TerminalError(`source: ${masked(number)} is in the deletion queue of ${region}, and the service refused to restore it: ${describeError(error)}; `
    + `restore it with \`${restoreCommand(region)}\`, or wait until it leaves the queue 7 days after its release`);
}

/** The error of a reached quota says which quota, and what to do. */
function withQuota(error: unknown): unknown {
  if ((error as Error).name === 'ResourceLimitExceededException') {
    (error as Error).message += '; the account has reached its quota of phone numbers, which is 5 by default. Release a number that isn\'t used, or request a higher quota from AWS';
  }
  return error;
}
