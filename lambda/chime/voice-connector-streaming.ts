import type { ChimeSDKVoiceClient } from '@aws-sdk/client-chime-sdk-voice';
import * as v from 'valibot';
import { CHIME_DECISIONS, ChimeSdkStreamingApi, VoiceConnectorTags } from './client';
import { differenceOf, type StreamingApi, type StreamingDocument } from './streaming-document';
import { before, holderOfStreaming, ownerTag, parseBefore } from './streaming-owner';
import {
  CHIME, CHIME_SDK, DEFAULT_DATA_RETENTION_HOURS, FAIL, OVERWRITE, STREAMING_BEFORE_TAG, STREAMING_TAG,
} from '../../src/chime/private/contract';
import { validateVoiceConnectorStreaming } from '../../src/chime/private/validation';
import { TIMING } from '../../src/private/contract';
import { decide, describeError, PassingError, TerminalError } from '../common/errors';
import type { Accepted, Removed, Request, ResourceHandler, Settled } from '../common/lifecycle';
import { unconfirmedRequest } from '../common/owner';
import { booleanProperty, integerProperty, parseProperties, stringProperty } from '../common/properties';
import type { Step } from '../common/step';

/** Seconds in which a voice connector just made may still be unknown. */
const CREATE_LAG = 60;

/** Seconds during which a read may lag behind a write. */
const READ_LAG = 10;

/** Seconds after which what was written must show. */
const READ_BACK = 30;

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
});

interface Wish {
  readonly arn: string;
  readonly document: StreamingDocument;
  readonly overwrite: boolean;
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
  readonly streaming: StreamingApi;
}

export class VoiceConnectorStreamingHandler implements ResourceHandler {
  public readonly decisions = CHIME_DECISIONS;

  constructor(private readonly options: VoiceConnectorStreamingOptions) {}

  public async create(request: Request, step: Step): Promise<Accepted> {
    return this.take(request, toWish(request), step, false);
  }

  public async update(request: Request, step: Step): Promise<Accepted> {
    const wish = toWish(request);
    // In place, settle does all there is to do.
    return request.physicalId === wish.arn ? { physicalId: wish.arn } : this.take(request, wish, step, true);
  }

  public async settle(request: Request, step: Step): Promise<Settled> {
    const wish = toWish(request);
    const connector = await this.connect(wish.arn, wish.namespace, step);
    let written = false;
    for (;;) {
      await this.own(request, connector, step);
      const difference = differenceOf(await connector.streaming.get(connector.id), wish.document);
      if (!difference) return { attributes: { VoiceConnectorId: connector.id } };
      if (!written) {
        await this.put(request, connector, wish, difference);
        written = true;
      }
      if (await step.pause(LOOK_AGAIN)) continue;
      if (step.age >= READ_BACK) throw new TerminalError(`the service does not keep what was put: ${difference}`);
      return { pending: difference };
    }
  }

  public async remove(request: Request, step: Step): Promise<Removed> {
    const unconfirmed = unconfirmedRequest(request.physicalId) !== undefined;
    const arn = ARN.test(request.physicalId) ? request.physicalId : stringProperty(request.properties, 'VoiceConnectorArn');
    if (arn === undefined || !ARN.test(arn)) return { gone: true };
    const namespace = stringProperty(request.properties, 'Namespace') === CHIME ? CHIME : CHIME_SDK;
    const isKnown = arn === request.physicalId;
    const removed = await this.removeFrom(request, await this.connect(arn, namespace, step), step, isKnown);
    // An id that CloudFormation invented: it gave a create up that may still be running.
    const quietAfter = isKnown ? 0 : unconfirmed ? READ_LAG : TIMING.onEventTimeout;
    if ('pending' in removed || step.age >= quietAfter) return removed;
    return { pending: `nothing of ours is on ${arn}; a create may still be running for ${Math.ceil(quietAfter - step.age)} s` };
  }

  /** Claims a voice connector by tag, then puts the configuration. Refused before anything is changed where somebody else's is there. */
  private async take(request: Request, wish: Wish, step: Step, isUpdate: boolean): Promise<Accepted> {
    const connector = await this.connect(wish.arn, wish.namespace, step);
    const tags = await this.tagsOf(connector, step);
    const holder = holderOfStreaming(tags, request.owner);
    if (holder.kind === 'stranger') throw strangerError(connector, holder.stackId);
    const existing = await connector.streaming.get(connector.id);
    const difference = differenceOf(existing, wish.document);
    // In an update the very configuration that is wished is our own, whose tag the voice connector's stack has stripped.
    if (existing && holder.kind === 'nobody' && !wish.overwrite && (difference || !isUpdate)) {
      throw new TerminalError(`existingConfiguration: ${wish.arn} has a streaming configuration that is not this stack's; remove it there, or set OVERWRITE to replace it`);
    }
    if (holder.kind !== 'ours') {
      await connector.tags.set(wish.arn, {
        [STREAMING_TAG]: ownerTag(request.owner),
        ...holder.kind === 'sibling' && existing ? { [STREAMING_BEFORE_TAG]: before(holder.resource, existing) } : {},
      });
    }
    try {
      if (difference) await this.put(request, connector, wish, difference);
    } catch (error) {
      // The claim is made: from here on a Delete must follow a failure, so it is isComplete that reports it, or tries again.
      if (decide(error, this.decisions) === 'terminal') return { physicalId: wish.arn, failure: describeError(error) };
      request.log.info('to be put again', { reason: describeError(error) });
    }
    return { physicalId: wish.arn };
  }

