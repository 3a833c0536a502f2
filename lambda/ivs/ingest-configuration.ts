import type { IVSRealTimeClient } from '@aws-sdk/client-ivs-realtime';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as v from 'valibot';
import { IVS_DECISIONS } from './client';
import { type IngestConfiguration, IngestConfigurationApi } from './ingest-configuration-api';
import { isSame, StreamKeySecret } from './stream-key-secret';
import { DISCONNECT, FAIL, INGEST_CONFIGURATION_LIMITS, type IngestConfigurationAttributes, type IngestConfigurationProperties, RTMPS, WAIT } from '../../src/ivs/private/contract';
import { validateIngestConfiguration, validateIngestConfigurationTags } from '../../src/ivs/private/validation';
import { RESOURCE_TAG, STACK_TAG, TIMING } from '../../src/private/contract';
import { validateRegion } from '../../src/private/region-validation';
import { memberDifferences, type PropertyDifference, propertyDifference } from '../common/drift';
import { creating, decide, describeError, PassingError, TerminalError } from '../common/errors';
import { type Accepted, passes, type Properties, type Removed, type Request, type ResourceHandler, type Settled, type Sweep } from '../common/lifecycle';
import { type Creation, creationOf, generatedName, hashOf, holderOf, isNameOf, type Owner, ownerTags, requestToken, unconfirmedRequest } from '../common/owner';
import { booleanProperty, parseProperties, type SchemaEntries, stringProperty, tagsProperty } from '../common/properties';
import type { Step } from '../common/step';
import { missingOwner, type TagDifference, tagsNotAsWished } from '../common/tag-differences';

const { name: { max: MAX_NAME } } = INGEST_CONFIGURATION_LIMITS;

/** Seconds during which a read may lag behind a write. */
const READ_LAG = 10;

/** Seconds in which something just created may still be unknown. */
const CREATE_LAG = 60;

/** Seconds between two looks in one step. */
const LOOK_AGAIN = 1;

/** Seconds that a delete waits for a stream to end before it disconnects the publisher, so that it is done before its deadline. */
const DISCONNECT_AFTER = TIMING.deadline - 60;

const ARN = /^arn:[a-z\d-]+:ivs:([a-z0-9-]+):[0-9]+:ingest-configuration\/[a-zA-Z0-9-]+$/;

const schema = v.strictObject({
  Name: v.optional(v.string()),
  StageArn: v.optional(v.string()),
  IngestProtocol: v.optional(v.string(), RTMPS),
  InsecureIngest: v.optional(booleanProperty, 'false'),
  RedundantIngest: v.optional(booleanProperty, 'false'),
  UserId: v.optional(v.string()),
  Attributes: v.optional(v.record(v.string(), v.string())),
  SecretArn: v.string(),
  OnLivePublisher: v.optional(v.string(), WAIT),
  Region: v.optional(v.string()),
  Retain: v.optional(booleanProperty, 'false'),
  Tags: v.optional(tagsProperty, []),
} satisfies SchemaEntries<IngestConfigurationProperties>);

/** What cannot change during the life of a configuration. Its hash is in the owner tag of what is deployed: what is added to it must be undefined by default. */
interface Identity {
  readonly name?: string;
  readonly protocol: string;
  /** The service never tells it. */
  readonly insecure?: true;
  readonly userId?: string;
  readonly attributes?: Record<string, string>;
  readonly region: string;
}

/** The wished state. */
interface Wish {
  readonly identity: Identity;
  readonly stageArn?: string;
  readonly redundantIngest: boolean;
  readonly secretArn: string;
  readonly onLivePublisher: string;
  readonly retain: boolean;
  readonly tags: Record<string, string>;
}

export interface IngestConfigurationOptions {
  /** The region of the function. */
  readonly region: string;
  readonly client: (region: string) => IVSRealTimeClient;
  /** Asked for in the region of the function only: there is the secret. */
  readonly secretsManager: (region: string) => SecretsManagerClient;
}

/** Something that carries this resource's owner tag. */
interface Owned {
  readonly arn: string;
  readonly creation: Creation;
}

export class IngestConfigurationHandler implements ResourceHandler {
  public readonly decisions = IVS_DECISIONS;

  constructor(private readonly options: IngestConfigurationOptions) {}

