import {
  AssociatePhoneNumbersWithVoiceConnectorCommand, DisassociatePhoneNumbersFromVoiceConnectorCommand, type PhoneNumberError,
} from '@aws-sdk/client-chime-sdk-voice';
import * as v from 'valibot';
import { isSettled, masked, type ObservedNumber, PhoneNumberApi, type PhoneNumberClients, restoreCommand } from './phone-number-api';
import { VOICE_CONNECTOR, voiceConnectorIdOf, voiceConnectorTags } from './setting-declaration';
import { associationTagKeys, type PhoneNumberAssociationProperties, validatePhoneNumberAssociation } from '../../src/chime-sdk-voice/private/phone-number-association';
import { CHIME_ERROR_CLASSES } from '../chime-error-classes';
import { CREATE_LAG, READ_LAG } from '../engine/consistency';
import { type PropertyDifference, propertyDifference } from '../engine/drift';
import { classify, type ErrorClass, TerminalError, TransientError, unlessGone } from '../engine/error-classes';
import type { Deleted, OnEventOutcome, OrphanSearch, Properties, Reconciled, Request, ResourceHandler } from '../engine/lifecycle';
import type { Log } from '../engine/log';
import { hashOf } from '../engine/ownership';
import { type CheckedAccess, type DesiredSetting, type MissingClaim, type Parent, type ParentSetting, ParentSettingHandler, type ParentTags } from '../engine/parent-setting';
import { booleanProperty, parseProperties, type SchemaEntries, stringProperty, throwIfInvalid } from '../engine/properties';
import { NO_RESOURCE, parseFormerTag, settingOwnershipOf } from '../engine/setting-ownership';
import type { TimeBudget } from '../engine/time-budget';

const schema = v.strictObject({
  VoiceConnectorArn: v.string(),
  E164PhoneNumber: v.string(),
  Reassign: v.optional(booleanProperty, 'false'),
  Retain: v.optional(booleanProperty, 'false'),
} satisfies SchemaEntries<PhoneNumberAssociationProperties & { readonly Retain?: boolean }>);

interface Association {
  readonly voiceConnectorArn: string;
  readonly number: string;
}

/** The holder of the number: the ID of a voice connector, of a voice connector group, or of a SIP rule. */
interface HolderDocument {
  readonly holder: string;
}

interface Desired extends DesiredSetting<HolderDocument> {
  readonly reassign: boolean;
}

/** The hash of the number is part of the tag keys of deployed associations, so its form is permanent. */
const tagKeysOf = (number: string) => associationTagKeys(hashOf(number));

const ENCODING = { encode: ({ holder }: HolderDocument) => [holder], decode: ([holder = '']: string[]) => ({ holder }) };

const PHYSICAL_ID = /^(arn:[a-z\d-]+:chime:[a-z0-9-]+:\d+:vc\/[^/]+)\/(\+\d+)$/;

/** The errors of one number in a response with status 200. The same word as an exception has the same class. */
const PARTIAL_ERRORS: Record<string, ErrorClass> = {
  NotFound: 'gone',
  Conflict: 'conflict',
  Throttled: 'throttled',
  Throttling: 'throttled',
  ServiceFailure: 'busy',
  ServiceUnavailable: 'busy',
  AccessDenied: 'denied',
  Forbidden: 'denied',
  Unauthorized: 'denied',
  ResourceLimitExceeded: 'terminal',
};

const ERROR_CLASSES = { ...CHIME_ERROR_CLASSES, ...PARTIAL_ERRORS };

/** Most tags of a voice connector, which can have many more numbers. */
const MAX_TAGS = 50;

/** The name of the error at this quota is unverified (F-99). */
const MISSING_CLAIM: MissingClaim = {
  isCausedBy: (error) => (error as Error).name === 'ResourceLimitExceededException',
  isPossible: (tags) => Object.keys(tags).length >= MAX_TAGS,
};

