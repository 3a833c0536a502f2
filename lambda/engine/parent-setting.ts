import { CREATE_LAG, POLL_INTERVAL, READ_LAG, RESTORE_BY } from './consistency';
import { type PropertyDifference, propertyDifference } from './drift';
import { classify, describeError, type ErrorClass, markingUnknownOutcome, TerminalError, TransientError } from './error-classes';
import type { Deleted, OnEventOutcome, Properties, Reconciled, Request, ResourceHandler } from './lifecycle';
import type { Log } from './log';
import { unconfirmedRequest } from './ownership';
import { stringProperty } from './properties';
import { type Change, type Operation, reconcile } from './reconcile';
import { differenceBetween, propertiesBetween } from './setting-document';
import {
  type DocumentEncoding, type Former, formerTag, jsonEncoding, NO_RESOURCE, parseFormerTag, type SettingOwnership, settingOwnershipOf,
  settingOwnerTag,
} from './setting-ownership';
import type { TimeBudget } from './time-budget';
import { TIMING } from '../../src/private/contract';

/** Seconds after its first put within which a document must show. */
const READ_BACK = 90;

/** Seconds after which the claim of another delivery must show. */
const CLAIM_LAG = 5;

export interface DesiredSetting<Document> {
  readonly parentArn: string;
  readonly document: Document;
  /** Whether a document without an owner may be replaced. */
  readonly adoptExisting: boolean;
  readonly retain: boolean;
}

/** The keys of the tags on the parent. */
export interface TagKeys {
  readonly owner: string;
  readonly former: string;
  /** Tags of the declaration itself, which are deleted with the owner tag: a Create that is still running may need them until then. */
  readonly others?: readonly string[];
}

/** The tags of a parent. Undefined: there is no such parent. */
export interface ParentTags {
  list(): Promise<Record<string, string> | undefined>;
  set(tags: Record<string, string>): Promise<void>;
  delete(keys: string[]): Promise<void>;
}

/** The calls that read and write the document. Undefined: there is no document, or no parent. */
export interface DocumentAccess<Document> {
  get(): Promise<Document | undefined>;
  /**
   * @param former the document on this parent before the update
   * @returns the document that the service says it put; undefined if the service doesn't say
   */
  put(document: Document, former?: Document): Promise<Document | undefined>;
}

/** Access that may not be available to the account. */
export interface CheckedAccess<Document> extends DocumentAccess<Document> {
  check?(): Promise<unknown>;
}

/** One parent within one invocation. */
export interface Parent<Document> extends DocumentAccess<Document> {
  readonly tags: ParentTags;
  /**
   * Deletes the document, or resets it to the default of the service.
   *
   * @returns 'left' if the service can't delete the document, which has no effect as things are
   */
  clear(): Promise<'left' | void>;
}

/** How a setting works without a claim, on a parent that has as many tags as it can have. */
export interface MissingClaim {
  /** Whether the parent refused a tag because it has too many. */
  isCausedBy(error: unknown): boolean;
  /** Whether a claim may be missing next to these tags of the parent. */
  isPossible(tags: Record<string, string>): boolean;
}

