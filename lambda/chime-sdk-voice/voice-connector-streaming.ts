import type { ChimeSDKVoiceClient } from '@aws-sdk/client-chime-sdk-voice';
import * as v from 'valibot';
import { ChimeSdkStreamingApi, VoiceConnectorTags } from './client';
import {
  differenceOf, documentDifferences, isBlank, missingMembers, type OptionalMember, optionalMembers, type StreamingApi, type StreamingDocument,
} from './streaming-document';
import { before, type Former, holderOfStreaming, ownerTag, parseBefore } from './streaming-owner';
import {
  DEFAULT_DATA_RETENTION_HOURS, FAIL, OVERWRITE, STREAMING_BEFORE_TAG, STREAMING_TAG, type VoiceConnectorStreamingProperties,
} from '../../src/chime-sdk-voice/private/contract';
import { validateVoiceConnectorStreaming } from '../../src/chime-sdk-voice/private/validation';
import { CHIME, CHIME_SDK } from '../../src/private/chime-namespaces';
import { TIMING } from '../../src/private/contract';
import { CHIME_DECISIONS } from '../common/chime-decisions';
import { type PropertyDifference, propertyDifference } from '../common/drift';
import { creating, decide, describeError, PassingError, TerminalError } from '../common/errors';
import type { Accepted, Removed, Request, ResourceHandler, Settled } from '../common/lifecycle';
import { unconfirmedRequest } from '../common/owner';
import { booleanProperty, integerProperty, parseProperties, type SchemaEntries, stringProperty } from '../common/properties';
import type { Step } from '../common/step';

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
} satisfies SchemaEntries<VoiceConnectorStreamingProperties>);

interface Wish {
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
  public readonly decisions = CHIME_DECISIONS;

  constructor(private readonly options: VoiceConnectorStreamingOptions) {}

  public async create(request: Request, step: Step): Promise<Accepted> {
    return this.take(request, toWish(request), step);
  }

  public async update(request: Request, step: Step): Promise<Accepted> {
    const wish = toWish(request);
    if (request.physicalId !== wish.arn) return this.take(request, wish, step);
    // In place, settle does all there is to do. A move that is taken back may have left a configuration on the other voice connector.
    const attempted = stringProperty(request.oldProperties, 'VoiceConnectorArn');
    // Of another account a voice connector is refused before anything is done.
    const moved = attempted !== undefined && attempted !== wish.arn && ARN.test(attempted) && attempted.split(':')[4] === request.account;
    return { physicalId: wish.arn, sweep: moved ? { region: regionOf(attempted), attempted, except: wish.arn } : undefined };
  }

  public async settle(request: Request, step: Step): Promise<Settled> {
    const wish = toWish(request);
    const connector = this.connect(wish.arn, step);
    const namespace = await this.namespaceApi(wish, connector, step);
    let written = false;
    let retained: boolean;
    for (;;) {
      retained = await this.own(request, wish, connector, namespace, step);
      // Before this step's own Put, an undesired member may be an out-of-band change, which the Put corrects.
      const difference = differenceOf(await namespace.get(connector.id), wish.document, written ? serviceDefaults(request, wish) : []);
      if (!difference) {
        if (written || !mayShowLate(request, wish, step)) break;
        if (!await step.pause(READ_LAG - step.age)) return { pending: 'whether what is rolled back was put may not be seen yet' };
        continue;
      }
      if (!written) {
        await this.put(request, connector, wish, namespace, difference);
        written = true;
      }
      if (await step.pause(LOOK_AGAIN)) continue;
      if (step.age >= READ_BACK) throw new TerminalError(`the service does not keep what was put: ${difference}`);
      return { pending: difference };
    }
    // Last of all, so that what a failed operation has left is never taken for something that is to stay.
    if (retained !== wish.retain) {
      await connector.tags.set(wish.arn, { [STREAMING_TAG]: ownerTag(request.owner, wish.retain ? 'retained' : undefined) });
      return { pending: `retained is ${retained}, wished ${wish.retain}` };
    }
    const pending = await this.sweep(request, step);
    return pending === undefined ? { attributes: { VoiceConnectorId: connector.id } } : { pending };
  }