export interface PhoneNumberAssociationOptions {
  readonly client: (region: string) => PhoneNumberClients['client'];
}

/**
 * Associates a phone number with a voice connector: a setting on the voice connector, whose owner tag there has a key of its own for each number. The service
 * takes a number from its holder only if it is forced to, so the handler looks before.
 */
export class PhoneNumberAssociationHandler implements ResourceHandler {
  public readonly errorClasses = ERROR_CLASSES;

  constructor(private readonly options: PhoneNumberAssociationOptions) {}

  public async create(request: Request, budget: TimeBudget): Promise<OnEventOutcome> {
    const number = numberOf(request.properties);
    return named(number, await this.settingOf(number, request, budget).create(request, budget));
  }

  public async update(request: Request, budget: TimeBudget): Promise<OnEventOutcome> {
    const number = numberOf(request.properties);
    const current = parseId(request.physicalId);
    const physicalId = current?.number === number ? current.voiceConnectorArn : '';
    const outcome = await this.settingOf(number, request, budget).update({ ...request, physicalId }, budget);
    return { ...named(number, outcome), sweep: current?.number === number ? orphanSearch(current, request) : undefined };
  }

  public async reconcile(request: Request, budget: TimeBudget): Promise<Reconciled> {
    const number = numberOf(request.properties);
    const sweep = request.onEventOutcome?.sweep;
    const reconciled = await this.settingOf(number, request, budget).reconcile(withOutcome(request, { sweep: undefined }), budget);
    if ('pending' in reconciled || !sweep) return reconciled;
    const attempted = parseId(sweep.attempted)!;
    const pending = await this.settingOf(attempted.number, request, budget)
      .cleanUp({ request: withOutcome(request, { sweep: { ...sweep, attempted: attempted.voiceConnectorArn } }), budget });
    return pending === undefined ? reconciled : { pending };
  }

  public async delete(request: Request, budget: TimeBudget): Promise<Deleted> {
    const current = parseId(request.physicalId);
    const association = current ?? associationOf(request.properties);
    if (!association) return { gone: true };
    const physicalId = current?.voiceConnectorArn ?? request.physicalId;
    const deleted = await this.settingOf(association.number, request, budget).delete({ ...request, physicalId }, budget);
    if ('gone' in deleted && current) await this.completeMove(current, request, budget);
    return deleted;
  }

  public async detectDrift(request: Request, budget: TimeBudget): Promise<PropertyDifference[] | undefined> {
    const { parentArn, document: { holder } } = toDesired(request);
    const number = numberOf(request.properties);
    const found = await this.numbers(parentArn, budget).find(number);
    if (!found || found.released || found.holders.length === 0) return undefined;
    if (!found.holders.includes(holder)) return [propertyDifference('VoiceConnectorId', holder, found.holders.join(', '))];
    return this.settingOf(number, request, budget).detectDrift(request, budget);
  }

  /** The deletion of the former association is the last step of a move, so that a later deletion of the new one doesn't take the move back. */
  private async completeMove({ voiceConnectorArn, number }: Association, { owner }: Request, budget: TimeBudget): Promise<void> {
    const found = await this.numbers(voiceConnectorArn, budget).find(number);
    const holder = found?.holders.find((id) => id !== voiceConnectorIdOf(voiceConnectorArn));
    if (holder === undefined) return;
    const tagKeys = tagKeysOf(number);
    const holderTags = this.tags(voiceConnectorArn.replace(/[^/]+$/, holder), budget);
    const tags = await holderTags.list() ?? {};
    const former = parseFormerTag(tags[tagKeys.former], ENCODING);
    if (settingOwnershipOf(tags[tagKeys.owner], owner).kind === 'self' && former?.resource === NO_RESOURCE) await holderTags.delete([tagKeys.former]);
  }