  public async create(request: Request, step: Step): Promise<Accepted> {
    const wish = this.toWish(request);
    const winner = await this.winner(request, wish, step);
    return winner ? { physicalId: winner } : this.makeAndClaim(request, wish, step);
  }

  public async update(request: Request, step: Step): Promise<Accepted> {
    const wish = this.toWish(request);
    const former = this.identityOf(request.oldProperties);
    const sweep: Sweep | undefined = hashOf(former) === hashOf(wish.identity) ? undefined
      : { region: former.region, attempted: hashOf(former), except: request.physicalId };
    const current = await this.named(request, step);
    if (current && isWished(current, request.owner, wish, former)) return { physicalId: current.arn, sweep };
    // Somebody has deleted what CloudFormation names; so that may be what was to be replaced, and the replacement unknown.
    const isLost = ARN.test(request.physicalId) && !current;
    const swept = (physicalId: string) => sweep && { ...sweep, except: isLost ? physicalId : sweep.except };
    const living = await this.findLiving(request, wish, current, step) ?? await this.winner(request, wish, step);
    if (living) return { physicalId: living, sweep: swept(living) };
    if (current?.live && wish.onLivePublisher === FAIL) {
      throw new TerminalError(`${current.arn} is live, and this change would replace it; end the stream first, or set onLivePublisher to WAIT, in a deployment of its own`);
    }
    if (current && holderOf(current.tags, request.owner).kind === 'nobody' && isNamedBy(request, current)) await this.markFormer(request, current, former, step);
    const made = await this.makeAndClaim(request, wish, step);
    return { ...made, sweep: swept(made.physicalId) };
  }

  public async settle(request: Request, step: Step): Promise<Settled> {
    const wish = this.toWish(request);
    const arn = request.physicalId;
    const api = this.api(arn, step);
    const secret = this.secret(wish.secretArn, step);
    let mended: Difference | undefined;
    let configuration = await observe(api, arn, step);
    for (;;) {
      const difference = differenceOf(configuration, wish, request) ?? await secretDifference(configuration, secret, request);
      if (!difference) break;
      // At most one mutation a step; what was mended is looked at until it shows.
      if (mended && difference.text !== mended.text) return { pending: difference.text };
      if (difference.kind === 'update' && configuration.live) return awaitStreamEnd(configuration, difference, wish);
      const answer = mended ? undefined : await this.mend(request, configuration, mended = difference, wish, step);
      if (!answer && !await step.pause(LOOK_AGAIN)) return { pending: difference.text };
      configuration = answer ?? await observe(api, arn, step);
    }
    const pending = await this.sweep(request, configuration, secret, step);
    if (pending !== undefined) return { pending };
    const isPut = mended?.kind === 'secret' || isMadeBy(request, configuration);
    if (!isPut && this.mayHaveOtherKeys(request, wish) && step.age < READ_LAG) return { pending: `whether ${wish.secretArn} was given other stream keys just now may not be read yet` };
    const attributes: IngestConfigurationAttributes = { Name: configuration.name, ParticipantId: configuration.participantId };
    return { attributes: { ...attributes } };
  }

  public async remove(request: Request, step: Step): Promise<Removed> {
    if (ARN.test(request.physicalId)) return this.removeOne(request, request.physicalId, step);
    // An id that CloudFormation invented: it gave a create up that may still be running. Or ours, of an unknown outcome.
    const unconfirmed = unconfirmedRequest(request.physicalId);
    const quietAfter = unconfirmed === undefined ? TIMING.onEventTimeout : READ_LAG;
    const find = () => this.findOwned(request, this.identityOf(request.properties).region, step,
      (creation) => !creation.retained && (unconfirmed ?? creation.request) === creation.request);
    let found: Owned[];
    try {
      found = await find();
    } catch (error) {
      // A region without the service: nothing can have been made there.
      if (decide(error, this.decisions) === 'unreachable' && step.age >= quietAfter) return { gone: true };
      throw error;
    }
    const removed: Removed[] = [];
    for (const { arn } of found) removed.push(await this.removeOne(request, arn, step));
    if (found.length > 0) {
      // Whatever the same create makes later deletes itself, if the stream key of what was deleted here was taken.
      const isOver = removed.every((outcome) => 'gone' in outcome) && await this.areWinners(request, found, step) && await step.rest()
        && (await find()).length === 0;
      return isOver ? { gone: true } : { pending: `found ${arns(found)}, deleting` };
    }
    if (step.age < quietAfter) return { pending: `found nothing; a create may still be running for ${Math.ceil(quietAfter - step.age)} s` };
    return { gone: true };
  }