  public async remove(request: Request, step: Step): Promise<Removed> {
    const unconfirmed = unconfirmedRequest(request.physicalId) !== undefined;
    const arn = ARN.test(request.physicalId) ? request.physicalId : stringProperty(request.properties, 'VoiceConnectorArn');
    if (arn === undefined || !ARN.test(arn)) return { gone: true };
    const isKnown = arn === request.physicalId;
    // An id that CloudFormation invented: it gave a create up that may still be running.
    const quietAfter = isKnown ? 0 : unconfirmed ? READ_LAG : TIMING.onEventTimeout;
    try {
      const isLast = step.age >= quietAfter;
      const connector = this.connect(arn, step);
      const isFound = !isLast && await this.isConfiguredByUs(request, connector);
      const removed = await this.removeFrom(request, connector, step, { isKnown, isLast });
      if ('pending' in removed || isLast) return removed;
      // A create puts one configuration. If it has heard no answer it puts again, within seconds.
      if (isFound && await step.rest() && isBlank(await connector.streaming.get(connector.id))) {
        return await this.removeFrom(request, connector, step, { isKnown, isLast: true });
      }
    } catch (error) {
      // A region without the service: nothing can have been made there.
      if (!isKnown && decide(error, this.decisions) === 'unreachable' && step.age >= quietAfter) return { gone: true };
      throw error;
    }
    return { pending: `nothing of ours is on ${arn}; a create may still be running for ${Math.ceil(quietAfter - step.age)} s` };
  }

  public async compare(request: Request, step: Step): Promise<PropertyDifference[] | undefined> {
    const wish = toWish(request);
    const connector = this.connect(wish.arn, step);
    const tags = await connector.tags.list(wish.arn);
    const found = tags && await (await this.namespaceApi(wish, connector, step)).get(connector.id);
    if (!tags || !found) return undefined;
    return [...ownerDifferences(tags, wish, request), ...documentDifferences(found, wish.document)];
  }