  private settingOf(number: string, { properties, oldProperties, log }: Request, budget: TimeBudget): ParentSettingHandler<HolderDocument, Desired> {
    const name = masked(number);
    const tagKeys = tagKeysOf(number);
    const own = [properties, oldProperties].map(associationOf).filter((one) => one?.number === number)
      .map((one) => voiceConnectorIdOf(one!.voiceConnectorArn));
    const connect = (arn: string) => new NumberOnConnector({
      voiceConnectorArn: arn, number, own, budget, log, client: this.client(arn), numbers: this.numbers(arn, budget), tags: this.tags(arn, budget),
    });
    const parseAny = (given: Properties) => {
      const parsed = v.safeParse(v.object(schema.entries), given);
      return parsed.success && parsed.output.E164PhoneNumber === number && associationOf(given) ? desiredOf(parsed.output) : undefined;
    };
    const declaration: ParentSetting<HolderDocument, Desired> = {
      ...VOICE_CONNECTOR,
      errorClasses: ERROR_CLASSES,
      noun: `association of ${name}`,
      adoption: { option: 'phoneNumber', advice: 'remove it there' },
      tagKeys,
      missingClaim: MISSING_CLAIM,
      encoding: ENCODING,
      parse: toDesired,
      parseAny,
      untagCommand: (arn) => `aws chime-sdk-voice untag-resource --region ${VOICE_CONNECTOR.regionOf(arn)} --resource-arn ${arn} --tag-keys ${tagKeys.owner} ${tagKeys.former}`,
      connect,
      access: async (desired, parent) => (parent as NumberOnConnector).access(desired),
      unownedDocument: (parent) => (parent as NumberOnConnector).holder(),
      isRefused: async (attempted) => {
        const desired = parseAny(attempted);
        return desired !== undefined && !desired.reassign && await connect(desired.parentArn).isTaken();
      },
      toProperties: ({ holder }) => ({ VoiceConnectorId: holder }),
      attributes: (arn) => ({ VoiceConnectorId: voiceConnectorIdOf(arn), E164PhoneNumber: number }),
    };
    return new ParentSettingHandler(declaration);
  }

  private client(voiceConnectorArn: string): PhoneNumberClients['client'] {
    return this.options.client(VOICE_CONNECTOR.regionOf(voiceConnectorArn)!);
  }

  private tags(voiceConnectorArn: string, { signal }: TimeBudget): ParentTags {
    return voiceConnectorTags(this.client(voiceConnectorArn), voiceConnectorArn, signal);
  }

  private numbers(voiceConnectorArn: string, { signal }: TimeBudget): PhoneNumberApi {
    const client = this.client(voiceConnectorArn);
    return new PhoneNumberApi({ client, orderClient: client }, signal);
  }
}

interface NumberOnConnectorOptions extends Association {
  /** The voice connectors that hold the number for this resource. */
  readonly own: readonly string[];
  readonly client: PhoneNumberClients['client'];
  readonly numbers: PhoneNumberApi;
  readonly tags: ParentTags;
  readonly budget: TimeBudget;
  readonly log: Log;
}

/** One number and one voice connector within one invocation. */
class NumberOnConnector implements Parent<HolderDocument> {
  public readonly tags: ParentTags;
  private readonly id: string;
  private readonly name: string;

  constructor(private readonly options: NumberOnConnectorOptions) {
    this.id = voiceConnectorIdOf(options.voiceConnectorArn);
    this.name = masked(options.number);
    this.tags = options.tags;
  }

  public async get(): Promise<HolderDocument | undefined> {
    return (await this.find())?.holders.includes(this.id) ? { holder: this.id } : undefined;
  }

  /** Returns the number to its former holder, unless another one took it since. */
  public async put({ holder }: HolderDocument): Promise<undefined> {
    const { holders = [] } = await this.find() ?? {};
    if (holders.some((one) => one !== this.id)) return;
    try {
      await this.associate(holder, holders);
    } catch (error) {
      if (classify(error, ERROR_CLASSES) !== 'gone') throw error;
      throw new TerminalError(`the former voice connector ${holder} is gone`);
    }
  }