  public async compare(request: Request, step: Step): Promise<PropertyDifference[] | undefined> {
    const wish = this.toWish(request);
    const configuration = await this.api(request.physicalId, step).get(request.physicalId);
    if (!configuration) return undefined;
    const secret = await secretDifference(configuration, this.secret(wish.secretArn, step), request);
    return [...differencesOf(configuration, wish, request), ...secret ? [secret] : []].flatMap(({ properties }) => properties);
  }

  /**
   * Create has no client token, and a list shows nothing to two that look at once. But a version of the secret can be put only once with a
   * token that the request decides: it names the configuration that counts, and whoever comes second deletes its own.
   */
  private async makeAndClaim(request: Request, wish: Wish, step: Step): Promise<Accepted> {
    const made = await this.make(request, wish, step);
    try {
      return { physicalId: await this.claim(request, made, this.secret(wish.secretArn, step), requestToken(request.owner), step) };
    } catch (error) {
      // It is made: from here on a Delete must follow a failure, so it is isComplete that reports it.
      return { physicalId: made.arn, failure: describeError(error) };
    }
  }

  /** What an earlier delivery of this request has made. */
  private async winner(request: Request, wish: Wish, step: Step): Promise<string | undefined> {
    return (await this.secret(wish.secretArn, step).read({ VersionId: requestToken(request.owner) }))?.value?.ingestConfigurationArn;
  }

  /** Somebody has stripped its tags; without them a rollback would not find it again. It is none of this request's. */
  private async markFormer(request: Request, current: IngestConfiguration, former: Identity, step: Step): Promise<void> {
    const creation = { request: hashOf(current.arn), createOnly: hashOf(former), retained: stringProperty(request.oldProperties, 'Retain') === 'true' };
    await this.api(current.arn, step).tag(current.arn, ownerTags(request.owner, creation));
  }

  private async make(request: Request, { identity, ...wish }: Wish, step: Step): Promise<IngestConfiguration> {
    const api = this.api(identity.region, step);
    try {
      return await creating(this.decisions, () => api.create({
        name: identity.name ?? generatedName(request.owner, MAX_NAME).name,
        stageArn: wish.stageArn,
        ingestProtocol: identity.protocol,
        insecureIngest: identity.insecure ?? false,
        redundantIngest: wish.redundantIngest,
        userId: identity.userId,
        attributes: identity.attributes,
        tags: { ...wish.tags, ...ownerTags(request.owner, creationOf(request.owner, identity)) },
      }));
    } catch (error) {
      const decision = decide(error, this.decisions);
      if (decision === 'gone') throw missingStage(wish.stageArn, step);
      // Refused for good, another delivery may have been let through: at the quota it has taken the last place.
      const lookFor = { busy: READ_LAG, terminal: 0 }[decision as string];
      const made = lookFor === undefined ? undefined : await this.findMade(request, identity.region, lookFor, step);
      if (made) return made;
      throw error;
    }
  }

  /** Nobody knows whether the create was carried out, here or by another delivery; a second one would be a second configuration. */
  private async findMade(request: Request, region: string, lookFor: number, step: Step): Promise<IngestConfiguration | undefined> {
    const since = step.age;
    for (;;) {
      let hasLooked = false;
      try {
        const [owned] = await this.findOwned(request, region, step, (creation) => creation.request === request.owner.request);
        if (owned) return await this.api(region, step).get(owned.arn);
        hasLooked = true;
      } catch (error) {
        // That of the create is what the caller reports.
        request.log.info('could not look', { reason: describeError(error) });
      }
      if ((hasLooked && step.age - since >= lookFor) || !await step.pause(LOOK_AGAIN)) return undefined;
    }
  }