  /** Claims a voice connector by tag, then puts the configuration. Refused before anything is changed where somebody else's is there. */
  private async take(request: Request, wish: Wish, step: Step): Promise<Accepted> {
    const connector = this.connect(wish.arn, step);
    const namespace = await this.namespaceApi(wish, connector, step);
    // The legacy API may be closed to the account; better to know before anything is claimed.
    if (wish.namespace === CHIME) await namespace.get(connector.id);
    const found = await connector.streaming.get(connector.id);
    const existing = isBlank(found) ? undefined : found;
    let holder = holderOfStreaming(await this.tagsOf(connector, step), request.owner);
    // Between the two reads another delivery of this request may have claimed and put it; and reads lag.
    if (existing && holder.kind === 'nobody' && await step.pause(CLAIM_LAG)) holder = holderOfStreaming(await this.tagsOf(connector, step), request.owner);
    if (holder.kind === 'stranger') throw strangerError(connector, holder.stackId);
    if (holder.kind === 'ours' && holder.deleting) {
      throw new TerminalError(`${wish.arn} is being given up by this very resource; if nothing does so any more, free it with \`${freeCommand(connector)}\``);
    }
    if (existing && holder.kind === 'nobody' && !wish.overwrite) {
      throw new TerminalError(`existingConfiguration: ${wish.arn} has a streaming configuration that is not this stack's; `
        + 'remove it there, or set OVERWRITE to replace it');
    }
    let former: Former | undefined;
    let claim: Record<string, string> = { [STREAMING_TAG]: ownerTag(request.owner) };
    if (holder.kind !== 'ours') {
      // A retained one has left the stack: nobody will want it back.
      former = holder.kind === 'sibling' && !holder.retained && existing ? { resource: holder.resource, document: existing } : undefined;
      if (former) claim = { ...claim, [STREAMING_BEFORE_TAG]: before(former) };
      await creating(this.decisions, () => connector.tags.set(wish.arn, claim));
    }
    const difference = differenceOf(found, wish.document);
    const overwritten = existing && holder.kind === 'nobody' ? { overwritten: optionalMembers(existing) } : {};
    const accepted: Accepted = { physicalId: wish.arn, claimed: true, ...former ? { claim } : {}, ...overwritten };
    try {
      if (difference) await this.put({ ...request, accepted }, connector, wish, namespace, difference);
    } catch (error) {
      // The claim is made: from here on a Delete must follow a failure, so it is isComplete that reports it, or tries again.
      if (decide(error, this.decisions) === 'terminal') return { physicalId: wish.arn, failure: describeError(error) };
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
  private async own(request: Request, wish: Wish, connector: Connector, namespace: StreamingApi, step: Step): Promise<boolean> {
    const tags = await this.tagsOf(connector, step);
    const holder = holderOfStreaming(tags, request.owner);
    if (holder.kind === 'stranger') throw strangerError(connector, holder.stackId);
    const isRenamed = STREAMING_BEFORE_TAG in tags;
    if (request.accepted?.claimed) {
      if (holder.kind === 'ours' && !holder.deleting) return holder.retained;
      if (step.age < READ_LAG && holder.kind !== 'ours') throw new PassingError(`the claim on ${connector.arn} does not show yet`);
      if (holder.kind === 'nobody' && !differenceOf(await namespace.get(connector.id), wish.document, serviceDefaults(request, wish))) {
        request.log.info('the claim is put back', { arn: connector.arn });
        await connector.tags.set(connector.arn, { [STREAMING_TAG]: ownerTag(request.owner), ...request.accepted.claim });
        return false;
      }
      throw new TerminalError(`the claim on ${connector.arn} was taken away during this deployment`);
    }
    if (holder.kind !== 'ours' || holder.deleting) await connector.tags.set(connector.arn, { [STREAMING_TAG]: ownerTag(request.owner) });
    if (isRenamed) await connector.tags.remove(connector.arn, [STREAMING_BEFORE_TAG]);
    return holder.kind === 'ours' && holder.retained;
  }

  /** The move that an update takes back may have configured a voice connector that CloudFormation never learnt of, or may still do so. */
  private async sweep(request: Request, step: Step): Promise<string | undefined> {
    const attempted = request.accepted?.sweep?.attempted;
    if (attempted === undefined) return undefined;
    const connector = this.connect(attempted, step);
    let isLast = step.age >= TIMING.onEventTimeout;
    try {
      // One that is only claimed may still be put.
      isLast ||= await this.isConfiguredByUs(request, connector);
      const removed = await this.removeFrom(request, connector, step, { isKnown: false, isLast });
      if ('pending' in removed) return removed.pending;
      if (!isLast && await this.isRefused(request, connector)) {
        if (step.age >= READ_LAG) return undefined;
        if (await step.pause(READ_LAG - step.age)) return await this.sweep(request, step);
      }
    } catch (error) {
      // A region without the service: nothing can have been made there.
      if (isLast && decide(error, this.decisions) === 'unreachable') return undefined;
      throw error;
    }
    return isLast ? undefined : 'looking for what the move that was given up may have left, or may still make';
  }

  private async isConfiguredByUs(request: Request, connector: Connector): Promise<boolean> {
    const tags = await connector.tags.list(connector.arn);
    const holder = tags && holderOfStreaming(tags, request.owner);
    return holder?.kind === 'ours' && !isBlank(await connector.streaming.get(connector.id));
  }

  /** Whether the move that an update takes back can't have configured the voice connector: a configuration of another owner is there, which it had to leave. */
  private async isRefused(request: Request, connector: Connector): Promise<boolean> {
    const tags = await connector.tags.list(connector.arn);
    const holder = tags && holderOfStreaming(tags, request.owner);
    if (holder?.kind === 'stranger') return true;
    const overwrites = stringProperty(request.oldProperties, 'ExistingConfiguration') === OVERWRITE;
    return holder?.kind === 'nobody' && !overwrites && !isBlank(await connector.streaming.get(connector.id));
  }

  private async put(request: Request, connector: Connector, wish: Wish, namespace: StreamingApi, difference: string): Promise<void> {
    request.log.info('put', { difference });
    const dropped = differenceOf(await namespace.put(connector.id, wish.document), wish.document, serviceDefaults(request, wish));
    if (dropped) throw new TerminalError(`the service did not take what was put: ${dropped}`);
  }

  /**
   * - isKnown: CloudFormation knows the configuration as ours, so that a missing tag is one that somebody has stripped
   * - isLast: nothing that has claimed the voice connector can still be running; until then the claim stays, so that what comes late is known
   */
  private async removeFrom(
    request: Request, connector: Connector, step: Step, { isKnown, isLast }: { isKnown: boolean; isLast: boolean },
  ): Promise<Removed> {
    const tags = await connector.tags.list(connector.arn);
    if (!tags) return step.age >= READ_LAG ? { gone: true } : { pending: `${connector.arn} is not found, which must be so for a while` };
    const holder = holderOfStreaming(tags, request.owner);
    const former = parseBefore(tags[STREAMING_BEFORE_TAG]);
    if (holder.kind === 'stranger' || holder.kind === 'sibling') {
      request.log.info('left untouched: somebody else has it', { arn: connector.arn, holder: holder.kind });
      // This Delete is the last step of a rename, or of one that was rolled back: there is no way back any more.
      const isOver = holder.kind === 'sibling' && former && [request.owner.resource, holder.resource].includes(former.resource);
      if (isOver) await connector.tags.remove(connector.arn, [STREAMING_BEFORE_TAG]);
      return { gone: true };
    }
    if (!isKnown && (holder.kind === 'nobody' || holder.retained)) return { gone: true };
    if (holder.kind === 'nobody' && !await this.isAsWeLeftIt(request, connector)) {
      request.log.info('left untouched: without our tag, and not as we put it', { arn: connector.arn });
      return { gone: true };
    }
    const isTakenOver = holder.kind === 'ours' && former && former.resource !== request.owner.resource;
    if (isTakenOver && await this.giveBack(request, connector, former)) return { gone: true };
    for (;;) {
      await connector.streaming.delete(connector.id);
      if (isBlank(await connector.streaming.get(connector.id))) break;
      if (!await step.pause(LOOK_AGAIN)) return { pending: `the streaming configuration of ${connector.arn} is still there` };
    }
    if (holder.kind !== 'ours') return { gone: true };
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
      if (decide(error, this.decisions) !== 'terminal') throw error;
      request.log.error('cannot be given back', { reason: describeError(error) });
      return false;
    }
    request.log.info('given back to the former resource of this stack', { arn: connector.arn });
    await connector.tags.set(connector.arn, { [STREAMING_TAG]: ownerTag({ ...request.owner, resource: former.resource }) });
    await connector.tags.remove(connector.arn, [STREAMING_BEFORE_TAG]);
    return true;
  }

  private async tagsOf(connector: Connector, step: Step): Promise<Record<string, string>> {
    const tags = await connector.tags.list(connector.arn);
    if (tags) return tags;
    if (step.age < CREATE_LAG) throw new PassingError(`${connector.arn} is not found, as a voice connector just made may be for a while`);
    throw new TerminalError(`voiceConnector: there is no ${connector.arn}`);
  }

  private connect(arn: string, step: Step): Connector {
    const client = this.options.client(regionOf(arn));
    const [streaming, tags] = [new ChimeSdkStreamingApi(client, step.signal), new VoiceConnectorTags(client, step.signal)];
    return { arn, id: ARN.exec(arn)![2], streaming, tags };
  }

  /** What puts the wish and reads it back. */
  private async namespaceApi(wish: Wish, connector: Connector, step: Step): Promise<StreamingApi> {
    return wish.namespace === CHIME ? this.options.legacy(step.signal) : connector.streaming;
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
function ownerDifferences(tags: Record<string, string>, wish: Wish, { owner }: Request): PropertyDifference[] {
  const holder = holderOfStreaming(tags, owner);
  if (holder.kind !== 'ours' || holder.deleting) return [propertyDifference(`Tags/${STREAMING_TAG}`, ownerTag(owner), tags[STREAMING_TAG])];
  return holder.retained === wish.retain ? [] : [propertyDifference('Retain', wish.retain, holder.retained)];
}

/**
 * Pure: the members that the service may have filled with a default of its own. They aren't desired, and weren't there before: neither the
 * former properties nor a configuration that this request replaces had them, so the service doesn't keep what a Put was to clear.
 */
function serviceDefaults({ accepted, oldProperties }: Request, wish: Wish): OptionalMember[] {
  const former = v.safeParse(v.object(schema.entries), oldProperties);
  const isInPlace = former.success && former.output.VoiceConnectorArn === wish.arn;
  const earlier: readonly string[] = [...isInPlace ? optionalMembers(toDocument(former.output)) : [], ...accepted?.overwritten ?? []];
  return missingMembers(wish.document).filter((member) => !earlier.includes(member));
}

/** Pure: a change that is rolled back may have been put just before, which shows late. */
function mayShowLate({ accepted, oldProperties }: Request, { document }: Wish, { age }: Step): boolean {
  if (accepted?.claimed || age >= READ_LAG) return false;
  const attempted = v.safeParse(v.object(schema.entries), oldProperties);
  return attempted.success && differenceOf(toDocument(attempted.output), document) !== undefined;
}

function toWish(request: Request): Wish {
  const parsed = parseProperties(schema, request.properties);
  const findings = validateVoiceConnectorStreaming(parsed, { region: ARN.exec(parsed.VoiceConnectorArn)?.[1], account: request.account });
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