/** The declaration of a configuration document on a parent resource. */
export interface ParentSetting<Document extends object, Desired extends DesiredSetting<Document> = DesiredSetting<Document>> {
  /** For messages, for example "streaming configuration". */
  readonly noun: string;
  /** For example "voice connector", and the construct and resource properties that name it. */
  readonly parent: { readonly noun: string; readonly option: string; readonly property: string };
  /** What a user does about an existing document: the construct property, and the advice. */
  readonly adoption: { readonly option: string; readonly advice: string };
  readonly errorClasses: Record<string, ErrorClass>;
  readonly tagKeys: TagKeys;
  readonly encoding?: DocumentEncoding<Document>;
  /** The members that a document need not have: a Put leaves them out if they aren't desired. */
  readonly optionalMembers?: readonly (keyof Document & string)[];
  /** The members that the declaration keeps in a tag: they can't be compared if the tags of the parent were removed. */
  readonly membersInTags?: readonly (keyof Document & string)[];
  /**
   * Seconds for which another delivery of a Create may wait until the parent takes its claim. A Delete keeps its own claim for so long, which ends that
   * Create, or until the end of the invocation that deleted the document. Default: 0.
   */
  readonly claimTime?: number;
  /** True: the policy allows changes only to a parent that this stack has claimed. */
  readonly needsClaim?: boolean;
  /** Default: a parent that can't be claimed is refused. */
  readonly missingClaim?: MissingClaim;
  /** Strict: throws one error with all findings. */
  parse(request: Request): Desired;
  /** Lenient: undefined if the properties come from a version that this one can't read. */
  parseAny(properties: Properties): Omit<Desired, 'retain'> | undefined;
  /** Undefined: it is not the ARN of such a parent. */
  regionOf(parentArn: string): string | undefined;
  /** The command that removes the owner tags. */
  untagCommand(parentArn: string): string;
  connect(parentArn: string, budget: TimeBudget, log: Log): Parent<Document>;
  /** The calls that put and read back the desired document, if they aren't those of the parent. `check` runs before the claim. */
  access?(desired: Desired, parent: Parent<Document>, budget: TimeBudget): Promise<CheckedAccess<Document>>;
  /**
   * If two parents can't have the same document, a put takes it from another parent of the stack, as in a move. After the document of this parent was
   * deleted or changed, restores the document of that one. Throws a transient error until the restored document shows, but at most until that time has
   * elapsed. Then it logs an error.
   *
   * @returns whether the tags of the declaration named such a parent, and aren't needed any more
   */
  restoreSource?(parentArn: string, document: Document, operation: Operation, until: number): Promise<boolean>;
  /**
   * The document without an owner that a claim takes, if it isn't one of the parent itself. A Delete restores such a document until an update in place
   * proves that the deployment of the claim is complete. Default: no unowned document is restored.
   */
  unownedDocument?(parent: Parent<Document>): Promise<Document | undefined>;
  /** Whether a claim of the parent with these properties is refused, for a reason that the parent and its document don't show. */
  isRefused?(properties: Properties): Promise<boolean>;
  /** Whether a document does nothing, which a service may show for none. */
  isBlank?(document: Document): boolean;
  /** By the names of the resource properties, for the drift monitor. */
  toProperties(document: Document): object;
  attributes(parentArn: string): Record<string, string>;
}

interface Observed<Document> {
  readonly document: Document | undefined;
  readonly retained: boolean;
}

interface Deletion {
  /** CloudFormation knows the setting as this resource's, so a missing tag was removed out of band. */
  readonly isKnown: boolean;
  /** No operation that claimed the parent can still run. Until then the claim stays, so that a late Put is known. */
  readonly isLast: boolean;
  /** Elapsed seconds until which the document that was taken from another parent is restored. */
  readonly restoreBy: number;
}

interface Connected<Document> extends Parent<Document> {
  readonly arn: string;
}

