import type { ChimeSDKVoiceClient } from '@aws-sdk/client-chime-sdk-voice';
import * as v from 'valibot';
import { ChimeSdkStreamingApi, VoiceConnectorTags } from './client';
import {
  differenceOf, documentDifferences, isBlank, missingMembers, type OptionalMember, optionalMembers, type StreamingApi, type StreamingDocument,
} from './streaming-document';
import { before, type Former, streamingOwnershipOf, ownerTag, parseBefore } from './streaming-owner';
import {
  DEFAULT_DATA_RETENTION_HOURS, FAIL, OVERWRITE, STREAMING_BEFORE_TAG, STREAMING_TAG,
} from '../../src/chime-sdk-voice/private/contract';
import { validateVoiceConnectorStreaming } from '../../src/chime-sdk-voice/private/validation';
import { CHIME, CHIME_SDK } from '../../src/private/chime-namespaces';
import { TIMING } from '../../src/private/contract';
import { CHIME_ERROR_CLASSES } from '../chime-error-classes';
import { type PropertyDifference, propertyDifference } from '../engine/drift';
import { markingUnknownOutcome, classify, describeError, TransientError, TerminalError } from '../engine/error-classes';
import type { Accepted, Deleted, Request, ResourceHandler, Reconciled } from '../engine/lifecycle';
import { unconfirmedRequest } from '../engine/ownership';
import { booleanProperty, integerProperty, parseProperties, stringProperty } from '../engine/properties';
import type { TimeBudget } from '../engine/time-budget';

/** Seconds in which a voice connector just made may still be unknown. */
const CREATE_LAG = 60;

/** Seconds during which a read may lag behind a write. */
const READ_LAG = 10;

/** Seconds after which what was written must show. */
const READ_BACK = 90;

/** Seconds after which the claim of another delivery must show. */
const CLAIM_LAG = 5;

/** Seconds between two looks in one step. */
const LOOK_AGAIN = 1;

const ARN = /^arn:[a-z\d-]+:chime:([a-z0-9-]+):\d+:vc\/([^/]+)$/;

const schema = v.strictObject({
  VoiceConnectorArn: v.string(),
  Enabled: v.optional(booleanProperty, 'true'),
  DataRetentionInHours: v.optional(integerProperty),
  NotificationTargets: v.optional(v.array(v.string()), []),
  MediaInsights: v.optional(v.strictObject({ ConfigurationArn: v.string(), Enabled: v.optional(booleanProperty, 'true') })),
  ExistingConfiguration: v.optional(v.picklist([FAIL, OVERWRITE]), FAIL),
  Namespace: v.optional(v.string(), CHIME_SDK),
  Retain: v.optional(booleanProperty, 'false'),
});

interface Desired {
  readonly arn: string;
  readonly document: StreamingDocument;
  readonly overwrite: boolean;
  readonly retain: boolean;
  readonly namespace: string;
}

export interface VoiceConnectorStreamingOptions {
  readonly client: (region: string) => ChimeSDKVoiceClient;
  /** Loads the legacy client; called only for the legacy namespace. */
  readonly legacy: (abortSignal: AbortSignal) => Promise<StreamingApi>;
}

/** What one step works with. */
interface Connector {
  readonly arn: string;
  readonly id: string;
  readonly tags: VoiceConnectorTags;
  /** Always in the new namespace, whose answers are whole, and which is never closed to an account. */
  readonly streaming: ChimeSdkStreamingApi;
}

export class VoiceConnectorStreamingHandler implements ResourceHandler {
  public readonly errorClasses = CHIME_ERROR_CLASSES;

  constructor(private readonly options: VoiceConnectorStreamingOptions) {}

  public async create(request: Request, budget: TimeBudget): Promise<Accepted> {
    return this.take(request, toDesired(request), budget);
  }