  /** @returns the configuration that counts: this one, or that of a delivery of the same request which was first */
  private async claim(request: Request, made: IngestConfiguration, secret: StreamKeySecret, token: string, step: Step): Promise<string> {
    for (;;) {
      try {
        if (await secret.put(made.secretValue, token)) return made.arn;
        const winner = (await secret.read({ VersionId: token }))?.value;
        if (!winner) throw new PassingError('the stream key of the first delivery does not show yet');
        if (winner.ingestConfigurationArn === made.arn) return made.arn;
        request.log.info('another delivery was first', { arn: winner.ingestConfigurationArn, discarded: made.arn });
        await this.discard(request, made.arn, step);
        return winner.ingestConfigurationArn;
      } catch (error) {
        // A secret that is not there yet or no more is none of the things that pass.
        const decision = decide(error, this.decisions);
        if (decision === 'gone' || !passes(decision, step) || !await step.pause(LOOK_AGAIN)) throw error;
      }
    }
  }

  /** What fails here is found again when the winner settles. */
  private async discard(request: Request, arn: string, step: Step): Promise<void> {
    try {
      await this.api(arn, step).delete(arn, true);
    } catch (error) {
      request.log.info('to be discarded later', { arn, reason: describeError(error) });
    }
  }

  /** @returns the configuration after it, where that is known without another of the few reads */
  private async mend(
    request: Request, configuration: IngestConfiguration, difference: Difference, wish: Wish, step: Step,
  ): Promise<IngestConfiguration | undefined> {
    request.log.info('mend', { difference: difference.text });
    const { arn } = configuration;
    const api = this.api(arn, step);
    switch (difference.kind) {
      case 'tag':
        await api.tag(arn, difference.tags);
        return undefined;
      case 'untag':
        await api.untag(arn, difference.keys);
        return undefined;
      case 'update':
        return updateIngest(api, request, wish, step);
      case 'secret':
        return await this.secret(wish.secretArn, step).put(configuration.secretValue, difference.token) ? configuration : undefined;
    }
  }

  /** What earlier deliveries of the create have left, and what a replacement that was given up has. */
  private async sweep(request: Request, settled: IngestConfiguration, secret: StreamKeySecret, step: Step): Promise<string | undefined> {
    const { sweep } = request.accepted ?? {};
    const isNew = isMadeBy(request, settled);
    const strays: Owned[] = [];
    for (const region of new Set([...isNew ? [regionOf(settled.arn)] : [], ...sweep ? [sweep.region] : []])) {
      try {
        strays.push(...await this.findOwned(request, region, step, (creation) => !creation.retained
          && (creation.request === request.owner.request ? isNew : creation.createOnly === sweep?.attempted), settled.arn));
      } catch (error) {
        // A region without the service: nothing can have been made there.
        if (decide(error, this.decisions) !== 'unreachable' || region === regionOf(settled.arn)) throw error;
      }
    }
    const unknown = strays.filter(({ arn }) => arn !== sweep?.except);
    if (unknown.length > 0) return this.discardStrays(request, unknown, settled, secret, step);
    // Where CloudFormation named the replacement itself it has ended, and there is nothing else.
    if (sweep?.except !== settled.arn || step.age >= TIMING.onEventTimeout) return undefined;
    return 'looking for what the replacement that was given up may have left, or may still make';
  }

  private async discardStrays(
    request: Request, strays: Owned[], settled: IngestConfiguration, secret: StreamKeySecret, step: Step,
  ): Promise<string | undefined> {
    // Whose stream key was taken has come to its end, and whatever of the same request comes later deletes itself. It is in the secret before
    // it is seen here, so a look at the secret after that is the last one that is needed.
    const isOver = await this.areClaimed(request, strays, secret);
    const difference = await secretDifference(settled, secret, request);
    if (difference) return difference.text;
    const waits: string[] = [];
    for (const { arn } of strays) {
      const stray = await this.api(arn, step).get(arn);
      const treatment = stray?.live ? treatLive(request, step) : 'delete';
      if (treatment === 'leave') request.log.error('left, because it is live', { arn, command: deleteCommand(arn) });
      else if (treatment === 'wait') waits.push(arn);
      else await this.api(arn, step).delete(arn, true);
    }
    if (waits.length > 0) return `${waits.join(', ')}, of a replacement that was given up, is live: waiting for the stream to end, or else to be disconnected`;
    return isOver || step.age >= TIMING.onEventTimeout ? undefined : `found ${arns(strays)}, which nobody knows, deleting`;
  }

  private async areClaimed(request: Request, strays: Owned[], secret: StreamKeySecret): Promise<boolean> {
    for (const { creation } of strays) {
      if (!await secret.read({ VersionId: requestToken({ ...request.owner, request: creation.request }) })) return false;
    }
    return true;
  }

