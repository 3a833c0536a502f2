import { CREATE_LAG, POLL_INTERVAL, READ_LAG } from './consistency';
import type { PropertyDifference } from './drift';
import { classify, type ErrorClass, isNotTerminal, markingUnknownOutcome, TerminalError, TransientError } from './error-classes';
import type { Deleted, OnEventOutcome, OrphanSearch, Properties, Reconciled, Request, ResourceHandler } from './lifecycle';
import {
  type Creation, creationOf, generatedName, hashOf, isNameOf, type Ownership, ownershipOf, ownerTags, unconfirmedRequest,
} from './ownership';
import { stringProperty } from './properties';
import { type Change, differencesIn, firstOf, type Operation, type PropertyChange, reconcile, type Unready } from './reconcile';
import { ownerTagChanges, retainChanges, type TagChange, userTagChanges } from './tag-changes';
import type { TimeBudget } from './time-budget';
import { STACK_TAG, TIMING } from '../../src/private/contract';

/**
 * The create-only properties. Their hash stands in the owner tag of deployed resources, so the order of the keys is permanent, and a new property must
 * be undefined by default.
 */
export interface CreateOnlyProperties {
  readonly name?: string;
  readonly region: string;
}

/** The part of the desired state that every owned resource has. */
export interface DesiredResource {
  readonly createOnly: CreateOnlyProperties;
  readonly retain: boolean;
  readonly tags: Record<string, string>;
  readonly adoptExisting?: boolean;
}

/** A resource as a list or a search shows it. */
export interface ListedResource {
  readonly id: string;
  readonly name: string;
  /** Deletion has begun. */
  readonly deleting?: boolean;
  /** Orders resources by their creation. */
  readonly createdAt?: number;
}

/** A resource as its cheapest read shows it. */
export interface FoundResource extends ListedResource {
  /** The status during which the resource can be neither compared nor changed. */
  readonly transition?: string;
}

/** A resource with everything that can be compared with the desired state. */
export interface ObservedResource extends FoundResource {
  readonly tags: Record<string, string>;
}

/** A resource that carries the owner tags of this custom resource. */
export interface Owned<Listed extends ListedResource> {
  readonly listed: Listed;
  readonly creation: Creation;
}

/** `accepted`: whether the service took the delete; if not, the resource is read and deleted again. */
export type DeleteOutcome = Deleted | { readonly accepted: boolean };

/** Whether the resource that is deleted is an orphan, so that nothing depends on it that would have to be restored. */
export interface DeleteMode {
  readonly isOrphan: boolean;
}

/** The beginning of every generated name of a resource, and the fixed names in its properties. */
export interface SearchNames {
  readonly prefix: string;
  readonly fixed: readonly string[];
}

export interface NewResource<Desired> {
  readonly name: string;
  readonly desired: Desired;
  /** Owner tags included. */
  readonly tags: Record<string, string>;
}

/** The service allows one resource per name in a region: the name makes a create idempotent, and a name in use can be adopted. */
export interface UniqueName<Desired, Found> {
  /** The construct property that holds the name. */
  readonly option: string;
  isValid(name: string): boolean;
  find(name: string, region: string, budget: TimeBudget): Promise<Found | undefined>;
  /** Why the existing resource can't be adopted. */
  mismatch(found: Found, desired: Desired): string | undefined;
}

/** The declaration of a resource with its own ID and tags: how to read, compare, change, and delete it. */
export interface OwnedResource<
  Desired extends DesiredResource, Listed extends ListedResource, Found extends FoundResource & Listed, Observed extends ObservedResource,