/** Engine 2: the life cycle of a setting on a parent. */
export class ParentSettingHandler<Document extends object, Desired extends DesiredSetting<Document> = DesiredSetting<Document>>
implements ResourceHandler {
  public readonly errorClasses;
  private readonly encoding: DocumentEncoding<Document>;
  /**
   * When each request first put its document, by elapsed time. A document may be put late, for example because the parent was busy. The time is lost with
   * the environment of the function, and then counts from the next put.
   */
  private readonly firstPuts = new Map<string, number>();

  constructor(private readonly declaration: ParentSetting<Document, Desired>) {
    this.errorClasses = declaration.errorClasses;
    this.encoding = declaration.encoding ?? jsonEncoding();
  }

  public async create(request: Request, budget: TimeBudget): Promise<OnEventOutcome> {
    return this.claim(this.declaration.parse(request), { request, budget });
  }

  public async update(request: Request, budget: TimeBudget): Promise<OnEventOutcome> {
    const { declaration } = this;
    const desired = declaration.parse(request);
    if (request.physicalId !== desired.parentArn) return this.claim(desired, { request, budget });
    // In place, reconcile does everything. A rolled-back move may have left a document on the other parent.
    const attempted = stringProperty(request.oldProperties, declaration.parent.property);
    const region = attempted === undefined ? undefined : declaration.regionOf(attempted);
    // A parent of another account is refused before anything is changed.
    const isMoved = attempted !== desired.parentArn && region !== undefined && attempted!.split(':')[4] === request.account;
    return { physicalId: desired.parentArn, sweep: isMoved ? { region, attempted: attempted!, except: desired.parentArn } : undefined };
  }

  public async reconcile(request: Request, budget: TimeBudget): Promise<Reconciled> {
    const operation = { request, budget };
    const desired = this.declaration.parse(request);
    const parent = this.connect(desired.parentArn, operation);
    const access = await this.access(desired, parent, budget);
    const outcome = await reconcile<Observed<Document>>({
      read: async () => ({ retained: await this.ensureClaim(desired, parent, access, operation), document: await access.get() }),
      changes: (observed, applied) => this.changes(observed, desired, parent, access, operation, applied),
      staleRead: (_, applied) => this.staleRead(desired, request, applied !== undefined),
    }, operation);
    if ('pending' in outcome) return outcome;
    this.firstPuts.delete(keyOf(request));
    await this.restoreSource(desired, parent, operation);
    const pending = await this.cleanUp(operation);
    return pending === undefined ? { attributes: this.declaration.attributes(desired.parentArn) } : { pending };
  }

  public async delete(request: Request, budget: TimeBudget): Promise<Deleted> {
    const { declaration } = this;
    const operation = { request, budget };
    const isKnown = declaration.regionOf(request.physicalId) !== undefined;
    const arn = isKnown ? request.physicalId : stringProperty(request.properties, declaration.parent.property);
    if (arn === undefined || declaration.regionOf(arn) === undefined) return { gone: true };
    // CloudFormation invented the ID because it stopped waiting for a Create, which may still run. Or the handler did, because an outcome is unknown.
    const quietAfter = isKnown ? declaration.claimTime ?? 0 : unconfirmedRequest(request.physicalId) !== undefined ? READ_LAG : TIMING.onEventTimeout;
    try {
      const isLast = budget.elapsed >= quietAfter;
      const parent = this.connect(arn, operation);
      const mayBeUnclaimed = !isKnown && await this.mayBeUnclaimed(parent);
      const isFound = !isLast && await this.ownDocument(parent, request) !== undefined;
      const deleted = await this.deleteUnlessRunning(parent, operation, {
        isKnown: isKnown || mayBeUnclaimed, isLast, isFound, restoreBy: RESTORE_BY.delete,
      });
      if (deleted) return deleted;
    } catch (error) {
      // In a region without the service nothing can have been created.
      if (!isKnown && this.isUnreachable(error) && budget.elapsed >= quietAfter) return { gone: true };
      throw error;
    }
    return { pending: `nothing of this resource is on ${arn}; a create may still be running for ${Math.ceil(quietAfter - budget.elapsed)} s` };
  }

  public async detectDrift(request: Request, budget: TimeBudget): Promise<PropertyDifference[] | undefined> {
    const { declaration } = this;
    const desired = declaration.parse(request);
    const parent = this.connect(desired.parentArn, { request, budget });
    const tags = await parent.tags.list();
    const observed = tags && await (await this.access(desired, parent, budget)).get();
    if (!tags || !observed) return undefined;
    const differences = propertiesBetween(observed, desired.document, (document) => declaration.toProperties(document));
    return [...this.ownerDifferences(tags, desired, request), ...differences];
  }

  // Claim

  /** Claims the parent by tag, then puts the document. If a document of another owner is there, the claim is refused before anything is changed. */
  private async claim(desired: Desired, operation: Operation): Promise<OnEventOutcome> {
    const { declaration, declaration: { tagKeys, noun, adoption } } = this;
    const { request, request: { owner }, budget } = operation;
    const arn = desired.parentArn;
    const parent = this.connect(arn, operation);
    const access = await this.access(desired, parent, budget);
    await access.check?.();
    const read = async () => {
      const found = settingOwnershipOf((await this.tagsOf(parent, budget))[tagKeys.owner], owner);
      if (found.kind === 'otherStack') throw this.otherStackError(arn, found.stackId);
      return found;
    };
    // A parent that was just created may not be visible yet, which looks like a missing document. Its tags prove that it is visible.
    let ownership = await read();
    const document = await parent.get();
    const existing = this.isBlank(document) ? undefined : document;
    // Between the two reads another delivery of this request may have claimed the parent and put the document; and reads lag.
    if (existing && ownership.kind !== 'self') {
      if (ownership.kind === 'unowned') await budget.pause(CLAIM_LAG);
      ownership = await read();
    }
    if (ownership.kind === 'self' && ownership.deleting) {
      throw new TerminalError(`${arn} is being deleted by this very resource; if no deletion is in progress any more, free it with \`${declaration.untagCommand(arn)}\``);
    }
    if (existing && ownership.kind === 'unowned' && !desired.adoptExisting) {
      throw new TerminalError(`${adoption.option}: the ${noun} of ${arn} is not this stack's; ${adoption.advice}`);
    }
    let former: Former<Document> | undefined;
    let claim: Record<string, string> = { [tagKeys.owner]: settingOwnerTag(owner) };
    let claimed = true;
    if (ownership.kind !== 'self') {
      former = await this.formerOf(ownership, existing, parent);
      if (former) claim = { ...claim, [tagKeys.former]: formerTag(former, this.encoding) };
      claimed = await this.setClaim(parent, claim, request);
    }
    const difference = this.difference(document, desired);
    const overwritten = existing && ownership.kind === 'unowned' ? { overwritten: this.optionalMembersOf(existing) } : {};
    const outcome: OnEventOutcome = { physicalId: arn, claimed, ...former ? { claim } : {}, ...overwritten };
    try {
      if (difference) await this.put({ ...operation, request: { ...request, onEventOutcome: outcome } }, desired, access, difference);
    } catch (error) {
      // The parent is claimed: a Delete must follow a failure, so isComplete reports the failure, or puts the document again.
      if (classify(error, this.errorClasses) === 'terminal') return { physicalId: arn, failure: describeError(error) };
      request.log.info('to be put again', { reason: describeError(error) });
    }
    return outcome;
  }

  /** @returns whether the parent took the owner tag. Without room for the former document, a rollback deletes the document. */
  private async setClaim(parent: Connected<Document>, claim: Record<string, string>, request: Request): Promise<boolean> {
    const { tagKeys, missingClaim } = this.declaration;
    try {
      await markingUnknownOutcome(this.errorClasses, () => parent.tags.set(claim));
      return true;
    } catch (error) {
      if (!missingClaim?.isCausedBy(error)) throw error;
      const { [tagKeys.former]: former, ...owner } = claim;
      if (former !== undefined) return this.setClaim(parent, owner, request);
      request.log.info('not claimed, because the parent has as many tags as it can have', { arn: parent.arn });
      return false;
    }
  }

  /** The document that a Delete restores, if the claim is rolled back. */
  private async formerOf(
    ownership: SettingOwnership, existing: Document | undefined, parent: Parent<Document>,
  ): Promise<Former<Document> | undefined> {
    const { unownedDocument } = this.declaration;
    if (ownership.kind === 'unowned' && unownedDocument) {
      const taken = existing ?? await unownedDocument(parent);
      return taken && { resource: NO_RESOURCE, document: taken };
    }
    // A retained document may have left the stack. Then no Delete of its resource follows that would end the memory, and the Delete of a later
    // deployment would restore the document. So a rollback doesn't restore it: a known gap in docs/reliability.md.
    return ownership.kind === 'sameStack' && !ownership.retained && existing ? { resource: ownership.resource, document: existing } : undefined;
  }

  /**
   * Restores the owner tag of a setting that CloudFormation knows as this resource's, if the tag was removed or the construct was renamed in place.
   * An update in place also proves that an earlier rename is over. But a claim of this request that is missing was taken by another owner or removed by a
   * Delete. If the document is still there as this request put it, only the tags were removed, as an update of the parent's tags by its own stack may do
   * (unverified: F-14).
   *
   * @returns whether the tag says that the setting is retained
   */
  private async ensureClaim(
    desired: Desired, parent: Connected<Document>, access: DocumentAccess<Document>, { request, budget }: Operation,
  ): Promise<boolean> {
    const { tagKeys } = this.declaration;
    const tags = await this.tagsOf(parent, budget);
    const ownership = settingOwnershipOf(tags[tagKeys.owner], request.owner);
    const claim = { [tagKeys.owner]: settingOwnerTag(request.owner) };
    if (ownership.kind === 'otherStack') throw this.otherStackError(parent.arn, ownership.stackId);
    if (request.onEventOutcome?.claimed) {
      if (ownership.kind === 'self' && !ownership.deleting) return ownership.retained;
      if (budget.elapsed < READ_LAG && ownership.kind !== 'self') throw new TransientError(`the claim on ${parent.arn} does not show yet`);
      const tolerated = [...this.serviceDefaults(desired, request), ...this.declaration.membersInTags ?? []];
      if (ownership.kind === 'unowned' && !this.difference(await access.get(), desired, tolerated)) {
        request.log.info('the claim is restored', { arn: parent.arn });
        return !await this.setClaim(parent, { ...claim, ...request.onEventOutcome.claim }, request) && desired.retain;
      }
      throw new TerminalError(`the claim on ${parent.arn} was taken away during this deployment`);
    }
    // Without a claim, there is no tag to mark as retained.
    if ((ownership.kind !== 'self' || ownership.deleting) && !await this.setClaim(parent, claim, request)) return desired.retain;
    if (tagKeys.former in tags) await parent.tags.delete([tagKeys.former]);
    return ownership.kind === 'self' && ownership.retained;
  }

  // Reconcile

  private async* changes(
    { document, retained }: Observed<Document>, desired: Desired, parent: Connected<Document>, access: DocumentAccess<Document>, operation: Operation,
    applied: Change<Observed<Document>> | undefined,
  ): AsyncIterable<Change<Observed<Document>>> {
    const { request } = operation;
    // Before the Put of this invocation, an undesired member may be an out-of-band change, which the Put corrects.
    const difference = this.difference(document, desired, applied ? this.serviceDefaults(desired, request) : []);
    if (difference) {
      const firstPut = this.firstPuts.get(keyOf(request));
      yield {
        kind: 'document',
        text: difference,
        keptBy: firstPut === undefined ? undefined : firstPut + READ_BACK,
        apply: async () => {
          await this.put(operation, desired, access, difference);
          if (firstPut === undefined) this.firstPuts.set(keyOf(request), operation.budget.elapsed);
        },
      };
    }
    // The mark comes last, so that a document that a failed operation left is never taken for a retained one.
    if (retained !== desired.retain) {
      const mark = { [this.declaration.tagKeys.owner]: settingOwnerTag(request.owner, desired.retain ? 'retained' : undefined) };
      yield { kind: 'retained', text: `retained is ${retained}, desired ${desired.retain}`, apply: () => parent.tags.set(mark) };
    }
  }

  private async put({ request }: Operation, desired: Desired, access: DocumentAccess<Document>, difference: string): Promise<void> {
    request.log.info('put', { difference });
    const former = this.declaration.parseAny(request.oldProperties);
    const taken = await access.put(desired.document, former?.parentArn === desired.parentArn ? former.document : undefined);
    // A response may have no body: reading back shows what the service took, and whether it cleared the other members (unverified: F-30, F-80).
    const dropped = taken && this.difference(taken, desired, this.serviceDefaults(desired, request));
    if (dropped) throw new TerminalError(`the service did not take what was put: ${dropped}`);
  }

  /** A rolled-back change may have been put just before. A Put leaves a member in tags as it is if a stale read shows it as desired. */
  private staleRead(desired: Desired, { onEventOutcome, oldProperties }: Request, isApplied: boolean): string | undefined {
    const { membersInTags = [] } = this.declaration;
    const attempted = onEventOutcome?.claimed ? undefined : this.declaration.parseAny(oldProperties);
    const settled = isApplied ? Object.keys(desired.document).filter((member) => !(membersInTags as readonly string[]).includes(member)) : [];
    if (!attempted || !this.difference(attempted.document, desired, settled)) return undefined;
    return 'whether the rolled-back change was put may not be readable yet';
  }

  /**
   * The members that the service may have filled with a default of its own (unverified: F-31). They aren't desired, and weren't there before: neither the former
   * properties nor a document that this request replaces had them, so the service doesn't keep a member that a Put was to clear.
   */
  private serviceDefaults({ parentArn, document }: Desired, { onEventOutcome, oldProperties }: Request): string[] {
    const former = this.declaration.parseAny(oldProperties);
    const earlier = [...former?.parentArn === parentArn ? this.optionalMembersOf(former.document) : [], ...onEventOutcome?.overwritten ?? []];
    return this.missingMembersOf(document).filter((member) => !earlier.includes(member));
  }

  /** A rolled-back change of the document may have taken its document from another parent, whose resource may receive no request. */
  private async restoreSource(desired: Desired, parent: Connected<Document>, operation: Operation): Promise<void> {
    const { declaration } = this;
    const former = declaration.parseAny(operation.request.oldProperties);
    if (former?.parentArn !== parent.arn || !this.difference(former.document, desired)) return;
    const isNamed = await declaration.restoreSource?.(parent.arn, former.document, operation, RESTORE_BY.update);
    if (isNamed) await parent.tags.delete([...declaration.tagKeys.others ?? []]);
  }

  // Clean up a rolled-back move

  /** The move that an update takes back may have configured a parent that CloudFormation doesn't know, or may still do so. */
  public async cleanUp(operation: Operation): Promise<string | undefined> {
    const { request, budget } = operation;
    const attempted = request.onEventOutcome?.sweep?.attempted;
    if (attempted === undefined) return undefined;
    const parent = this.connect(attempted, operation);
    const isLast = budget.elapsed >= TIMING.onEventTimeout;
    try {
      const found = isLast ? undefined : await this.ownDocument(parent, request);
      if (found?.retained) return undefined;
      const attempt = { budget, request: { ...request, properties: request.oldProperties } };
      const deleted = await this.deleteUnlessRunning(parent, attempt, {
        isKnown: false, isLast, isFound: found !== undefined, restoreBy: RESTORE_BY.update,
      });
      if (deleted) return 'pending' in deleted ? deleted.pending : undefined;
      if (await this.isRefused(parent, request)) {
        if (budget.elapsed >= READ_LAG) return undefined;
        if (await budget.pause(READ_LAG - budget.elapsed)) return await this.cleanUp(operation);
      }
    } catch (error) {
      // In a region without the service nothing can have been created.
      if (isLast && this.isUnreachable(error)) return undefined;
      throw error;
    }
    return 'looking for a document that the rolled-back move may have left, or may still put';
  }

  /** Whether the rolled-back move can't have configured the parent: a document of another owner is there, which the move had to leave. */
  private async isRefused(parent: Connected<Document>, { owner, oldProperties }: Request): Promise<boolean> {
    const tags = await parent.tags.list();
    const kind = tags && settingOwnershipOf(tags[this.declaration.tagKeys.owner], owner).kind;
    if (kind === 'otherStack') return true;
    if (kind === 'unowned' && await this.declaration.isRefused?.(oldProperties)) return true;
    return kind === 'unowned' && !this.declaration.parseAny(oldProperties)?.adoptExisting && !this.isBlank(await parent.get());
  }

  // Delete

  /**
   * An operation that may still run puts one document. If its response is lost, or if it reads this deletion, it puts the document again within seconds,
   * but not after it reads the mark of the deletion. The mark stays until a last look.
   *
   * @returns undefined if an operation may still put a document
   */
  private async deleteUnlessRunning(
    parent: Connected<Document>, operation: Operation, { isFound, ...end }: Deletion & { readonly isFound: boolean },
  ): Promise<Deleted | undefined> {
    const deleted = await this.deleteFrom(parent, operation, end);
    if ('pending' in deleted || end.isLast) return deleted;
    if (!isFound || !await operation.budget.pauseUntilLastRead() || await this.ownDocument(parent, operation.request)) return undefined;
    return this.deleteFrom(parent, operation, { ...end, isLast: true });
  }

  /** The ownership of a document of this resource. On a parent that is only claimed, a document may still be put. */
  private async ownDocument(
    parent: Connected<Document>, { owner }: Request,
  ): Promise<Extract<SettingOwnership, { readonly retained: boolean }> | undefined> {
    const tags = await parent.tags.list();
    const ownership = tags && settingOwnershipOf(tags[this.declaration.tagKeys.owner], owner);
    return ownership?.kind === 'self' && !this.isBlank(await parent.get()) ? ownership : undefined;
  }

  private async deleteFrom(
    parent: Connected<Document>, operation: Operation, { isKnown, isLast, restoreBy }: Deletion,
  ): Promise<Deleted> {
    const { request, budget } = operation;
    const { tagKeys, noun } = this.declaration;
    const { arn } = parent;
    const tags = await parent.tags.list();
    if (!tags) return budget.elapsed >= READ_LAG ? { gone: true } : { pending: `${arn} is not found, which must be so for a while` };
    const ownership = settingOwnershipOf(tags[tagKeys.owner], request.owner);
    const former = parseFormerTag(tags[tagKeys.former], this.encoding);
    // A Delete can follow the claim within seconds.
    if (isKnown && ownership.kind !== 'self' && budget.elapsed < READ_LAG) return { pending: `the claim on ${arn} may not be readable yet` };
    if (ownership.kind === 'otherStack' || ownership.kind === 'sameStack') {
      request.log.info('left untouched: it belongs to another owner', { arn, owner: ownership.kind });
      // This Delete is the last step of a rename, or of one that was rolled back: the rename can't be undone any more.
      const isOver = ownership.kind === 'sameStack' && former && [request.owner.resource, ownership.resource].includes(former.resource);
      if (isOver) await parent.tags.delete([tagKeys.former]);
      return { gone: true };
    }
    if (!isKnown && (ownership.kind === 'unowned' || ownership.retained)) return { gone: true };
    if (ownership.kind === 'unowned' && !await this.isUnchanged(parent, request)) {
      request.log.info('left untouched: it has no owner tag, and is not as this resource put it', { arn });
      return { gone: true };
    }
    const mark = { [tagKeys.owner]: settingOwnerTag(request.owner, 'deleting') };
    const isClaimed = ownership.kind === 'self' || this.declaration.needsClaim === true;
    if (ownership.kind === 'unowned' && isClaimed) await parent.tags.set(mark);
    const isTaken = ownership.kind === 'self' && former && former.resource !== request.owner.resource;
    // Nor may the document of the rename be readable yet, which the restored one must replace.
    if (isTaken && budget.elapsed < READ_LAG) return { pending: `whether the rename put the ${noun} may not be readable yet` };
    if (isTaken && former.resource === NO_RESOURCE && !isLast) {
      // The claim stays: without it, a Create that is still running would take the restored document for its own.
      if (!ownership.deleting) await parent.tags.set(mark);
      return { pending: `a create may still put the ${noun} of ${arn}` };
    }
    if (isTaken && await this.restore(former, parent, request)) return { gone: true };
    for (;;) {
      if (await parent.clear() === 'left') {
        request.log.error('left, because the service cannot delete it', { arn });
        break;
      }
      if (this.isBlank(await parent.get())) break;
      if (!await budget.pause(POLL_INTERVAL)) return { pending: `the ${noun} of ${arn} is still there` };
    }
    const deleted = this.declaration.parseAny(request.properties);
    if (deleted) await this.declaration.restoreSource?.(arn, deleted.document, operation, restoreBy);
    if (!isClaimed) return { gone: true };
    if (isLast) await parent.tags.delete([tagKeys.owner, tagKeys.former, ...tagKeys.others ?? []]);
    else if (ownership.kind === 'self' && !ownership.deleting) await parent.tags.set(mark);
    return { gone: true };
  }

  /** Without a tag the document may be this resource's, or one that was put out of band after this resource's was deleted. */
  private async isUnchanged(parent: Connected<Document>, { properties }: Request): Promise<boolean> {
    const document = await parent.get();
    const former = this.declaration.parseAny(properties);
    if (!former) return false;
    return this.difference(document, former, [...this.missingMembersOf(former.document), ...this.declaration.membersInTags ?? []]) === undefined;
  }

  /**
   * A rolled-back rename: the former resource is still in the stack, and receives no request. Or a rolled-back claim of an unowned document. False: the
   * service refuses the former document. Then the document is deleted, because a Delete must finish.
   */
  private async restore({ resource, document }: Former<Document>, parent: Connected<Document>, request: Request): Promise<boolean> {
    const { tagKeys, noun } = this.declaration;
    try {
      if (differenceBetween(await parent.get(), document, noun)) await parent.put(document);
    } catch (error) {
      if (classify(error, this.errorClasses) !== 'terminal') throw error;
      request.log.error('cannot be restored', { reason: describeError(error) });
      return false;
    }
    request.log.info('restored as it was', { arn: parent.arn });
    if (resource === NO_RESOURCE) {
      await this.removeClaim(parent);
      return true;
    }
    await parent.tags.set({ [tagKeys.owner]: settingOwnerTag({ ...request.owner, resource }) });
    await parent.tags.delete([tagKeys.former]);
    return true;
  }

  /** If the response is lost, the next invocation would find the restored document without a claim, and delete it. So this one reads the tags. */
  private async removeClaim({ tags }: Connected<Document>): Promise<void> {
    const { owner, former } = this.declaration.tagKeys;
    try {
      await tags.delete([owner, former]);
    } catch (error) {
      if (owner in (await tags.list() ?? {})) throw error;
    }
  }

  // Small parts

  private connect(arn: string, { request, budget }: Operation): Connected<Document> {
    return Object.assign(this.declaration.connect(arn, budget, request.log), { arn });
  }

  private async access(desired: Desired, parent: Connected<Document>, budget: TimeBudget): Promise<CheckedAccess<Document>> {
    const access = await this.declaration.access?.(desired, parent, budget);
    return access ?? { get: () => parent.get(), put: (document, former) => parent.put(document, former) };
  }

  private async tagsOf({ arn, tags }: Connected<Document>, budget: TimeBudget): Promise<Record<string, string>> {
    const { noun, option } = this.declaration.parent;
    const found = await tags.list();
    if (found) return found;
    if (budget.elapsed < CREATE_LAG) throw new TransientError(`${arn} is not found, as a ${noun} just created may be for a while`);
    throw new TerminalError(`${option}: there is no ${arn}`);
  }

  private difference(observed: Document | undefined, { document }: Pick<Desired, 'document'>, tolerated?: readonly string[]): string | undefined {
    return differenceBetween(observed, document, this.declaration.noun, tolerated);
  }

  private ownerDifferences(tags: Record<string, string>, { retain }: Desired, { owner }: Request): PropertyDifference[] {
    const { tagKeys, missingClaim } = this.declaration;
    const ownership = settingOwnershipOf(tags[tagKeys.owner], owner);
    if (ownership.kind === 'unowned' && missingClaim?.isPossible(tags)) return [];
    if (ownership.kind !== 'self' || ownership.deleting) {
      return [propertyDifference(`Tags/${tagKeys.owner}`, settingOwnerTag(owner), tags[tagKeys.owner])];
    }
    return ownership.retained === retain ? [] : [propertyDifference('Retain', retain, ownership.retained)];
  }

  private otherStackError(arn: string, stackId: string): TerminalError {
    const { noun, parent, tagKeys } = this.declaration;
    return new TerminalError(`the ${noun} of ${arn} belongs to the stack ${stackId} by the ${parent.noun}'s tag ${tagKeys.owner}, so it is left as it is; `
      + `if that stack is gone, free it with \`${this.declaration.untagCommand(arn)}\``);
  }

  private isBlank(document: Document | undefined): boolean {
    return !document || (this.declaration.isBlank?.(document) ?? false);
  }

  private optionalMembersOf(document: Document): string[] {
    const { optionalMembers = [] } = this.declaration;
    return optionalMembers.filter((member) => isPresent(document[member]));
  }

  private missingMembersOf(document: Document): string[] {
    const { optionalMembers = [] } = this.declaration;
    return optionalMembers.filter((member) => !isPresent(document[member]));
  }

  private async mayBeUnclaimed({ tags }: Connected<Document>): Promise<boolean> {
    const { missingClaim } = this.declaration;
    const found = missingClaim && await tags.list();
    return found !== undefined && missingClaim!.isPossible(found);
  }

  private isUnreachable(error: unknown): boolean {
    return classify(error, this.errorClasses) === 'unreachable';
  }
}

function keyOf({ owner: { resource, request } }: Request): string {
  return `${resource}/${request}`;
}

function isPresent(member: unknown): boolean {
  return Array.isArray(member) ? member.length > 0 : member !== undefined;
}