  /** The tag of what CloudFormation knows as ours: put back where it was stripped, or where the construct was renamed in place. */
  private async own(request: Request, connector: Connector, step: Step): Promise<void> {
    const holder = holderOfStreaming(await this.tagsOf(connector, step), request.owner);
    if (holder.kind === 'stranger') throw strangerError(connector, holder.stackId);
    if (holder.kind !== 'ours') await connector.tags.set(connector.arn, { [STREAMING_TAG]: ownerTag(request.owner) });
  }

  private async put(request: Request, connector: Connector, wish: Wish, difference: string): Promise<void> {
    request.log.info('put', { difference });
    const dropped = differenceOf(await connector.streaming.put(connector.id, wish.document), wish.document);
    if (dropped) throw new TerminalError(`the service did not take what was put: ${dropped}`);
  }

  /** @param isKnown whether CloudFormation knows the configuration as ours, so that a missing tag is one that somebody has stripped */
  private async removeFrom(request: Request, connector: Connector, step: Step, isKnown: boolean): Promise<Removed> {
    const tags = await connector.tags.list(connector.arn);
    if (!tags) return step.age >= READ_LAG ? { gone: true } : { pending: `${connector.arn} is not found, which must be so for a while` };
    const holder = holderOfStreaming(tags, request.owner);
    const former = parseBefore(tags[STREAMING_BEFORE_TAG]);
    if (holder.kind === 'stranger' || holder.kind === 'sibling') {
      request.log.info('left untouched: somebody else has it', { arn: connector.arn, holder: holder.kind });
      // This Delete is the last step of a rename: there is no way back any more.
      if (holder.kind === 'sibling' && former?.resource === request.owner.resource) await connector.tags.remove(connector.arn, [STREAMING_BEFORE_TAG]);
      return { gone: true };
    }
    if (holder.kind === 'nobody' && !isKnown) return { gone: true };
    if (holder.kind === 'ours' && former) return this.giveBack(request, connector, former);
    for (;;) {
      await connector.streaming.delete(connector.id);
      if (!await connector.streaming.get(connector.id)) break;
      if (!await step.pause(LOOK_AGAIN)) return { pending: `the streaming configuration of ${connector.arn} is still there` };
    }
    if (holder.kind === 'ours') await connector.tags.remove(connector.arn, [STREAMING_TAG, STREAMING_BEFORE_TAG]);
    return { gone: true };
  }

  /** A rename that is rolled back: the old self is still in the stack, and CloudFormation sends it nothing. */
  private async giveBack(request: Request, connector: Connector, former: { resource: string; document: StreamingDocument }): Promise<Removed> {
    request.log.info('given back to the former resource of this stack', { arn: connector.arn });
    if (differenceOf(await connector.streaming.get(connector.id), former.document)) await connector.streaming.put(connector.id, former.document);
    await connector.tags.set(connector.arn, { [STREAMING_TAG]: ownerTag({ ...request.owner, resource: former.resource }) });
    await connector.tags.remove(connector.arn, [STREAMING_BEFORE_TAG]);
    return { gone: true };
  }

  private async tagsOf(connector: Connector, step: Step): Promise<Record<string, string>> {
    const tags = await connector.tags.list(connector.arn);
    if (tags) return tags;
    if (step.age < CREATE_LAG) throw new PassingError(`${connector.arn} is not found, as a voice connector just made may be for a while`);
    throw new TerminalError(`voiceConnector: there is no ${connector.arn}`);
  }

  private async connect(arn: string, namespace: string, step: Step): Promise<Connector> {
    const [, region, id] = ARN.exec(arn)!;
    const client = this.options.client(region);
    const streaming = namespace === CHIME ? await this.options.legacy(step.signal) : new ChimeSdkStreamingApi(client, step.signal);
    return { arn, id, streaming, tags: new VoiceConnectorTags(client, step.signal) };
  }
}

function strangerError({ arn }: Connector, stackId: string): TerminalError {
  const region = ARN.exec(arn)![1];
  return new TerminalError(`the streaming configuration of ${arn} belongs to the stack ${stackId} by the voice connector's tag ${STREAMING_TAG}, so it is left as it is; `
    + `if that stack is gone, free it with \`aws chime-sdk-voice untag-resource --region ${region} --resource-arn ${arn} --tag-keys ${STREAMING_TAG} ${STREAMING_BEFORE_TAG}\``);
}

function toWish(request: Request): Wish {
  const parsed = parseProperties(schema, request.properties);
  const findings = validateVoiceConnectorStreaming({
    voiceConnectorArn: parsed.VoiceConnectorArn,
    dataRetentionHours: parsed.DataRetentionInHours,
    notificationTargets: parsed.NotificationTargets,
    mediaInsights: parsed.MediaInsights !== undefined,
    mediaInsightsConfigurationArn: parsed.MediaInsights?.ConfigurationArn,
    namespace: parsed.Namespace,
    region: ARN.exec(parsed.VoiceConnectorArn)?.[1],
  });
  if (findings.length > 0) throw new TerminalError(findings.join('\n  '));
  return {
    arn: parsed.VoiceConnectorArn,
    overwrite: parsed.ExistingConfiguration === OVERWRITE,
    namespace: parsed.Namespace,
    document: {
      dataRetentionHours: parsed.DataRetentionInHours ?? DEFAULT_DATA_RETENTION_HOURS,
      disabled: !parsed.Enabled,
      notificationTargets: [...parsed.NotificationTargets].sort(),
      mediaInsights: parsed.MediaInsights && { configurationArn: parsed.MediaInsights.ConfigurationArn, disabled: !parsed.MediaInsights.Enabled },
    },
  };
}
