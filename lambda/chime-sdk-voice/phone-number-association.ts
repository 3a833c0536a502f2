import {
  AssociatePhoneNumbersWithVoiceConnectorCommand, DisassociatePhoneNumbersFromVoiceConnectorCommand, type PhoneNumberError,
} from '@aws-sdk/client-chime-sdk-voice';
import * as v from 'valibot';
import { masked, type ObservedNumber, PhoneNumberApi, type PhoneNumberClients } from './phone-number-api';
import { VOICE_CONNECTOR, voiceConnectorIdOf } from './setting-declaration';
import { type PhoneNumberAssociationProperties, validatePhoneNumberAssociation } from '../../src/chime-sdk-voice/private/phone-number-association';
import { CHIME_ERROR_CLASSES } from '../chime-error-classes';
import { CREATE_LAG, POLL_INTERVAL, READ_LAG } from '../engine/consistency';
import { type PropertyDifference, propertyDifference } from '../engine/drift';
import { type ErrorClass, TerminalError, TransientError, unlessGone } from '../engine/error-classes';
import type { Deleted, OnEventOutcome, Properties, Reconciled, Request, ResourceHandler } from '../engine/lifecycle';
import { booleanProperty, parseProperties, type SchemaEntries, stringProperty, throwIfInvalid } from '../engine/properties';
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

const PHYSICAL_ID = /^(arn:[a-z\d-]+:chime:[a-z0-9-]+:\d+:vc\/[^/]+)\/(\+\d+)$/;
const SETTLED = ['Unassigned', 'Assigned', 'ReleaseFailed', 'DeleteFailed'];

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

export interface PhoneNumberAssociationOptions {
  readonly client: (region: string) => PhoneNumberClients['client'];
}

/** Associates a phone number with a voice connector. The service takes a number from its holder only if it is forced to, so the handler looks before. */
export class PhoneNumberAssociationHandler implements ResourceHandler {
  public readonly errorClasses = { ...CHIME_ERROR_CLASSES, ...PARTIAL_ERRORS };

  constructor(private readonly options: PhoneNumberAssociationOptions) {}

  public async create(request: Request, budget: TimeBudget): Promise<OnEventOutcome> {
    return this.accept(request, budget);
  }

  public async update(request: Request, budget: TimeBudget): Promise<OnEventOutcome> {
    return this.accept(request, budget);
  }

  public async reconcile(request: Request, budget: TimeBudget): Promise<Reconciled> {
    const { number, voiceConnectorArn } = toDesired(request);
    for (;;) {
      const pending = await this.associate(request, budget);
      if (pending === undefined) return { attributes: { VoiceConnectorId: voiceConnectorIdOf(voiceConnectorArn), E164PhoneNumber: number } };
      if (!await budget.pause(POLL_INTERVAL)) return { pending };
    }
  }

  public async delete(request: Request, budget: TimeBudget): Promise<Deleted> {
    const association = parseId(request.physicalId) ?? associationOf(request.properties);
    if (!association) return { gone: true };
    for (;;) {
      const pending = await this.disassociate(association, request, budget);
      if (pending === undefined) return { gone: true };
      if (!await budget.pause(POLL_INTERVAL)) return { pending };
    }
  }

  public async detectDrift(request: Request, budget: TimeBudget): Promise<PropertyDifference[] | undefined> {
    const { number, voiceConnectorArn } = toDesired(request);
    const found = await this.numbers(voiceConnectorArn, budget).find(number);
    if (!found || found.released || found.holders.length === 0) return undefined;
    const id = voiceConnectorIdOf(voiceConnectorArn);
    return found.holders.includes(id) ? [] : [propertyDifference('VoiceConnectorId', id, found.holders.join(', '))];
  }

  /** Refuses a number of another holder, before anything is changed. */
  private async accept(request: Request, budget: TimeBudget): Promise<OnEventOutcome> {
    const desired = toDesired(request);
    const found = await this.numbers(desired.voiceConnectorArn, budget).find(desired.number);
    if (found) assertAvailable(found, desired, request);
    return { physicalId: `${desired.voiceConnectorArn}/${desired.number}` };
  }

