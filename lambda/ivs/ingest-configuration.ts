import type { IVSRealTimeClient } from '@aws-sdk/client-ivs-realtime';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as v from 'valibot';
import { IVS_ERROR_CLASSES } from './client';
import { type IngestConfiguration as Configuration, IngestConfigurationApi } from './ingest-configuration-api';
import { readStageEndpoints } from './stage-endpoints';
import { type IngestEndpoint, isSame, partsOf, type StoredStreamKey, StreamKeySecret } from './stream-key-secret';
import {
  DISCONNECT, FAIL, INGEST_CONFIGURATION_LIMITS, type IngestConfigurationAttributes, type IngestConfigurationProperties, RTMP, RTMPS,
  type StreamKeySecretValue, WAIT,
} from '../../src/ivs/private/contract';
import { validateIngestConfiguration, validateIngestConfigurationTags } from '../../src/ivs/private/validation';
import { RESOURCE_TAG, STACK_TAG, TIMING } from '../../src/private/contract';
import { validateRegion } from '../../src/private/region-validation';
import { CREATE_LAG, POLL_INTERVAL, READ_LAG } from '../engine/consistency';
import { memberDifferences, type PropertyDifference, propertyDifference } from '../engine/drift';
import { classify, describeError, markingUnknownOutcome, TerminalError, TransientError } from '../engine/error-classes';
import { isTransient, type OnEventOutcome, type Properties, type Request, type ResourceHandler } from '../engine/lifecycle';
import {
  type CreateOnlyProperties, type DeleteMode, type DeleteOutcome, type DesiredResource, isCreatedBy, type ListedResource, type NewResource,
  type Owned, type OwnedResource, OwnedResourceHandler, type OwnedSearch, type SearchNames,
} from '../engine/owned-resource';
import { generatedName, hashOf, isNameOf, type Owner, ownershipOf, ownerTags, requestToken } from '../engine/ownership';
import { booleanProperty, parseProperties, type SchemaEntries, stringProperty, tagRecord, tagsProperty, throwIfInvalid } from '../engine/properties';
import type { Change, Operation, PropertyChange } from '../engine/reconcile';
import type { TimeBudget } from '../engine/time-budget';

const { name: { max: MAX_NAME } } = INGEST_CONFIGURATION_LIMITS;

/** Seconds that a Delete waits for a stream to end before it disconnects the publisher, so that the Delete finishes before its deadline. */
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

interface CreateOnly extends CreateOnlyProperties {
  readonly protocol: string;
  /** The service never returns this property. */
  readonly insecure?: true;
  readonly userId?: string;
  readonly attributes?: Record<string, string>;
}

interface Desired extends DesiredResource {
  readonly createOnly: CreateOnly;
  readonly stageArn?: string;
  readonly redundantIngest: boolean;
  readonly secretArn: string;
  readonly onLivePublisher: string;
}

export interface IngestConfigurationOptions {
  /** The region of the function. */
  readonly region: string;
  readonly client: (region: string) => IVSRealTimeClient;
  /** Called for the region of the function only: the secret is there. */
  readonly secretsManager: (region: string) => SecretsManagerClient;
}

/** An IVS real-time ingest configuration, with the secret that holds its stream key. */
class IngestConfiguration implements OwnedResource<Desired, ListedResource, Configuration, Configuration> {
  public readonly noun = 'configuration';
  public readonly errorClasses = IVS_ERROR_CLASSES;
  public readonly maxNameLength = MAX_NAME;
  public readonly nameProperty = 'Name';

  constructor(private readonly options: IngestConfigurationOptions) {}

  public parse(request: Request): Desired {
    const parsed = parseProperties(schema, request.properties);
    const createOnly = this.createOnlyOf(request.properties);
    throwIfInvalid([
      ...validateIngestConfiguration(parsed, { region: createOnly.region, account: request.account }),
      ...validateRegion('region', parsed.Region),
      ...validateIngestConfigurationTags(parsed.Tags),
    ]);
    return {
      createOnly,
      stageArn: parsed.StageArn,
      redundantIngest: parsed.RedundantIngest,
      secretArn: parsed.SecretArn,
      onLivePublisher: parsed.OnLivePublisher,
      retain: parsed.Retain,
      tags: tagRecord(parsed.Tags),
    };
  }