  /** Leaves the number alone if another voice connector holds it. */
  public async clear(): Promise<void> {
    const { budget, number, client, log } = this.options;
    if (!await this.get()) {
      // A read may lag behind the association.
      if (budget.elapsed < READ_LAG) throw new TransientError(`${this.name} is not associated with ${this.id}, which must be so for a while`);
      return;
    }
    log.info('disassociate', { number, voiceConnector: this.id });
    const command = new DisassociatePhoneNumbersFromVoiceConnectorCommand({ VoiceConnectorId: this.id, E164PhoneNumbers: [number] });
    const output = await unlessGone(CHIME_ERROR_CLASSES, () => client.send(command, { abortSignal: budget.signal }));
    throwPartialError(output?.PhoneNumberErrors, budget);
  }

  /** The holder of the number, apart from this voice connector. */
  public async holder(): Promise<HolderDocument | undefined> {
    const holder = (await this.find())?.holders.find((one) => one !== this.id);
    return holder === undefined ? undefined : { holder };
  }

  /** Whether the number belongs to another holder than the voice connectors of this resource. */
  public async isTaken(): Promise<boolean> {
    const found = await this.find();
    return found !== undefined && this.otherHolder(found) !== undefined;
  }

  public access(desired: Desired): CheckedAccess<HolderDocument> {
    return {
      check: async () => {
        const found = await this.find();
        if (found) this.assertAvailable(found, desired);
      },
      get: async () => {
        const found = await this.find();
        if (!found?.holders.includes(this.id)) return undefined;
        if (found.status !== 'Assigned') throw new TransientError(`${this.name} is ${found.status}`);
        return { holder: this.id };
      },
      put: async () => {
        const found = await this.options.numbers.find(this.options.number);
        if (!found || found.released) return this.missing(found);
        if (!isSettled(found)) throw new TransientError(`${this.name} is ${found.status}`);
        this.assertAvailable(found, desired);
        await this.associate(this.id, found.holders);
        return undefined;
      },
    };
  }

  /** A number in the deletion queue counts as missing. */
  private async find(): Promise<ObservedNumber | undefined> {
    const found = await this.options.numbers.find(this.options.number);
    return found?.released ? undefined : found;
  }

  /** A read may lag behind the order or the restoration of the number. */
  private missing(released: ObservedNumber | undefined): never {
    const { budget, voiceConnectorArn } = this.options;
    const state = released ? 'in the deletion queue' : 'not in the inventory of the account';
    if (budget.elapsed < CREATE_LAG) throw new TransientError(`${this.name} is ${state}`);
    const region = VOICE_CONNECTOR.regionOf(voiceConnectorArn)!;
    if (!released) throw new TerminalError(`phoneNumber: ${this.name} is ${state} in ${region}; order or restore the number there`);
    throw new TerminalError(`phoneNumber: ${this.name} is ${state} of ${region}, because it was released in the last 7 days; `
      + `restore it with \`${restoreCommand(region)}\`, or with PhoneNumberSource.exactly. After the 7 days, order it if it is still for sale`);
  }

  private otherHolder({ holders }: ObservedNumber): string | undefined {
    return holders.find((holder) => !this.options.own.includes(holder));
  }

  private assertAvailable(found: ObservedNumber, { reassign }: Desired): void {
    const other = this.otherHolder(found);
    if (other === undefined || reassign) return;
    throw new TerminalError(`phoneNumber: ${this.name} is associated with ${other}; remove that association, or set reassign to take the number from ${other}`);
  }