  public async update(request: Request, budget: TimeBudget): Promise<Accepted> {
    const desired = toDesired(request);
    if (request.physicalId !== desired.arn) return this.take(request, desired, budget);
    // In place, settle does all there is to do. A move that is taken back may have left a configuration on the other voice connector.
    const attempted = stringProperty(request.oldProperties, 'VoiceConnectorArn');
    // Of another account a voice connector is refused before anything is done.
    const moved = attempted !== undefined && attempted !== desired.arn && ARN.test(attempted) && attempted.split(':')[4] === request.account;
    return { physicalId: desired.arn, sweep: moved ? { region: regionOf(attempted), attempted, except: desired.arn } : undefined };
  }

  public async reconcile(request: Request, budget: TimeBudget): Promise<Reconciled> {
    const desired = toDesired(request);
    const connector = this.connect(desired.arn, budget);
    const namespace = await this.namespaceApi(desired, connector, budget);
    let written = false;
    let retained: boolean;
    for (;;) {
      retained = await this.own(request, desired, connector, namespace, budget);
      // Before this step's own Put, an undesired member may be an out-of-band change, which the Put corrects.
      const difference = differenceOf(await namespace.get(connector.id), desired.document, written ? serviceDefaults(request, desired) : []);
      if (!difference) {
        if (written || !mayShowLate(request, desired, budget)) break;
        if (!await budget.pause(READ_LAG - budget.elapsed)) return { pending: 'whether what is rolled back was put may not be seen yet' };
        continue;
      }
      if (!written) {
        await this.put(request, connector, desired, namespace, difference);
        written = true;
      }
      if (await budget.pause(LOOK_AGAIN)) continue;
      if (budget.elapsed >= READ_BACK) throw new TerminalError(`the service does not keep what was put: ${difference}`);
      return { pending: difference };
    }
    // Last of all, so that what a failed operation has left is never taken for something that is to stay.
    if (retained !== desired.retain) {
      await connector.tags.set(desired.arn, { [STREAMING_TAG]: ownerTag(request.owner, desired.retain ? 'retained' : undefined) });
      return { pending: `retained is ${retained}, desired ${desired.retain}` };
    }
    const pending = await this.sweep(request, budget);
    return pending === undefined ? { attributes: { VoiceConnectorId: connector.id } } : { pending };
  }

  public async delete(request: Request, budget: TimeBudget): Promise<Deleted> {
    const unconfirmed = unconfirmedRequest(request.physicalId) !== undefined;
    const arn = ARN.test(request.physicalId) ? request.physicalId : stringProperty(request.properties, 'VoiceConnectorArn');
    if (arn === undefined || !ARN.test(arn)) return { gone: true };
    const isKnown = arn === request.physicalId;
    // An id that CloudFormation invented: it gave a create up that may still be running.
    const quietAfter = isKnown ? 0 : unconfirmed ? READ_LAG : TIMING.onEventTimeout;
    try {
      const isLast = budget.elapsed >= quietAfter;
      const connector = this.connect(arn, budget);
      const isFound = !isLast && await this.isConfiguredByUs(request, connector);
      const removed = await this.removeFrom(request, connector, budget, { isKnown, isLast });
      if ('pending' in removed || isLast) return removed;
      // A create puts one configuration. If it has heard no answer it puts again, within seconds.
      if (isFound && await budget.pauseUntilLastRead() && isBlank(await connector.streaming.get(connector.id))) {
        return await this.removeFrom(request, connector, budget, { isKnown, isLast: true });
      }
    } catch (error) {
      // A region without the service: nothing can have been made there.
      if (!isKnown && classify(error, this.errorClasses) === 'unreachable' && budget.elapsed >= quietAfter) return { gone: true };
      throw error;
    }
    return { pending: `nothing of ours is on ${arn}; a create may still be running for ${Math.ceil(quietAfter - budget.elapsed)} s` };
  }

  public async detectDrift(request: Request, budget: TimeBudget): Promise<PropertyDifference[] | undefined> {
    const desired = toDesired(request);
    const connector = this.connect(desired.arn, budget);
    const tags = await connector.tags.list(desired.arn);
    const found = tags && await (await this.namespaceApi(desired, connector, budget)).get(connector.id);
    if (!tags || !found) return undefined;
    return [...ownerDifferences(tags, desired, request), ...documentDifferences(found, desired.document)];
  }