> {
  /** For messages, for example "channel". */
  readonly noun: string;
  readonly errorClasses: Record<string, ErrorClass>;
  readonly maxNameLength: number;
  /** The resource property that holds a fixed name. */
  readonly nameProperty: string;
  readonly uniqueName?: UniqueName<Desired, Found>;
  /** Strict: throws one error with all findings. */
  parse(request: Request): Desired;
  /** Lenient: the properties may come from any version. */
  createOnlyOf(properties: Properties): Desired['createOnly'];
  /** Undefined: it is not an ID of such a resource. */
  regionOf(id: string): string | undefined;
  /** The command that removes the owner tags. */
  untagCommand(id: string): string;

  describe(id: string, budget: TimeBudget): Promise<Found | undefined>;
  /** @param desired undefined before a deletion */
  observe(found: Found, desired: Desired | undefined, budget: TimeBudget): Promise<Observed>;
  /** The resources whose names can be this resource's. */
  search(region: string, names: SearchNames, budget: TimeBudget): Promise<Listed[]>;
  tagsOf(id: string, budget: TimeBudget): Promise<Record<string, string> | undefined>;
  tag(id: string, tags: Record<string, string>, budget: TimeBudget): Promise<void>;
  untag(id: string, keys: string[], budget: TimeBudget): Promise<void>;

  /** Whether the current resource has the desired create-only properties. */
  isDesired(current: Found, desired: Desired, request: Request): boolean;
  /** The resource that an earlier delivery of this request recorded as its own, if the declaration and not the name resolves uniqueness. */
  findRecorded?(desired: Desired, operation: Operation): Promise<string | undefined>;
  /** Tags that a new resource carries in addition to the owner tags. */
  creationTags?(desired: Desired, request: Request): Record<string, string>;
  /** Refuses a replacement, or prepares the current resource for it. */
  prepareReplacement?(current: Found, desired: Desired, operation: Operation): Promise<void>;
  create(resource: NewResource<Desired>, operation: Operation, search: OwnedSearch<Listed>): Promise<OnEventOutcome | 'name in use'>;
  /** Whether no delivery of the requests that created these resources can leave another one. */
  isCreationOver?(created: readonly Owned<Listed>[], operation: Operation, survivor?: Observed): Promise<boolean>;

  /** The differences in the order in which they are removed, owner tags and user tags apart. */
  changes(observed: Observed, desired: Desired, operation: Operation): AsyncIterable<PropertyChange<Observed>>;
  /** Why a read may hide what a rolled-back operation wrote just before. */
  staleRead?(observed: Observed, desired: Desired, request: Request, applied: Change<Observed> | undefined): string | undefined;
  delete(observed: Observed, operation: Operation, mode: DeleteMode, search: OwnedSearch<Listed>): Promise<DeleteOutcome>;
  attributes(observed: Observed, desired: Desired, budget: TimeBudget): Promise<Record<string, string>>;
}

/** Finds the resources that carry the owner tags of this custom resource. */
export type OwnedSearch<Listed extends ListedResource> = (region: string, options: SearchOptions) => Promise<Owned<Listed>[]>;

export interface SearchOptions {
  readonly wanted?: (creation: Creation, listed: ListedResource) => boolean;
  readonly except?: string;
  /** A resource that exists: a list without it is a stale read. */
  readonly existing?: string;
}

/** Engine 1: the life cycle of an owned resource. */
export class OwnedResourceHandler<
  Desired extends DesiredResource, Listed extends ListedResource, Found extends FoundResource & Listed, Observed extends ObservedResource,