  /** Whether each request of these has come to its end: the secret names one of them as that which counts. */
  private async areWinners(request: Request, found: Owned[], step: Step): Promise<boolean> {
    const secretArn = stringProperty(request.properties, 'SecretArn');
    if (secretArn === undefined) return false;
    try {
      for (const { creation } of found) {
        const version = requestToken({ ...request.owner, request: creation.request });
        const winner = (await this.secret(secretArn, step).read({ VersionId: version }))?.value?.ingestConfigurationArn;
        if (!found.some(({ arn }) => arn === winner)) return false;
      }
      return true;
    } catch (error) {
      // Without the secret it isn't known, and the Delete waits.
      request.log.info('the secret is not to be had', { reason: describeError(error) });
      return false;
    }
  }

  /**
   * Everything else first, and the configuration last: then it is done when the service has taken the delete, and what fails before is
   * found again.
   */
  private async removeOne(request: Request, arn: string, step: Step): Promise<Removed> {
    const api = this.api(arn, step);
    for (;;) {
      const configuration = await api.get(arn);
      if (!configuration) {
        if (step.age >= READ_LAG) return { gone: true };
        if (await step.pause(LOOK_AGAIN)) continue;
        return { pending: `${arn} is not found, which must be so for a while` };
      }
      const holder = holderOf(configuration.tags, request.owner);
      if (holder.kind === 'stranger') {
        request.log.info('left untouched: it belongs to another stack', { arn, stackId: holder.stackId });
        return { gone: true };
      }
      if (holder.kind === 'nobody' && !isNamedBy(request, configuration)) {
        request.log.info('left untouched: it has neither an owner tag nor a name of this resource', { arn });
        return { gone: true };
      }
      if (holder.kind === 'nobody') {
        // Somebody removed the tags of what CloudFormation knows as ours; without them nothing may be changed.
        await api.tag(arn, ownerTags(request.owner, creationOf(request.owner, this.identityOf(request.properties))));
        return { pending: `${arn}: tagged again, to be deleted` };
      }
      const others = holder.kind === 'ours' ? await this.findOwned(request, regionOf(arn), step, () => true, arn) : [];
      const isSameCreation = ({ creation }: Owned) => holder.kind === 'ours' && creation.request === holder.creation.request;
      const unsure = await this.giveBack(request, arn, others.filter((other) => !isSameCreation(other) && !other.creation.retained), step);
      if (unsure !== undefined) return { pending: unsure };
      const treatment = configuration.live ? treatLive(request, step) : 'delete';
      if (treatment === 'leave') {
        throw new TerminalError(`${arn} is live, so it is left as it is; when the stream has ended, delete it with \`${deleteCommand(arn)}\``);
      }
      if (treatment === 'wait') {
        return { pending: `${arn} is live: waiting for the stream to end, or else to be disconnected after ${DISCONNECT_AFTER / 60} min` };
      }
      for (const stray of others.filter(isSameCreation)) await api.delete(stray.arn, true);
      await api.delete(arn, treatment === 'disconnect');
      return { gone: true };
    }
  }

  /**
   * After a replacement that was rolled back, the secret holds the key of what is about to go; what stays must have its own there.
   *
   * @returns what is still to be waited for
   */
  private async giveBack(request: Request, arn: string, others: Owned[], step: Step): Promise<string | undefined> {
    const secretArn = stringProperty(request.properties, 'SecretArn');
    if (secretArn === undefined) return undefined;
    const secret = this.secret(secretArn, step);
    try {
      const stored = await secret.read({ VersionStage: 'AWSCURRENT' });
      if (stored?.value?.ingestConfigurationArn !== arn) {
        return step.age < READ_LAG ? `whose stream key ${secretArn} holds may not be read yet` : undefined;
      }
      // The version before names what the replacement was to replace, wherever that is and whatever its tags are.
      const former = (await secret.read({ VersionStage: 'AWSPREVIOUS' }))?.value?.ingestConfigurationArn;
      const candidates = [...former !== undefined && former !== arn ? [former] : [], ...others.map((other) => other.arn)];
      for (const candidate of candidates) {
        const survivor = ARN.test(candidate) ? await this.api(candidate, step).get(candidate) : undefined;
        if (!survivor || holderOf(survivor.tags, request.owner).kind === 'stranger') continue;
        request.log.info('the secret holds the stream key of the former configuration again', { arn: survivor.arn });
        await secret.put(survivor.secretValue, requestToken(request.owner, stored.versionId));
        break;
      }
      return undefined;
    } catch (error) {
      // A secret that is gone has no tag, by which the policy would know it, and one that is being deleted takes nothing; a delete must end all the same.
      const decision = decide(error, this.decisions);
      if (decision !== 'gone' && passes(decision, step)) throw error;
      request.log.info('the secret is not to be had', { reason: describeError(error) });
      return undefined;
    }
  }