  /** Claims a voice connector by tag, then puts the configuration. Refused before anything is changed where somebody else's is there. */
  private async take(request: Request, desired: Desired, budget: TimeBudget): Promise<Accepted> {
    const connector = this.connect(desired.arn, budget);
    const namespace = await this.namespaceApi(desired, connector, budget);
    // The legacy API may be closed to the account; better to know before anything is claimed.
    if (desired.namespace === CHIME) await namespace.get(connector.id);
    const found = await connector.streaming.get(connector.id);
    const existing = isBlank(found) ? undefined : found;
    let holder = streamingOwnershipOf(await this.tagsOf(connector, budget), request.owner);
    // Between the two reads another delivery of this request may have claimed and put it; and reads lag.
    if (existing && holder.kind === 'unowned' && await budget.pause(CLAIM_LAG)) holder = streamingOwnershipOf(await this.tagsOf(connector, budget), request.owner);
    if (holder.kind === 'otherStack') throw strangerError(connector, holder.stackId);
    if (holder.kind === 'self' && holder.deleting) {
      throw new TerminalError(`${desired.arn} is being given up by this very resource; if nothing does so any more, free it with \`${freeCommand(connector)}\``);
    }
    if (existing && holder.kind === 'unowned' && !desired.overwrite) {
      throw new TerminalError(`existingConfiguration: ${desired.arn} has a streaming configuration that is not this stack's; `
        + 'remove it there, or set OVERWRITE to replace it');
    }
    let former: Former | undefined;
    let claim: Record<string, string> = { [STREAMING_TAG]: ownerTag(request.owner) };
    if (holder.kind !== 'self') {
      // A retained one has left the stack: nobody will want it back.
      former = holder.kind === 'sameStack' && !holder.retained && existing ? { resource: holder.resource, document: existing } : undefined;
      if (former) claim = { ...claim, [STREAMING_BEFORE_TAG]: before(former) };
      await markingUnknownOutcome(this.errorClasses, () => connector.tags.set(desired.arn, claim));
    }
    const difference = differenceOf(found, desired.document);
    const overwritten = existing && holder.kind === 'unowned' ? { overwritten: optionalMembers(existing) } : {};
    const accepted: Accepted = { physicalId: desired.arn, claimed: true, ...former ? { claim } : {}, ...overwritten };
    try {
      if (difference) await this.put({ ...request, accepted }, connector, desired, namespace, difference);
    } catch (error) {
      // The claim is made: from here on a Delete must follow a failure, so it is isComplete that reports it, or tries again.
      if (classify(error, this.errorClasses) === 'terminal') return { physicalId: desired.arn, failure: describeError(error) };
      request.log.info('to be put again', { reason: describeError(error) });
    }
    return accepted;
  }

  /**
   * The tag of what CloudFormation knows as ours: put back where it was stripped, or where the construct was renamed in place. An update in
   * place also proves that an earlier rename is over. But what this request has claimed and no longer has, another owner has claimed, or a
   * Delete has removed. If the configuration is still there as this request has put it, only the tags were removed, as an update of the voice
   * connector's tags by its own stack may do.
   *
   * @returns whether the tag says that it is retained
   */
  private async own(request: Request, desired: Desired, connector: Connector, namespace: StreamingApi, budget: TimeBudget): Promise<boolean> {
    const tags = await this.tagsOf(connector, budget);
    const holder = streamingOwnershipOf(tags, request.owner);
    if (holder.kind === 'otherStack') throw strangerError(connector, holder.stackId);
    const isRenamed = STREAMING_BEFORE_TAG in tags;
    if (request.accepted?.claimed) {
      if (holder.kind === 'self' && !holder.deleting) return holder.retained;
      if (budget.elapsed < READ_LAG && holder.kind !== 'self') throw new TransientError(`the claim on ${connector.arn} does not show yet`);
      if (holder.kind === 'unowned' && !differenceOf(await namespace.get(connector.id), desired.document, serviceDefaults(request, desired))) {
        request.log.info('the claim is put back', { arn: connector.arn });
        await connector.tags.set(connector.arn, { [STREAMING_TAG]: ownerTag(request.owner), ...request.accepted.claim });
        return false;
      }
      throw new TerminalError(`the claim on ${connector.arn} was taken away during this deployment`);
    }
    if (holder.kind !== 'self' || holder.deleting) await connector.tags.set(connector.arn, { [STREAMING_TAG]: ownerTag(request.owner) });
    if (isRenamed) await connector.tags.remove(connector.arn, [STREAMING_BEFORE_TAG]);
    return holder.kind === 'self' && holder.retained;
  }