> implements ResourceHandler {
  public readonly errorClasses;

  constructor(private readonly declaration: OwnedResource<Desired, Listed, Found, Observed>) {
    this.errorClasses = declaration.errorClasses;
  }

  public async create(request: Request, budget: TimeBudget): Promise<OnEventOutcome> {
    const desired = this.declaration.parse(request);
    const recorded = await this.declaration.findRecorded?.(desired, { request, budget });
    return recorded === undefined ? this.createNew(desired, { request, budget }) : { physicalId: recorded };
  }

  public async update(request: Request, budget: TimeBudget): Promise<OnEventOutcome> {
    const { declaration } = this;
    const operation = { request, budget };
    const desired = declaration.parse(request);
    const current = await this.current(operation);
    if (current && declaration.isDesired(current, desired, request)) return { physicalId: current.id, sweep: this.orphanSearch(desired, request) };
    const existing = await this.findExisting(desired, current, operation) ?? await declaration.findRecorded?.(desired, operation);
    // The resource that was deleted out of band may be the one that was to be replaced: then CloudFormation doesn't know the replacement.
    const isLost = this.isId(request.physicalId) && !current;
    if (existing !== undefined) return { physicalId: existing, sweep: this.orphanSearch(desired, request, isLost ? existing : undefined) };
    if (current) await declaration.prepareReplacement?.(current, desired, operation);
    const created = await this.createNew(desired, operation);
    return isLost ? { ...created, sweep: this.orphanSearch(desired, request, created.physicalId) } : created;
  }

  public async reconcile(request: Request, budget: TimeBudget): Promise<Reconciled> {
    const { declaration } = this;
    const operation = { request, budget };
    const desired = declaration.parse(request);
    const outcome = await reconcile<Observed>({
      read: () => this.read(desired, operation),
      changes: (observed) => {
        this.guard(observed, request);
        return this.changes(observed, desired, operation);
      },
      staleRead: (observed, applied) => declaration.staleRead?.(observed, desired, request, applied),
    }, operation);
    if ('pending' in outcome) return outcome;
    const pending = await this.cleanUp(outcome.observed, desired, operation);
    return pending === undefined ? { attributes: await declaration.attributes(outcome.observed, desired, budget) } : { pending };
  }

  public async delete(request: Request, budget: TimeBudget): Promise<Deleted> {
    const operation = { request, budget };
    if (this.isId(request.physicalId)) return this.deleteOne(request.physicalId, operation);
    // CloudFormation invented the ID because it stopped waiting for a Create, which may still run. Or the handler did, because an outcome is unknown.
    const unconfirmed = unconfirmedRequest(request.physicalId);
    const quietAfter = unconfirmed === undefined ? TIMING.onEventTimeout : READ_LAG;
    const find = () => this.findOwned(this.declaration.createOnlyOf(request.properties).region, operation, {
      wanted: (creation) => !creation.retained && (unconfirmed ?? creation.request) === creation.request,
    });
    let found: Owned<Listed>[];
    try {
      found = await find();
    } catch (error) {
      if (this.isUnreachable(error) && budget.elapsed >= quietAfter) return { gone: true };
      throw error;
    }
    if (found.length > 0) {
      const pending = await this.deleteAll(found, operation);
      const isOver = pending === undefined && (await this.declaration.isCreationOver?.(found, operation) ?? true)
        && await this.isCreatedOnce(find, operation);
      return isOver ? { gone: true } : { pending: `found ${names(found)}, deleting` };
    }
    if (budget.elapsed < quietAfter) return { pending: `found nothing; a create may still be running for ${Math.ceil(quietAfter - budget.elapsed)} s` };
    return { gone: true };
  }

  public async detectDrift(request: Request, budget: TimeBudget): Promise<PropertyDifference[] | undefined> {
    const desired = this.declaration.parse(request);
    const found = await this.declaration.describe(request.physicalId, budget);
    if (!found || found.deleting) return undefined;
    if (found.transition !== undefined) throw new TransientError(`${found.id} is ${found.transition}`);
    const observed = await this.declaration.observe(found, desired, budget);
    return differencesIn(this.changes(observed, desired, { request, budget }));
  }

  // Create once

  private async createNew(desired: Desired, operation: Operation): Promise<OnEventOutcome> {
    const { declaration } = this;
    const { request: { owner }, request } = operation;
    const name = desired.createOnly.name ?? generatedName(owner, declaration.maxNameLength).name;
    const tags = { ...ownerTags(owner, creationOf(owner, desired.createOnly)), ...declaration.creationTags?.(desired, request) };
    const created = await declaration.create({ name, desired, tags: { ...desired.tags, ...tags } }, operation,
      (region, options) => this.findOwned(region, operation, options));
    if (created !== 'name in use') return created;
    // An attempt of this create whose response was lost may be what uses the name. As long as that can't be read, the outcome is unknown.
    const adopt = () => this.adopt(name, desired, tags, declaration.uniqueName!, operation);
    return { physicalId: await markingUnknownOutcome(this.errorClasses, adopt, isNotTerminal) };
  }

  /** The name is in use by an earlier delivery of this request, by a resource that may be adopted, or by a resource of another owner. */
  private async adopt(
    name: string, desired: Desired, tags: Record<string, string>, uniqueName: UniqueName<Desired, Found>, { request: { owner }, budget }: Operation,
  ): Promise<string> {
    const { noun } = this.declaration;
    const found = await uniqueName.find(name, desired.createOnly.region, budget);
    if (!found) throw new TransientError(`the name ${name} is in use, but no ${noun} of it is found yet`);
    if (found.deleting) throw new TransientError(`${found.id}, which has the name, is being deleted`);
    const ownership = await this.ownershipOfListed(found, owner, budget);
    if (ownership.kind === 'self' && ownership.creation.request === owner.request) return found.id;

    const taken = `${uniqueName.option}: ${JSON.stringify(name)} is taken in ${desired.createOnly.region} by ${found.id}`;
    const elsewhere = 'choose another name, or leave it out for a generated one';
    if (ownership.kind === 'otherStack') {
      throw new TerminalError(`${taken}, which belongs to the stack ${ownership.stackId}; ${elsewhere}. `
        + `If that stack is gone, free the ${noun} with \`${this.declaration.untagCommand(found.id)}\` and set adoptExisting`);
    }
    if (ownership.kind === 'sameStack') {
      throw new TerminalError(`${taken}, another resource of this stack; ${elsewhere}. A renamed construct cannot keep a fixed name in one deployment`);
    }
    if (ownership.kind === 'unowned' && !desired.adoptExisting) {
      throw new TerminalError(`${taken}, which has no owner tag; ${elsewhere}, or set adoptExisting to adopt that ${noun}`);
    }
    const mismatch = uniqueName.mismatch(found, desired);
    if (mismatch !== undefined) throw new TerminalError(`${taken}; it cannot be adopted, because ${mismatch}`);
    // Unowned, or this resource's own of an earlier request, which CloudFormation retained or forgot.
    await this.declaration.tag(found.id, tags, budget);
    return found.id;
  }

  // Find

  /** The resource that CloudFormation names, if it exists. A read may lag behind its creation, or behind that of an earlier attempt. */
  private async current({ request: { physicalId }, budget }: Operation): Promise<Found | undefined> {
    for (;;) {
      const found = this.isId(physicalId) ? await this.declaration.describe(physicalId, budget) : undefined;
      if (found && !found.deleting) return found;
      if (budget.elapsed >= READ_LAG || !await budget.pause(POLL_INTERVAL)) return undefined;
    }
  }

  /**
   * Before a replacement is created: an existing resource with the desired create-only properties, as after a replacement that was rolled back.
   * A retained one is reused only by a resource that retains it, too. If the declaration resolves uniqueness, it decides on those of this request.
   */
  private async findExisting(desired: Desired, current: Found | undefined, operation: Operation): Promise<string | undefined> {
    const createOnlyHash = hashOf(desired.createOnly);
    const { request: { owner } } = operation;
    const [existing] = (await this.findOwned(desired.createOnly.region, operation, {
      wanted: (creation, { deleting }) => creation.createOnlyHash === createOnlyHash && !deleting && (desired.retain || !creation.retained)
        && !(this.declaration.findRecorded && creation.request === owner.request),
      existing: current?.id,
    })).sort(newestFirst);
    return existing?.listed.id;
  }

  /** The resources that carry the owner tags of this custom resource. */
  private async findOwned(
    region: string, { request, budget }: Operation, { wanted = () => true, except, existing }: SearchOptions,
  ): Promise<Owned<Listed>[]> {
    const { owner } = request;
    const fixed = [...new Set([request.properties, request.oldProperties].flatMap((properties) => this.fixedNameOf(properties) ?? []))];
    const listed = await this.declaration.search(region, { prefix: generatedName(owner, this.declaration.maxNameLength).prefix, fixed }, budget);
    const isStale = existing !== undefined && this.declaration.regionOf(existing) === region && !listed.some(({ id }) => id === existing);
    if (isStale && budget.elapsed < READ_LAG) throw new TransientError(`${existing} is not listed, so there may be more`);
    const owned: Owned<Listed>[] = [];
    for (const one of listed) {
      if (one.id === except) continue;
      const ownership = await this.ownershipOfListed(one, owner, budget);
      if (ownership.kind === 'self' && wanted(ownership.creation, one)) owned.push({ listed: one, creation: ownership.creation });
    }
    return owned;
  }

  private async ownershipOfListed({ id }: ListedResource, owner: Request['owner'], budget: TimeBudget): Promise<Ownership> {
    const tags = await this.declaration.tagsOf(id, budget);
    if (!tags && budget.elapsed < READ_LAG) throw new TransientError(`${id} is listed, and its owner tags may not be readable yet`);
    return ownershipOf(tags ?? {}, owner);
  }

  // Reconcile

  private async read(desired: Desired, { request: { physicalId: id }, budget }: Operation): Promise<Observed | Unready> {
    const found = await this.declaration.describe(id, budget);
    if (!found) {
      if (budget.elapsed < CREATE_LAG) return { unready: `${id} is not found, as a ${this.declaration.noun} just created may be for a while` };
      throw new TerminalError(`${id} is gone: it was deleted out of band during this deployment`);
    }
    if (found.deleting) throw new TerminalError(`${id} is being deleted out of band`);
    return found.transition === undefined ? this.declaration.observe(found, desired, budget) : { unready: `${id} is ${found.transition}` };
  }

  /**
   * The owner tags come first, because policies allow all other changes only under them. The mark of a retained resource comes last: it says that the
   * resource is complete.
   */
  private async* changes(observed: Observed, desired: Desired, operation: Operation): AsyncIterable<PropertyChange<Observed>> {
    const { request, budget } = operation;
    const apply = (change: TagChange): PropertyChange<Observed> => ({
      ...change,
      apply: () => 'keys' in change
        ? this.declaration.untag(request.physicalId, change.keys, budget) : this.declaration.tag(request.physicalId, change.tags, budget),
    });
    yield* ownerTagChanges(observed.tags, desired.createOnly, request).map(apply);
    yield* userTagChanges(observed.tags, desired.tags, request).map(apply);
    yield* this.declaration.changes(observed, desired, operation);
    yield* retainChanges(observed.tags, desired.retain, request).map(apply);
  }

  private guard({ id, name, tags }: Observed, request: Request): void {
    const ownership = ownershipOf(tags, request.owner);
    if (ownership.kind === 'otherStack') {
      throw new TerminalError(`${id} belongs to the stack ${ownership.stackId} by its tag ${STACK_TAG}, so it is left as it is; `
        + `if that stack is gone, free the ${this.declaration.noun} with \`${this.declaration.untagCommand(id)}\``);
    }
    if (ownership.kind === 'unowned' && !this.isNamedBy(request, name)) {
      throw new TerminalError(`${id} has neither an owner tag nor a name of this resource, so it is left as it is`);
    }
  }

  // Clean up a rolled-back replacement

  /** The replacement that an update takes back, if it takes one back. */
  private orphanSearch(desired: Desired, { oldProperties, physicalId }: Request, except = physicalId): OrphanSearch | undefined {
    const attempted = this.declaration.createOnlyOf(oldProperties);
    if (hashOf(attempted) === hashOf(desired.createOnly)) return undefined;
    return { region: attempted.region, attempted: hashOf(attempted), except };
  }

  /** The replacement, or another delivery of this request, may have left a resource whose ID CloudFormation never received, or may still create it. */
  private async cleanUp(current: Observed, desired: Desired, operation: Operation): Promise<string | undefined> {
    const { declaration } = this;
    const { request, request: { onEventOutcome, owner }, budget } = operation;
    const search = onEventOutcome?.sweep;
    const isNew = declaration.findRecorded !== undefined && isCreatedBy(request, current);
    let isReachable = true;
    const find = async () => {
      const found: Owned<Listed>[] = [];
      for (const region of new Set([...isNew ? [declaration.regionOf(current.id)!] : [], ...search ? [search.region] : []])) {
        try {
          found.push(...await this.findOwned(region, operation, {
            wanted: (creation, { id }) => !creation.retained && id !== search?.except
              && (creation.request === owner.request ? isNew : creation.createOnlyHash === search?.attempted),
            except: current.id,
          }));
        } catch (error) {
          // In a region without the service nothing can have been created.
          if (!this.isUnreachable(error) || region === declaration.regionOf(current.id)) throw error;
          isReachable = false;
        }
      }
      return found;
    };
    const orphans = await find();
    if (orphans.length > 0) return this.deleteOrphans(orphans, find, current, desired, operation);
    // If CloudFormation named the replacement itself, its creation has ended, and there is no other resource.
    if (search?.except !== current.id || budget.elapsed >= TIMING.onEventTimeout) return undefined;
    if (isReachable && await this.isImpossible(search.region, operation)) {
      if (budget.elapsed >= READ_LAG) return undefined;
      if (await budget.pause(READ_LAG - budget.elapsed)) return this.cleanUp(current, desired, operation);
    }
    return 'looking for a resource that the rolled-back replacement may have left, or may still create';
  }

  private async deleteOrphans(
    orphans: Owned<Listed>[], find: () => Promise<Owned<Listed>[]>, current: Observed, desired: Desired, operation: Operation,
  ): Promise<string | undefined> {
    const { declaration } = this;
    // A creation that is over may have overwritten a part of the current resource just before. Nothing overwrites it after this comparison.
    const isOver = await declaration.isCreationOver?.(orphans, operation, current);
    const change = isOver === undefined ? undefined : await firstOf(this.changes(current, desired, operation));
    if (change) return change.text;
    const pending = await this.deleteAll(orphans, operation, { isOrphan: true });
    const isLast = pending === undefined
      && ((isOver ?? await this.isCreatedOnce(find, operation)) || operation.budget.elapsed >= TIMING.onEventTimeout);
    if (isLast) return undefined;
    return `found ${names(orphans)} of the rolled-back replacement: ${pending ?? 'deleting'}`;
  }

  /** Whether the rolled-back replacement can't have been created: its name isn't valid, or is in use by the current resource or another owner. */
  private async isImpossible(region: string, { request, budget }: Operation): Promise<boolean> {
    const { uniqueName } = this.declaration;
    const { name } = this.declaration.createOnlyOf(request.oldProperties);
    if (!uniqueName || name === undefined) return false;
    if (!uniqueName.isValid(name)) return true;
    const found = await uniqueName.find(name, region, budget);
    if (!found || found.deleting) return false;
    if (found.id === request.physicalId) return true;
    const { kind } = await this.ownershipOfListed(found, request.owner, budget);
    const isToBeAdopted = stringProperty(request.oldProperties, 'AdoptExisting') === 'true';
    return kind === 'otherStack' || kind === 'sameStack' || (kind === 'unowned' && !isToBeAdopted);
  }

  // Delete

  /** A request creates one resource. If its response is lost, the request creates another one within seconds. */
  private async isCreatedOnce(find: () => Promise<Owned<Listed>[]>, { budget }: Operation): Promise<boolean> {
    return await budget.pauseUntilLastRead() && (await find()).length === 0;
  }

  /** @returns what the deletions wait for */
  private async deleteAll(owned: readonly Owned<Listed>[], operation: Operation, mode?: DeleteMode): Promise<string | undefined> {
    const pending: string[] = [];
    for (const { listed: { id } } of owned) {
      const outcome = await this.deleteOne(id, operation, mode);
      if ('pending' in outcome) pending.push(outcome.pending);
    }
    return pending.length > 0 ? pending.join('; ') : undefined;
  }

  private async deleteOne(id: string, operation: Operation, mode: DeleteMode = { isOrphan: false }): Promise<Deleted> {
    const { declaration } = this;
    const { budget } = operation;
    let accepted = false;
    for (;;) {
      const found = await declaration.describe(id, budget);
      if (!found && (accepted || budget.elapsed >= READ_LAG)) return { gone: true };
      if (found && !found.deleting && found.transition === undefined && !accepted) {
        const outcome = await this.deleteObserved(await declaration.observe(found, undefined, budget), operation, mode);
        if (!('accepted' in outcome)) return outcome;
        ({ accepted } = outcome);
      }
      const status = found ? found.transition ?? 'not deleted yet' : 'not found, which must be so for a while';
      if (!await budget.pause(POLL_INTERVAL)) return { pending: `${id} is ${status}` };
    }
  }

  private async deleteObserved(observed: Observed, operation: Operation, mode: DeleteMode): Promise<DeleteOutcome> {
    const { declaration } = this;
    const { request, budget } = operation;
    const { id, name, tags } = observed;
    const ownership = ownershipOf(tags, request.owner);
    if (ownership.kind === 'otherStack') {
      request.log.info('left untouched: it belongs to another stack', { id, stackId: ownership.stackId });
      return { gone: true };
    }
    if (ownership.kind === 'unowned' && !this.isNamedBy(request, name)) {
      request.log.info('left untouched: it has neither an owner tag nor a name of this resource', { id });
      return { gone: true };
    }
    if (ownership.kind === 'unowned') {
      // The tags were removed out of band. Without them policies allow no change.
      await declaration.tag(id, ownerTags(request.owner, creationOf(request.owner, declaration.createOnlyOf(request.properties))), budget);
      return { pending: `${id}: tagged again, to be deleted` };
    }
    return declaration.delete(observed, operation, mode, (region, options) => this.findOwned(region, operation, options));
  }

  private isId(physicalId: string): boolean {
    return this.declaration.regionOf(physicalId) !== undefined;
  }

  private isUnreachable(error: unknown): boolean {
    return classify(error, this.errorClasses) === 'unreachable';
  }

  /** Whether a resource without owner tags can be this resource's. */
  private isNamedBy({ owner, properties, oldProperties }: Request, name: string): boolean {
    return isNameOf(owner, name, this.declaration.maxNameLength, [properties, oldProperties].map((one) => this.fixedNameOf(one)));
  }

  private fixedNameOf(properties: Properties): string | undefined {
    return stringProperty(properties, this.declaration.nameProperty);
  }
}

/** Pure: whether this very request created the resource. */
export function isCreatedBy({ owner }: Request, { tags }: ObservedResource): boolean {
  const ownership = ownershipOf(tags, owner);
  return ownership.kind === 'self' && ownership.creation.request === owner.request;
}

function newestFirst(one: Owned<ListedResource>, other: Owned<ListedResource>): number {
  return (other.listed.createdAt ?? 0) - (one.listed.createdAt ?? 0);
}

function names(owned: readonly Owned<ListedResource>[]): string {
  return owned.map(({ listed: { id } }) => id).join(', ');
}