  /** The configuration that CloudFormation names, if it names one. Where it is missing, a read may lag behind it, or behind the create of an earlier attempt. */
  private async named({ physicalId }: Request, step: Step): Promise<IngestConfiguration | undefined> {
    for (;;) {
      const configuration = ARN.test(physicalId) ? await this.api(physicalId, step).get(physicalId) : undefined;
      if (configuration || step.age >= READ_LAG || !await step.pause(LOOK_AGAIN)) return configuration;
    }
  }

  /**
   * Before anything is created: a living configuration of ours that is what is wished, as after a replacement that was rolled back. Not one
   * of this request's own: which of those counts, the secret says. What an earlier life has retained is not for somebody who would delete it.
   */
  private async findLiving(request: Request, wish: Wish, current: IngestConfiguration | undefined, step: Step): Promise<string | undefined> {
    const createOnly = hashOf(wish.identity);
    const isWanted = (creation: Creation) => creation.createOnly === createOnly && creation.request !== request.owner.request
      && (wish.retain || !creation.retained);
    const [living] = await this.findOwned(request, wish.identity.region, step, isWanted, undefined, current?.arn);
    return living?.arn;
  }

  /** What carries this resource's owner tag; a list shows no tags, so names say whose are worth a look. One without what is `living` is late. */
  private async findOwned(
    request: Request, region: string, step: Step, wanted: (creation: Creation) => boolean, except?: string, living?: string,
  ): Promise<Owned[]> {
    const api = this.api(region, step);
    const listed = await api.list();
    const isLate = living !== undefined && regionOf(living) === region && !listed.some(({ arn }) => arn === living);
    if (isLate && step.age < READ_LAG) throw new PassingError(`${living} is not listed, so what is may be more`);
    const { prefix } = generatedName(request.owner, MAX_NAME);
    const fixed = [request.properties, request.oldProperties].map((properties) => stringProperty(properties, 'Name'));
    const owned: Owned[] = [];
    for (const { arn, name } of listed) {
      if (arn === except || !(name.startsWith(prefix) || fixed.includes(name))) continue;
      const tags = await api.tags(arn);
      if (!tags && step.age < READ_LAG) throw new PassingError(`${arn} is listed, and whose it is may not be read yet`);
      const holder = holderOf(tags ?? {}, request.owner);
      if (holder.kind === 'ours' && wanted(holder.creation)) owned.push({ arn, creation: holder.creation });
    }
    return owned;
  }

  private api(regionOrArn: string, step: Step): IngestConfigurationApi {
    return new IngestConfigurationApi(this.options.client(ARN.exec(regionOrArn)?.[1] ?? regionOrArn), step.signal);
  }

  private secret(arn: string, step: Step): StreamKeySecret {
    return new StreamKeySecret(this.options.secretsManager(this.options.region), arn, step.signal);
  }

  private toWish(request: Request): Wish {
    const parsed = parseProperties(schema, request.properties);
    const identity = this.identityOf(request.properties);
    const findings = [
      ...validateIngestConfiguration(parsed, { account: request.account, region: identity.region }),
      ...validateRegion('region', parsed.Region),
      ...validateIngestConfigurationTags(parsed.Tags),
    ];
    if (findings.length > 0) throw new TerminalError(findings.join('\n  '));
    return {
      identity,
      stageArn: parsed.StageArn,
      redundantIngest: parsed.RedundantIngest,
      secretArn: parsed.SecretArn,
      onLivePublisher: parsed.OnLivePublisher,
      retain: parsed.Retain,
      tags: Object.fromEntries(parsed.Tags.map(({ Key, Value }) => [Key, Value])),
    };
  }