  /** The move that an update takes back may have configured a voice connector that CloudFormation never learnt of, or may still do so. */
  private async sweep(request: Request, budget: TimeBudget): Promise<string | undefined> {
    const attempted = request.accepted?.sweep?.attempted;
    if (attempted === undefined) return undefined;
    const connector = this.connect(attempted, budget);
    let isLast = budget.elapsed >= TIMING.onEventTimeout;
    try {
      // One that is only claimed may still be put.
      isLast ||= await this.isConfiguredByUs(request, connector);
      const removed = await this.removeFrom(request, connector, budget, { isKnown: false, isLast });
      if ('pending' in removed) return removed.pending;
      if (!isLast && await this.isRefused(request, connector)) {
        if (budget.elapsed >= READ_LAG) return undefined;
        if (await budget.pause(READ_LAG - budget.elapsed)) return await this.sweep(request, budget);
      }
    } catch (error) {
      // A region without the service: nothing can have been made there.
      if (isLast && classify(error, this.errorClasses) === 'unreachable') return undefined;
      throw error;
    }
    return isLast ? undefined : 'looking for what the move that was given up may have left, or may still make';
  }

  private async isConfiguredByUs(request: Request, connector: Connector): Promise<boolean> {
    const tags = await connector.tags.list(connector.arn);
    const holder = tags && streamingOwnershipOf(tags, request.owner);
    return holder?.kind === 'self' && !isBlank(await connector.streaming.get(connector.id));
  }

  /** Whether the move that an update takes back can't have configured the voice connector: a configuration of another owner is there, which it had to leave. */
  private async isRefused(request: Request, connector: Connector): Promise<boolean> {
    const tags = await connector.tags.list(connector.arn);
    const holder = tags && streamingOwnershipOf(tags, request.owner);
    if (holder?.kind === 'otherStack') return true;
    const overwrites = stringProperty(request.oldProperties, 'ExistingConfiguration') === OVERWRITE;
    return holder?.kind === 'unowned' && !overwrites && !isBlank(await connector.streaming.get(connector.id));
  }

  private async put(request: Request, connector: Connector, desired: Desired, namespace: StreamingApi, difference: string): Promise<void> {
    request.log.info('put', { difference });
    const dropped = differenceOf(await namespace.put(connector.id, desired.document), desired.document, serviceDefaults(request, desired));
    if (dropped) throw new TerminalError(`the service did not take what was put: ${dropped}`);
  }