  public createOnlyOf(properties: Properties): CreateOnly {
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

  public regionOf(arn: string): string | undefined {
    return ARN.exec(arn)?.[1];
  }

  public untagCommand(arn: string): string {
    return `aws ivs-realtime untag-resource --region ${this.regionOf(arn)} --resource-arn ${arn} --tag-keys ${STACK_TAG} ${RESOURCE_TAG}`;
  }

  public describe(arn: string, budget: TimeBudget): Promise<Configuration | undefined> {
    return this.api(arn, budget).get(arn);
  }

  public async observe(configuration: Configuration): Promise<Configuration> {
    return configuration;
  }

  public async search(region: string, { prefix, fixed }: SearchNames, budget: TimeBudget): Promise<ListedResource[]> {
    return (await this.api(region, budget).list()).filter(({ name }) => name.startsWith(prefix) || fixed.includes(name));
  }

  public tagsOf(arn: string, budget: TimeBudget): Promise<Record<string, string> | undefined> {
    return this.api(arn, budget).tags(arn);
  }

  public tag(arn: string, tags: Record<string, string>, budget: TimeBudget): Promise<void> {
    return this.api(arn, budget).tag(arn, tags);
  }

  public untag(arn: string, keys: string[], budget: TimeBudget): Promise<void> {
    return this.api(arn, budget).untag(arn, keys);
  }

  /**
   * The owner tag holds the create-only properties. Without the tag, the old properties do. If those are of a rolled-back replacement, the properties
   * that the service returns decide.
   */
  public isDesired(current: Configuration, { createOnly }: Desired, { owner, oldProperties }: Request): boolean {
    const ownership = ownershipOf(current.tags, owner);
    if (ownership.kind === 'self') return ownership.creation.createOnlyHash === hashOf(createOnly);
    const former = this.createOnlyOf(oldProperties);
    const observed = hashOf(appearance({ ...current, region: this.regionOf(current.id)! }, owner));
    const isLike = (one: CreateOnly) => hashOf(appearance(one, owner)) === observed;
    return hashOf(former) === hashOf(createOnly) || (ownership.kind === 'unowned' && isLike(createOnly) && !isLike(former));
  }

  /** The secret version of this request records the configuration. */
  public async findRecorded({ secretArn }: Desired, { request: { owner }, budget }: Operation): Promise<string | undefined> {
    return (await this.secret(secretArn, budget).read({ VersionId: requestToken(owner) }))?.value?.ingestConfigurationArn;
  }

  public async prepareReplacement(current: Configuration, desired: Desired, { request, budget }: Operation): Promise<void> {
    const { owner, properties, oldProperties } = request;
    if (current.live && desired.onLivePublisher === FAIL) {
      throw new TerminalError(`${current.id} is live, and this change would replace it; end the stream first, or set onLivePublisher to WAIT, in a deployment of its own`);
    }
    const isNamed = isNameOf(owner, current.name, MAX_NAME, [properties, oldProperties].map((one) => stringProperty(one, 'Name')));
    if (ownershipOf(current.tags, owner).kind !== 'unowned' || !isNamed) return;
    // The tags were removed out of band. Without them a rollback would not find the configuration again. The request's hash is none of a request.
    const retained = stringProperty(oldProperties, 'Retain') === 'true';
    const creation = { request: hashOf(current.id), createOnlyHash: hashOf(this.createOnlyOf(oldProperties)), retained };
    await this.api(current.id, budget).tag(current.id, ownerTags(owner, creation));
  }

  /**
   * Create has no client token, and a list is stale for two deliveries at once. The handler writes the stream key to a secret version whose ID is derived
   * from the request. Only one delivery can create that version; any other delivery deletes the configuration that it created.
   */
  public async create(resource: NewResource<Desired>, operation: Operation, search: OwnedSearch<ListedResource>): Promise<OnEventOutcome> {
    const { desired, desired: { stageArn } } = resource;
    // Before there is a configuration, so that a failure leaves nothing.
    const endpoint = stageArn === undefined ? {} : await this.endpointOf(stageArn, desired.createOnly, operation);
    if (!endpoint) throw missingStage(stageArn, operation.budget);
    const created = completed(await this.createOne(resource, operation, search), endpoint);
    try {
      return { physicalId: await this.resolveUniqueness(created, desired, operation) };
    } catch (error) {
      // The configuration exists: a Delete must follow the failure, so isComplete reports the failure.
      return { physicalId: created.id, failure: describeError(error) };
    }
  }

  public async isCreationOver(created: readonly Owned<ListedResource>[], { request, budget }: Operation, survivor?: Configuration): Promise<boolean> {
    const secretArn = stringProperty(request.properties, 'SecretArn');
    if (secretArn === undefined) return false;
    try {
      for (const { creation } of created) {
        const version = await this.secret(secretArn, budget).read({ VersionId: requestToken({ ...request.owner, request: creation.request }) });
        // If nothing survives, the configuration that the version names must be one of those that are deleted.
        if (!version || (!survivor && !created.some(({ listed: { id } }) => id === version.value?.ingestConfigurationArn))) return false;
      }
      return true;
    } catch (error) {
      if (survivor) throw error;
      request.log.info('the secret is not readable', { reason: describeError(error) });
      return false;
    }
  }

  public async* changes(configuration: Configuration, desired: Desired, operation: Operation): AsyncIterable<PropertyChange<Configuration>> {
    const { stageArn, redundantIngest } = configuration;
    const expected = { StageArn: desired.stageArn, RedundantIngest: desired.redundantIngest };
    const ingest = memberDifferences(expected, { StageArn: stageArn, RedundantIngest: redundantIngest });
    if (ingest.length > 0) {
      const state = (stage: string | undefined, redundant: boolean) => `${stage ?? 'no stage'}${redundant ? ' with redundant ingest' : ''}`;
      const text = `publishes to ${state(stageArn, redundantIngest)}, desired ${state(desired.stageArn, desired.redundantIngest)}`;
      const properties = stageArn === undefined ? ingest.map(withCauseOfDetachment) : ingest;
      yield { kind: 'update', text, properties, blockedBy: () => blockedByPublisher(configuration, text, desired), apply: () => this.update(desired, operation) };
    }
    const secret = this.secret(desired.secretArn, operation.budget);
    const stored = await secret.read({ VersionStage: 'AWSCURRENT' });
    const complete = await this.withEndpoint(configuration, desired, stored, operation);
    const { secretValue } = complete;
    if (isSame(stored?.value, secretValue)) return;
    // The token contains the former version, so it is new for every change, and the same for every delivery of the same change.
    const token = requestToken(operation.request.owner, stored?.versionId ?? '');
    yield {
      kind: 'secret',
      ...secretDifference(stored, secretValue),
      apply: async () => await secret.put(secretValue, token) ? complete : undefined,
    };
  }

  /** A rolled-back operation may have put its own value just before. A stale read of the secret shows the former value, which is the desired one. */
  public staleRead(
    configuration: Configuration, { createOnly, stageArn, redundantIngest, secretArn }: Desired, request: Request, applied?: Change<Configuration>,
  ): string | undefined {
    if (applied?.kind === 'secret' || isCreatedBy(request, configuration)) return undefined;
    const isChanged = hashOf(this.createOnlyOf(request.oldProperties)) !== hashOf(createOnly);
    const isMoved = stringProperty(request.oldProperties, 'StageArn') !== stageArn;
    const mayHaveOtherValue = isChanged || isMoved || (!redundantIngest && stringProperty(request.oldProperties, 'RedundantIngest') === 'true');
    return mayHaveOtherValue ? `whether ${secretArn} was given another value just now may not be readable yet` : undefined;
  }

  /** The configuration comes last: the Delete is complete when the service takes it, and a failure before is found again. */
  public async delete(
    configuration: Configuration, operation: Operation, { isOrphan }: DeleteMode, search: OwnedSearch<ListedResource>,
  ): Promise<DeleteOutcome> {
    const { request, budget } = operation;
    const { id: arn, live, tags } = configuration;
    const api = this.api(arn, budget);
    const ownership = ownershipOf(tags, request.owner);
    const others = ownership.kind === 'self' && !isOrphan ? await search(this.regionOf(arn)!, { except: arn }) : [];
    const isSameCreation = ({ creation }: Owned<ListedResource>) => ownership.kind === 'self' && creation.request === ownership.creation.request;
    if (!isOrphan) {
      const pending = await this.restoreSecret(arn, others.filter((other) => !isSameCreation(other) && !other.creation.retained), operation);
      if (pending !== undefined) return { pending };
    }
    const treatment = live ? treatmentOfPublisher(request, budget) : 'delete';
    if (treatment === 'leave' && isOrphan) {
      request.log.error('left, because it is live', { arn, command: deleteCommand(arn) });
      return { gone: true };
    }
    if (treatment === 'leave') throw new TerminalError(`${arn} is live, so it is left as it is; when the stream has ended, delete it with \`${deleteCommand(arn)}\``);
    if (treatment === 'wait') return { pending: `${arn} is live: waiting for the stream to end, or else to be disconnected after ${DISCONNECT_AFTER / 60} min` };
    for (const { listed } of others.filter(isSameCreation)) await api.delete(listed.id, true);
    await api.delete(arn, isOrphan || treatment === 'disconnect');
    return { gone: true };
  }

  public async attributes({ name, participantId }: Configuration): Promise<Record<string, string>> {
    const attributes: IngestConfigurationAttributes = { Name: name, ParticipantId: participantId };
    return { ...attributes };
  }

  private async createOne(
    { name, desired, tags }: NewResource<Desired>, operation: Operation, search: OwnedSearch<ListedResource>,
  ): Promise<Configuration> {
    const { createOnly, stageArn, redundantIngest } = desired;
    const { budget } = operation;
    try {
      return await markingUnknownOutcome(this.errorClasses, () => this.api(createOnly.region, budget).create({
        name,
        stageArn,
        ingestProtocol: createOnly.protocol,
        insecureIngest: createOnly.insecure ?? false,
        redundantIngest,
        userId: createOnly.userId,
        attributes: createOnly.attributes,
        tags,
      }));
    } catch (error) {
      const errorClass = classify(error, this.errorClasses);
      // Which error the service has for a missing stage is unverified (F-51).
      if (errorClass === 'gone') throw missingStage(stageArn, budget);
      // If this call is refused for good, another delivery may have succeeded: at the quota it used the last place.
      const lookFor = { busy: READ_LAG, terminal: 0 }[errorClass as string];
      const created = lookFor === undefined ? undefined : await this.findAfterLostResponse(createOnly.region, lookFor, operation, search);
      if (created) return created;
      throw error;
    }
  }

  /**
   * Searches by the owner tag, because a configuration whose response was lost, here or in another delivery, isn't recorded. Another create would create
   * another configuration.
   */
  private async findAfterLostResponse(
    region: string, lookFor: number, { request, budget }: Operation, search: OwnedSearch<ListedResource>,
  ): Promise<Configuration | undefined> {
    const since = budget.elapsed;
    for (;;) {
      let hasSearched = false;
      try {
        const [owned] = await search(region, { wanted: (creation) => creation.request === request.owner.request });
        if (owned) return await this.api(region, budget).get(owned.listed.id);
        hasSearched = true;
      } catch (error) {
        // The caller reports the error of the create.
        request.log.info('the search for a lost configuration failed', { reason: describeError(error) });
      }
      if ((hasSearched && budget.elapsed - since >= lookFor) || !await budget.pause(POLL_INTERVAL)) return undefined;
    }
  }

  /** @returns the configuration that counts: this one, or that of another delivery of the same request */
  private async resolveUniqueness({ id: arn, secretValue }: Configuration, { secretArn }: Desired, { request, budget }: Operation): Promise<string> {
    const secret = this.secret(secretArn, budget);
    const token = requestToken(request.owner);
    for (;;) {
      try {
        if (await secret.put(secretValue, token)) return arn;
        const winner = (await secret.read({ VersionId: token }))?.value;
        if (!winner) throw new TransientError('the stream key of the first delivery does not show yet');
        if (winner.ingestConfigurationArn === arn) return arn;
        request.log.info('another delivery was first', { arn: winner.ingestConfigurationArn, discarded: arn });
        // A failure is found again when the configuration of the other delivery is reconciled.
        await this.api(arn, budget).delete(arn, true).catch((error) => request.log.info('to be discarded later', { arn, reason: describeError(error) }));
        return winner.ingestConfigurationArn;
      } catch (error) {
        // A secret that doesn't exist is no transient error.
        const errorClass = classify(error, this.errorClasses);
        if (errorClass === 'gone' || !isTransient(errorClass, budget) || !await budget.pause(POLL_INTERVAL)) throw error;
      }
    }
  }

  /**
   * The stage's server URL belongs to the secret's value. The service may change the URL, so every operation reads it again, once: after a change of the
   * secret, the observed state holds it.
   */
  private async withEndpoint(
    configuration: Configuration, { stageArn, createOnly }: Desired, stored: StoredStreamKey | undefined, operation: Operation,
  ): Promise<Configuration> {
    if (stageArn === undefined || partsOf(configuration.secretValue).endpoint) return configuration;
    const { request, budget } = operation;
    const former = stored?.value && partsOf(stored.value).endpoint;
    // This request read it just now, before it created the configuration.
    if (former && stored.versionId === requestToken(request.owner)) return completed(configuration, former);
    const endpoint = await this.endpointOf(stageArn, createOnly, operation);
    if (!endpoint && request.oldProperties.StageArn !== stageArn && budget.elapsed < CREATE_LAG) throw missingStage(stageArn, budget);
    // Of a stage that was deleted out of band, the secret keeps the URL.
    return completed(configuration, endpoint ?? former ?? {});
  }

  /** Undefined: there is no such stage. */
  private async endpointOf(
    stageArn: string, { protocol, region }: Pick<CreateOnly, 'protocol' | 'region'>, { budget }: Operation,
  ): Promise<IngestEndpoint | undefined> {
    const endpoints = await readStageEndpoints(this.options.client(region), stageArn, budget);
    if (!endpoints) return undefined;
    const { rtmp, rtmps } = endpoints;
    if (protocol === RTMP) return rtmp ? { rtmpEndpoint: rtmp } : {};
    return rtmps ? { rtmpsEndpoint: rtmps } : {};
  }

  /** The configuration or the stage may be missing. A stage that was deleted out of band is no reason to fail. It may still be attached (unverified: F-52). */
  private async update({ stageArn, redundantIngest }: Desired, { request, budget }: Operation): Promise<Configuration> {
    const { physicalId, oldProperties, log } = request;
    const api = this.api(physicalId, budget);
    try {
      return await api.update(physicalId, stageArn, redundantIngest);
    } catch (error) {
      if (classify(error, this.errorClasses) !== 'gone' || !await api.get(physicalId)) throw error;
      if (oldProperties.StageArn !== stageArn) throw missingStage(stageArn, budget);
      log.error('the stage is gone; left detached', { stageArn });
      return { ...await api.update(physicalId, undefined, redundantIngest), stageArn };
    }
  }

  /**
   * After a rolled-back replacement, the secret holds the key of the deleted configuration. The configuration that stays must have its own key there.
   *
   * @returns what is still to be waited for
   */
  private async restoreSecret(arn: string, others: readonly Owned<ListedResource>[], operation: Operation): Promise<string | undefined> {
    const { request, budget } = operation;
    const secretArn = stringProperty(request.properties, 'SecretArn');
    if (secretArn === undefined) return undefined;
    const secret = this.secret(secretArn, budget);
    try {
      const stored = await secret.read({ VersionStage: 'AWSCURRENT' });
      if (stored?.value?.ingestConfigurationArn !== arn) {
        return budget.elapsed < READ_LAG ? `whose stream key ${secretArn} holds may not be readable yet` : undefined;
      }
      // The former version names the configuration that the replacement was to replace, in any region and with any tags.
      const former = (await secret.read({ VersionStage: 'AWSPREVIOUS' }))?.value?.ingestConfigurationArn;
      const candidates = [...former !== undefined && former !== arn ? [former] : [], ...others.map(({ listed: { id } }) => id)];
      for (const candidate of candidates) {
        const survivor = ARN.test(candidate) ? await this.api(candidate, budget).get(candidate) : undefined;
        if (!survivor || ownershipOf(survivor.tags, request.owner).kind === 'otherStack') continue;
        request.log.info('restore the stream key of the former configuration', { arn: survivor.id });
        await secret.put((await this.survivorWithEndpoint(survivor, operation)).secretValue, requestToken(request.owner, stored.versionId));
        break;
      }
      return undefined;
    } catch (error) {
      // A deleted secret has no tag that the policy could evaluate, and one that is being deleted accepts no version. The Delete must finish.
      const errorClass = classify(error, this.errorClasses);
      if (errorClass !== 'gone' && isTransient(errorClass, budget)) throw error;
      request.log.info('the secret is not readable', { reason: describeError(error) });
      return undefined;
    }
  }

  /** A denied or refused read of the stage must not keep the stream key from its secret. The next update adds the URL. */
  private async survivorWithEndpoint(survivor: Configuration, operation: Operation): Promise<Configuration> {
    const { stageArn, protocol = RTMPS } = survivor;
    if (stageArn === undefined) return survivor;
    try {
      return completed(survivor, await this.endpointOf(stageArn, { protocol, region: this.regionOf(survivor.id)! }, operation) ?? {});
    } catch (error) {
      if (isTransient(classify(error, this.errorClasses), operation.budget)) throw error;
      operation.request.log.info('the stage is not readable', { reason: describeError(error) });
      return survivor;
    }
  }

  private api(regionOrArn: string, { signal }: TimeBudget): IngestConfigurationApi {
    return new IngestConfigurationApi(this.options.client(this.regionOf(regionOrArn) ?? regionOrArn), signal);
  }

  private secret(arn: string, { signal }: TimeBudget): StreamKeySecret {
    return new StreamKeySecret(this.options.secretsManager(this.options.region), arn, signal);
  }
}

export function ingestConfigurationHandler(options: IngestConfigurationOptions): ResourceHandler {
  return new OwnedResourceHandler(new IngestConfiguration(options));
}

/** Pure: the configuration whose secret also holds the server URL. */
function completed(configuration: Configuration, endpoint: IngestEndpoint): Configuration {
  return { ...configuration, secretValue: { ...configuration.secretValue, ...endpoint } };
}

/** Pure: the difference of an ingest configuration without a stage, with the operations of the service that detach the stage. */
function withCauseOfDetachment(difference: PropertyDifference): PropertyDifference {
  if (difference.propertyPath !== '/StageArn') return difference;
  return { ...difference, possibleCause: 'DisconnectParticipant of the encoder, or the deletion of the stage' };
}

/** Pure: the difference between the secret and its desired value, without anything that the secret holds. */
function secretDifference(stored: StoredStreamKey | undefined, secretValue: StreamKeySecretValue): Pick<PropertyChange<Configuration>, 'text' | 'properties'> {
  const [found, desired] = [stored?.value && partsOf(stored.value), partsOf(secretValue)];
  const [url] = Object.values(desired.endpoint ?? {});
  const hasKeys = isSame(found?.keys, desired.keys);
  const server = url === undefined ? 'a value without a server URL' : `the server URL ${url}`;
  const wanted = hasKeys ? server : `the stream key of ${secretValue.ingestConfigurationArn}`;
  // An earlier version of this library wrote no URL.
  const isDrift = !hasKeys || found?.endpoint !== undefined;
  return {
    text: `the secret does not hold ${wanted}`,
    properties: isDrift ? [propertyDifference('SecretArn', `holds ${wanted}`, stored ? 'holds something else' : 'holds nothing')] : [],
  };
}

/** The create-only properties that the service returns. The order of attributes is unverified (F-53). */
type Visible = Pick<CreateOnly, 'name' | 'userId' | 'attributes' | 'region'> & { readonly protocol?: string };

function appearance({ name, protocol, userId, attributes = {}, region }: Visible, owner: Owner): object {
  const fixed = name?.startsWith(generatedName(owner, MAX_NAME).prefix) ? undefined : name;
  return { name: fixed, protocol, userId, attributes: Object.entries(attributes).sort(), region };
}

/** Pure: what a Delete does while a publisher is live. */
function treatmentOfPublisher({ properties }: Request, budget: TimeBudget): 'disconnect' | 'wait' | 'leave' {
  const policy = stringProperty(properties, 'OnLivePublisher') ?? WAIT;
  if (policy === FAIL) return 'leave';
  return policy === DISCONNECT || budget.elapsed >= DISCONNECT_AFTER ? 'disconnect' : 'wait';
}

/** The service can't disconnect a publisher for an update. */
function blockedByPublisher({ id, live }: Configuration, text: string, { onLivePublisher }: Desired): string | undefined {
  if (!live) return undefined;
  if (onLivePublisher === FAIL) throw new TerminalError(`${id} is live, and cannot be changed then (${text}); end the stream first, or set onLivePublisher to WAIT, in a deployment of its own`);
  return `${id} is live, and cannot be changed before the stream ends (${text})`;
}

function missingStage(stageArn: string | undefined, budget: TimeBudget): Error {
  if (budget.elapsed < CREATE_LAG) return new TransientError(`the stage ${stageArn} is not found, as one just created may be for a while`);
  return new TerminalError(`stage: there is no ${stageArn}`);
}

function deleteCommand(arn: string): string {
  return `aws ivs-realtime delete-ingest-configuration --region ${ARN.exec(arn)![1]} --arn ${arn}`;
}