  /** What is taken back by this request may have put its own into the secret a moment ago: a read that lags shows those from before, which are the ones wished. */
  private mayHaveOtherKeys({ oldProperties }: Request, { identity, redundantIngest }: Wish): boolean {
    const isChanged = hashOf(this.identityOf(oldProperties)) !== hashOf(identity);
    return isChanged || (!redundantIngest && stringProperty(oldProperties, 'RedundantIngest') === 'true');
  }

  /** Lenient: of old properties, too. */
  private identityOf(properties: Properties): Identity {
    const parsed = v.safeParse(v.record(v.string(), v.string()), properties.Attributes);
    const attributes = Object.entries(parsed.success ? parsed.output : {}).sort();
    return {
      name: stringProperty(properties, 'Name'),
      protocol: stringProperty(properties, 'IngestProtocol') ?? RTMPS,
      insecure: stringProperty(properties, 'InsecureIngest') === 'true' || undefined,
      userId: stringProperty(properties, 'UserId'),
      attributes: attributes.length > 0 ? Object.fromEntries(attributes) : undefined,
      region: stringProperty(properties, 'Region') ?? this.options.region,
    };
  }
}

/** Pure: whether a configuration without owner tags can be this resource's. */
function isNamedBy({ owner, properties, oldProperties }: Request, { name }: IngestConfiguration): boolean {
  return isNameOf(owner, name, MAX_NAME, [properties, oldProperties].map((one) => stringProperty(one, 'Name')));
}

/** Pure: whether this very request has made it. */
function isMadeBy({ owner }: Request, { tags }: IngestConfiguration): boolean {
  const holder = holderOf(tags, owner);
  return holder.kind === 'ours' && holder.creation.request === owner.request;
}

/**
 * Pure: whether what CloudFormation knows is what is wished. Its tag tells with what it was made; without one, its properties so far do, or
 * where these are of a replacement that is taken back, what the service tells of it.
 */
function isWished(current: IngestConfiguration, owner: Owner, { identity }: Wish, former: Identity): boolean {
  const holder = holderOf(current.tags, owner);
  if (holder.kind === 'ours') return holder.creation.createOnly === hashOf(identity);
  const seen = hashOf(appearance({ ...current, region: regionOf(current.arn) }, owner));
  const isLike = (one: Identity) => hashOf(appearance(one, owner)) === seen;
  return hashOf(former) === hashOf(identity) || (holder.kind === 'nobody' && isLike(identity) && !isLike(former));
}

/** What the service tells of how something was made. */
type Told = Pick<Identity, 'name' | 'userId' | 'attributes' | 'region'> & { readonly protocol?: string };

function appearance({ name, protocol, userId, attributes = {}, region }: Told, owner: Owner): object {
  const fixed = name?.startsWith(generatedName(owner, MAX_NAME).prefix) ? undefined : name;
  return { name: fixed, protocol, userId, attributes: Object.entries(attributes).sort(), region };
}

async function observe(api: IngestConfigurationApi, arn: string, step: Step): Promise<IngestConfiguration> {
  const configuration = await api.get(arn);
  if (configuration) return configuration;
  if (step.age < CREATE_LAG) throw new PassingError(`${arn} is not found, as one just created may be for a while`);
  throw new TerminalError(`${arn} is gone: somebody deleted it during this deployment`);
}

async function secretDifference(configuration: IngestConfiguration, secret: StreamKeySecret, request: Request): Promise<Difference | undefined> {
  const stored = await secret.read({ VersionStage: 'AWSCURRENT' });
  if (isSame(stored?.value, configuration.secretValue)) return undefined;
  // The version before is part of it, so that it is new for every change, and the same for whoever makes the same change.
  return {
    kind: 'secret',
    token: requestToken(request.owner, stored?.versionId ?? ''),
    text: `the secret does not hold the stream key of ${configuration.arn}`,
    properties: [propertyDifference('SecretArn', `holds the stream key of ${configuration.arn}`, stored ? 'holds something else' : 'holds nothing')],
  };
}

/** Pure: what becomes of something that is to go while somebody publishes. */
function treatLive({ properties }: Request, step: Step): 'disconnect' | 'wait' | 'leave' {
  const policy = stringProperty(properties, 'OnLivePublisher') ?? WAIT;
  if (policy === FAIL) return 'leave';
  return policy === DISCONNECT || step.age >= DISCONNECT_AFTER ? 'disconnect' : 'wait';
}