  /**
   * - isKnown: CloudFormation knows the configuration as ours, so that a missing tag is one that somebody has stripped
   * - isLast: nothing that has claimed the voice connector can still be running; until then the claim stays, so that what comes late is known
   */
  private async removeFrom(
    request: Request, connector: Connector, budget: TimeBudget, { isKnown, isLast }: { isKnown: boolean; isLast: boolean },
  ): Promise<Deleted> {
    const tags = await connector.tags.list(connector.arn);
    if (!tags) return budget.elapsed >= READ_LAG ? { gone: true } : { pending: `${connector.arn} is not found, which must be so for a while` };
    const holder = streamingOwnershipOf(tags, request.owner);
    const former = parseBefore(tags[STREAMING_BEFORE_TAG]);
    if (holder.kind === 'otherStack' || holder.kind === 'sameStack') {
      request.log.info('left untouched: somebody else has it', { arn: connector.arn, holder: holder.kind });
      // This Delete is the last step of a rename, or of one that was rolled back: there is no way back any more.
      const isOver = holder.kind === 'sameStack' && former && [request.owner.resource, holder.resource].includes(former.resource);
      if (isOver) await connector.tags.remove(connector.arn, [STREAMING_BEFORE_TAG]);
      return { gone: true };
    }
    if (!isKnown && (holder.kind === 'unowned' || holder.retained)) return { gone: true };
    if (holder.kind === 'unowned' && !await this.isAsWeLeftIt(request, connector)) {
      request.log.info('left untouched: without our tag, and not as we put it', { arn: connector.arn });
      return { gone: true };
    }
    const isTakenOver = holder.kind === 'self' && former && former.resource !== request.owner.resource;
    if (isTakenOver && await this.giveBack(request, connector, former)) return { gone: true };
    for (;;) {
      await connector.streaming.delete(connector.id);
      if (isBlank(await connector.streaming.get(connector.id))) break;
      if (!await budget.pause(LOOK_AGAIN)) return { pending: `the streaming configuration of ${connector.arn} is still there` };
    }
    if (holder.kind !== 'self') return { gone: true };
    if (isLast) await connector.tags.remove(connector.arn, [STREAMING_TAG, STREAMING_BEFORE_TAG]);
    else if (!holder.deleting) await connector.tags.set(connector.arn, { [STREAMING_TAG]: ownerTag(request.owner, 'deleting') });
    return { gone: true };
  }

  /** Without a tag it may be ours, stripped, or one that somebody has put after ours was gone. */
  private async isAsWeLeftIt(request: Request, connector: Connector): Promise<boolean> {
    const existing = await connector.streaming.get(connector.id);
    // Another version may know properties that this one does not.
    const former = v.safeParse(v.object(schema.entries), request.properties);
    if (!former.success) return false;
    const document = toDocument(former.output);
    return differenceOf(existing, document, missingMembers(document)) === undefined;
  }

  /**
   * A rename that is rolled back: the old self is still in the stack, and CloudFormation sends it nothing. False where the service refuses
   * what was there before: then it is deleted, because a Delete must end.
   */
  private async giveBack(request: Request, connector: Connector, former: Former): Promise<boolean> {
    try {
      if (differenceOf(await connector.streaming.get(connector.id), former.document)) await connector.streaming.put(connector.id, former.document);
    } catch (error) {
      if (classify(error, this.errorClasses) !== 'terminal') throw error;
      request.log.error('cannot be given back', { reason: describeError(error) });
      return false;
    }
    request.log.info('given back to the former resource of this stack', { arn: connector.arn });
    await connector.tags.set(connector.arn, { [STREAMING_TAG]: ownerTag({ ...request.owner, resource: former.resource }) });
    await connector.tags.remove(connector.arn, [STREAMING_BEFORE_TAG]);
    return true;
  }

  private async tagsOf(connector: Connector, budget: TimeBudget): Promise<Record<string, string>> {
    const tags = await connector.tags.list(connector.arn);
    if (tags) return tags;
    if (budget.elapsed < CREATE_LAG) throw new TransientError(`${connector.arn} is not found, as a voice connector just made may be for a while`);
    throw new TerminalError(`voiceConnector: there is no ${connector.arn}`);
  }

  private connect(arn: string, budget: TimeBudget): Connector {
    const client = this.options.client(regionOf(arn));
    const [streaming, tags] = [new ChimeSdkStreamingApi(client, budget.signal), new VoiceConnectorTags(client, budget.signal)];
    return { arn, id: ARN.exec(arn)![2], streaming, tags };
  }

  /** What puts the wish and reads it back. */
  private async namespaceApi(desired: Desired, connector: Connector, budget: TimeBudget): Promise<StreamingApi> {
    return desired.namespace === CHIME ? this.options.legacy(budget.signal) : connector.streaming;
  }
}