  private async associate(id: string, holders: readonly string[]): Promise<void> {
    const { number, client, budget, log } = this.options;
    log.info('associate', { number, voiceConnector: id, from: holders });
    const command = new AssociatePhoneNumbersWithVoiceConnectorCommand({
      VoiceConnectorId: id, E164PhoneNumbers: [number], ForceAssociate: holders.some((holder) => holder !== id),
    });
    const { PhoneNumberErrors } = await retryingNew(budget, () => client.send(command, { abortSignal: budget.signal }));
    throwPartialError(PhoneNumberErrors, budget);
  }
}

export function phoneNumberAssociationHandler(options: PhoneNumberAssociationOptions): PhoneNumberAssociationHandler {
  return new PhoneNumberAssociationHandler(options);
}

function desiredOf({ VoiceConnectorArn, Reassign, Retain }: v.InferOutput<typeof schema>): Desired {
  return {
    parentArn: VoiceConnectorArn,
    document: { holder: voiceConnectorIdOf(VoiceConnectorArn) },
    adoptExisting: true,
    reassign: Reassign,
    retain: Retain,
  };
}

function toDesired({ properties, account }: Request): Desired {
  const parsed = parseProperties(schema, properties);
  throwIfInvalid(validatePhoneNumberAssociation(parsed, { account }));
  return desiredOf(parsed);
}

function named(number: string, outcome: OnEventOutcome): OnEventOutcome {
  return { ...outcome, physicalId: idOf({ voiceConnectorArn: outcome.physicalId, number }) };
}

function idOf({ voiceConnectorArn, number }: Association): string {
  return `${voiceConnectorArn}/${number}`;
}

function parseId(physicalId: string): Association | undefined {
  const [, voiceConnectorArn, number] = PHYSICAL_ID.exec(physicalId) ?? [];
  return voiceConnectorArn === undefined ? undefined : { voiceConnectorArn, number: number! };
}

/** Lenient: the properties may come from any version. */
function numberOf(properties: Properties): string {
  return stringProperty(properties, 'E164PhoneNumber') ?? '';
}

/** Lenient, too. */
function associationOf(properties: Properties): Association | undefined {
  const voiceConnectorArn = stringProperty(properties, 'VoiceConnectorArn');
  const number = numberOf(properties);
  if (voiceConnectorArn === undefined || number === '' || VOICE_CONNECTOR.regionOf(voiceConnectorArn) === undefined) return undefined;
  return { voiceConnectorArn, number };
}

/** An update in place may roll back a replacement, which may have left an association that CloudFormation doesn't know. */
function orphanSearch(current: Association, { oldProperties, account, physicalId }: Request): OrphanSearch | undefined {
  const attempted = associationOf(oldProperties);
  // A voice connector of another account is refused before anything is changed.
  if (!attempted || idOf(attempted) === idOf(current) || attempted.voiceConnectorArn.split(':')[4] !== account) return undefined;
  return { region: VOICE_CONNECTOR.regionOf(attempted.voiceConnectorArn)!, attempted: idOf(attempted), except: physicalId };
}

function withOutcome(request: Request, { sweep }: Pick<OnEventOutcome, 'sweep'>): Request {
  return { ...request, onEventOutcome: request.onEventOutcome && { ...request.onEventOutcome, sweep } };
}

/** A voice connector or a number that was just created may be refused for a while, with few words. */
async function retryingNew<T>(budget: TimeBudget, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if ((error as Error).name === 'BadRequestException' && budget.elapsed < CREATE_LAG) throw new TransientError(`BadRequestException: ${(error as Error).message}`);
    throw error;
  }
}

/** The service reports the failure for one number in a response with status 200. */
function throwPartialError([error]: readonly PhoneNumberError[] = [], budget: TimeBudget): void {
  if (!error) return;
  const { ErrorCode = 'Error', ErrorMessage = '' } = error;
  const text = `the service refused the number: ${ErrorCode}: ${ErrorMessage}`;
  if (budget.elapsed < CREATE_LAG && PARTIAL_ERRORS[ErrorCode] === undefined) throw new TransientError(text);
  throw Object.assign(new Error(text), { name: ErrorCode });
}