/** The service cannot disconnect a publisher to update. */
function awaitStreamEnd({ arn }: IngestConfiguration, { text }: Difference, { onLivePublisher }: Wish): { pending: string } {
  if (onLivePublisher === FAIL) throw new TerminalError(`${arn} is live, and cannot be changed then (${text}); end the stream first, or set onLivePublisher to WAIT, in a deployment of its own`);
  return { pending: `${arn} is live, and cannot be changed before the stream ends (${text})` };
}

/** Both the configuration and the stage may be what is not found. A stage that was there before and that somebody has deleted is no reason to fail. */
async function updateIngest(api: IngestConfigurationApi, request: Request, wish: Wish, step: Step): Promise<IngestConfiguration> {
  const { physicalId, oldProperties, log } = request;
  try {
    return await api.update(physicalId, wish.stageArn, wish.redundantIngest);
  } catch (error) {
    if (decide(error, IVS_DECISIONS) !== 'gone' || !await api.get(physicalId)) throw error;
    if (oldProperties.StageArn !== wish.stageArn) throw missingStage(wish.stageArn, step);
    log.error('the stage is gone; left detached', { stageArn: wish.stageArn });
    return { ...await api.update(physicalId, undefined, wish.redundantIngest), stageArn: wish.stageArn };
  }
}

function missingStage(stageArn: string | undefined, step: Step): Error {
  if (step.age < CREATE_LAG) return new PassingError(`the stage ${stageArn} is not found, as one just created may be for a while`);
  return new TerminalError(`stage: there is no ${stageArn}`);
}

function regionOf(arn: string): string {
  return ARN.exec(arn)![1]!;
}

function arns(owned: Owned[]): string {
  return owned.map(({ arn }) => arn).join(', ');
}

function deleteCommand(arn: string): string {
  return `aws ivs-realtime delete-ingest-configuration --region ${regionOf(arn)} --arn ${arn}`;
}

function freeCommand(arn: string): string {
  return `aws ivs-realtime untag-resource --region ${regionOf(arn)} --resource-arn ${arn} --tag-keys ${STACK_TAG} ${RESOURCE_TAG}`;
}

type Difference = TagDifference | { readonly text: string; readonly properties: PropertyDifference[] } & (
  | { readonly kind: 'update' }
  | { readonly kind: 'secret'; readonly token: string });

/** Pure: the first thing in which a configuration is not as wished, where it may be made so. */
function differenceOf(configuration: IngestConfiguration, wish: Wish, request: Request): Difference | undefined {
  const { arn, tags } = configuration;
  const holder = holderOf(tags, request.owner);
  if (holder.kind === 'stranger') {
    throw new TerminalError(`${arn} belongs to the stack ${holder.stackId} by its tag ${STACK_TAG}, so it is left as it is; `
      + `if that stack is gone, free the configuration with \`${freeCommand(arn)}\``);
  }
  if (holder.kind === 'nobody' && !isNamedBy(request, configuration)) {
    throw new TerminalError(`${arn} has neither an owner tag nor a name of this resource, so it is left as it is`);
  }
  return differencesOf(configuration, wish, request)[0];
}

/** Pure: in what a configuration is not as wished, the owner tags before all, because every other change is allowed only under them. */
function differencesOf({ tags, stageArn, redundantIngest }: IngestConfiguration, wish: Wish, request: Request): Difference[] {
  const differences: Difference[] = [...missingOwner(tags, wish.identity, request), ...tagsNotAsWished(tags, wish, request)];
  // Last: it may have to wait for a stream to end, and all else need not.
  const wished = { StageArn: wish.stageArn, RedundantIngest: wish.redundantIngest };
  const ingest = memberDifferences(wished, { StageArn: stageArn, RedundantIngest: redundantIngest });
  if (ingest.length > 0) {
    const state = (stage: string | undefined, redundant: boolean) => `${stage ?? 'no stage'}${redundant ? ' with redundant ingest' : ''}`;
    const text = `publishes to ${state(stageArn, redundantIngest)}, wished ${state(wish.stageArn, wish.redundantIngest)}`;
    differences.push({ kind: 'update', text, properties: ingest });
  }
  return differences;
}