function regionOf(arn: string): string {
  return ARN.exec(arn)![1];
}

function freeCommand({ arn }: Connector): string {
  return `aws chime-sdk-voice untag-resource --region ${regionOf(arn)} --resource-arn ${arn} --tag-keys ${STREAMING_TAG} ${STREAMING_BEFORE_TAG}`;
}

function strangerError(connector: Connector, stackId: string): TerminalError {
  return new TerminalError(`the streaming configuration of ${connector.arn} belongs to the stack ${stackId} by the voice connector's tag ${STREAMING_TAG}, so it is left as it is; `
    + `if that stack is gone, free it with \`${freeCommand(connector)}\``);
}

/** Pure: what stands on the voice connector of whom its streaming configuration belongs to. */
function ownerDifferences(tags: Record<string, string>, desired: Desired, { owner }: Request): PropertyDifference[] {
  const holder = streamingOwnershipOf(tags, owner);
  if (holder.kind !== 'self' || holder.deleting) return [propertyDifference(`Tags/${STREAMING_TAG}`, ownerTag(owner), tags[STREAMING_TAG])];
  return holder.retained === desired.retain ? [] : [propertyDifference('Retain', desired.retain, holder.retained)];
}

/**
 * Pure: the members that the service may have filled with a default of its own. They aren't desired, and weren't there before: neither the
 * former properties nor a configuration that this request replaces had them, so the service doesn't keep what a Put was to clear.
 */
function serviceDefaults({ accepted, oldProperties }: Request, desired: Desired): OptionalMember[] {
  const former = v.safeParse(v.object(schema.entries), oldProperties);
  const isInPlace = former.success && former.output.VoiceConnectorArn === desired.arn;
  const earlier: readonly string[] = [...isInPlace ? optionalMembers(toDocument(former.output)) : [], ...accepted?.overwritten ?? []];
  return missingMembers(desired.document).filter((member) => !earlier.includes(member));
}

/** Pure: a change that is rolled back may have been put just before, which shows late. */
function mayShowLate({ accepted, oldProperties }: Request, { document }: Desired, { elapsed }: TimeBudget): boolean {
  if (accepted?.claimed || elapsed >= READ_LAG) return false;
  const attempted = v.safeParse(v.object(schema.entries), oldProperties);
  return attempted.success && differenceOf(toDocument(attempted.output), document) !== undefined;
}

function toDesired(request: Request): Desired {
  const parsed = parseProperties(schema, request.properties);
  const findings = validateVoiceConnectorStreaming({
    voiceConnectorArn: parsed.VoiceConnectorArn,
    dataRetentionHours: parsed.DataRetentionInHours,
    notificationTargets: parsed.NotificationTargets,
    mediaInsights: parsed.MediaInsights !== undefined,
    mediaInsightsConfigurationArn: parsed.MediaInsights?.ConfigurationArn,
    existingConfiguration: parsed.ExistingConfiguration,
    namespace: parsed.Namespace,
    region: ARN.exec(parsed.VoiceConnectorArn)?.[1],
    account: request.account,
  });
  if (findings.length > 0) throw new TerminalError(findings.join('\n  '));
  return {
    arn: parsed.VoiceConnectorArn,
    overwrite: parsed.ExistingConfiguration === OVERWRITE,
    retain: parsed.Retain,
    namespace: parsed.Namespace,
    document: toDocument(parsed),
  };
}

function toDocument(parsed: v.InferOutput<typeof schema>): StreamingDocument {
  return {
    dataRetentionHours: parsed.DataRetentionInHours ?? DEFAULT_DATA_RETENTION_HOURS,
    disabled: !parsed.Enabled,
    notificationTargets: [...parsed.NotificationTargets].sort(),
    mediaInsights: parsed.MediaInsights && { configurationArn: parsed.MediaInsights.ConfigurationArn, disabled: !parsed.MediaInsights.Enabled },
  };
}