  /** @returns what the association waits for */
  private async associate(request: Request, budget: TimeBudget): Promise<string | undefined> {
    const desired = toDesired(request);
    const { number, voiceConnectorArn } = desired;
    const id = voiceConnectorIdOf(voiceConnectorArn);
    const name = masked(number);
    const found = await this.numbers(voiceConnectorArn, budget).find(number);
    if (!found || found.released) {
      const state = found ? 'in the deletion queue' : 'not in the inventory of the account';
      if (budget.elapsed < CREATE_LAG) return `${name} is ${state}`;
      throw new TerminalError(`phoneNumber: ${name} is ${state} in ${VOICE_CONNECTOR.regionOf(voiceConnectorArn)}; order or restore the number there`);
    }
    if (found.holders.includes(id)) return found.status === 'Assigned' ? undefined : `${name} is ${found.status}`;
    if (!SETTLED.includes(found.status)) return `${name} is ${found.status}`;
    assertAvailable(found, desired, request);
    request.log.info('associate', { number, voiceConnector: id, from: found.holders });
    const command = new AssociatePhoneNumbersWithVoiceConnectorCommand({
      VoiceConnectorId: id, E164PhoneNumbers: [number], ForceAssociate: found.holders.length > 0,
    });
    const { PhoneNumberErrors } = await retryingNew(budget, () => this.client(voiceConnectorArn).send(command, { abortSignal: budget.signal }));
    throwPartialError(PhoneNumberErrors, budget);
    return `${name} is not associated with ${id} yet`;
  }

  /** Leaves a number alone that another voice connector holds. @returns what the disassociation waits for */
  private async disassociate({ voiceConnectorArn, number }: Association, request: Request, budget: TimeBudget): Promise<string | undefined> {
    const id = voiceConnectorIdOf(voiceConnectorArn);
    const found = await this.numbers(voiceConnectorArn, budget).find(number);
    if (!found?.holders.includes(id)) {
      // A read may lag behind the association.
      return budget.elapsed < READ_LAG ? `${masked(number)} is not associated with ${id}, which must be so for a while` : undefined;
    }
    request.log.info('disassociate', { number, voiceConnector: id });
    const command = new DisassociatePhoneNumbersFromVoiceConnectorCommand({ VoiceConnectorId: id, E164PhoneNumbers: [number] });
    const output = await unlessGone(CHIME_ERROR_CLASSES, () => this.client(voiceConnectorArn).send(command, { abortSignal: budget.signal }));
    throwPartialError(output?.PhoneNumberErrors, budget);
    return `${masked(number)} is still associated with ${id}`;
  }

  private client(voiceConnectorArn: string): PhoneNumberClients['client'] {
    return this.options.client(VOICE_CONNECTOR.regionOf(voiceConnectorArn)!);
  }

  private numbers(voiceConnectorArn: string, { signal }: TimeBudget): PhoneNumberApi {
    const client = this.client(voiceConnectorArn);
    return new PhoneNumberApi({ client, orderClient: client }, signal);
  }
}

export function phoneNumberAssociationHandler(options: PhoneNumberAssociationOptions): PhoneNumberAssociationHandler {
  return new PhoneNumberAssociationHandler(options);
}

interface Desired extends Association {
  readonly reassign: boolean;
}

function toDesired({ properties, account }: Request): Desired {
  const parsed = parseProperties(schema, properties);
  throwIfInvalid(validatePhoneNumberAssociation(parsed, { account }));
  return { voiceConnectorArn: parsed.VoiceConnectorArn, number: parsed.E164PhoneNumber, reassign: parsed.Reassign };
}

/** The number is free, or this resource holds it for its former voice connector. */
function assertAvailable({ number, holders }: ObservedNumber, { voiceConnectorArn, reassign }: Desired, { oldProperties }: Request): void {
  const former = associationOf(oldProperties);
  const own = [voiceConnectorArn, ...former?.number === number ? [former.voiceConnectorArn] : []].map(voiceConnectorIdOf);
  const other = holders.find((holder) => !own.includes(holder));
  if (other === undefined || reassign) return;
  throw new TerminalError(`phoneNumber: ${masked(number)} is associated with ${other}; remove that association, or set reassign to take the number from ${other}`);
}

function parseId(physicalId: string): Association | undefined {
  const [, voiceConnectorArn, number] = PHYSICAL_ID.exec(physicalId) ?? [];
  return voiceConnectorArn === undefined ? undefined : { voiceConnectorArn, number: number! };
}

/** Lenient: the properties may come from any version. */
function associationOf(properties: Properties): Association | undefined {
  const voiceConnectorArn = stringProperty(properties, 'VoiceConnectorArn');
  const number = stringProperty(properties, 'E164PhoneNumber');
  if (voiceConnectorArn === undefined || number === undefined || VOICE_CONNECTOR.regionOf(voiceConnectorArn) === undefined) return undefined;
  return { voiceConnectorArn, number };
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
