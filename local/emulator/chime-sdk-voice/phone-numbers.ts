import { ServiceError } from '../errors';
import { knownMembers } from '../model';
import { nameFromToken, tokenFromName } from '../paging';
import { CallContext, Input } from '../service';
import { badRequest, Context, notFound } from './lookup';
import { NumberOptions } from './options';
import { PhoneNumber, Region } from './state';

const day = 86_400_000;

export function numberOptions({ state }: Context): NumberOptions {
  return state.options.numbers ?? {};
}

export function getPhoneNumber(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const number = shownNumbers(context, call, call.readAt).find(({ name }) => name === input.PhoneNumberId);
  // An ID with an encoded plus sign, as the service returns it, is the ID of no number.
  if (!number) throw notFound('The phone number does not exist.');
  return { PhoneNumber: shown(context, number, call.readAt) };
}

export function listPhoneNumbers(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const { Status, ProductType, FilterName, FilterValue } = input;
  const matching = shownNumbers(context, call, call.readAt)
    .filter(({ status }) => Status === undefined || status === Status)
    .filter(({ productType }) => ProductType === undefined || productType === ProductType)
    .filter(({ holder }) => FilterName === undefined || (FilterName === 'VoiceConnectorId' && holder === FilterValue));
  const { page, NextToken } = pageOf(matching, input);
  return { PhoneNumbers: page.map(number => shown(context, number, call.readAt)), NextToken };
}

interface Page<T> {
  readonly page: T[];
  readonly NextToken?: string;
}

export function pageOf<T extends { readonly name: string }>(items: readonly T[], { MaxResults = 100, NextToken }: Input): Page<T> {
  const after = NextToken === undefined ? '' : nameFromToken(NextToken);
  if (after === undefined) throw badRequest('The NextToken is not valid.');
  const remaining = items.filter(({ name }) => name > after).sort((a, b) => a.name < b.name ? -1 : 1);
  const page = remaining.slice(0, MaxResults);
  return { page, ...remaining.length > page.length && { NextToken: tokenFromName(page.at(-1)!.name) } };
}

export function updatePhoneNumber(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const { region, number } = usable(context, input.PhoneNumberId, call);
  const { ProductType, CallingName, Name } = input;
  if ([ProductType, CallingName, Name].filter(value => value !== undefined).length !== 1) throw badRequest('Exactly one of ProductType, CallingName, and Name is required.');
  if (number.status === 'AcquireInProgress') throw badRequest('Service received a bad request');
  const change = (changed: Partial<PhoneNumber>, from = call.now) =>
    region.numbers.change(number.arn, from, current => ({ ...current, ...changed, updated: from }));
  if (Name !== undefined && Name !== number.label) change({ label: Name });
  if (ProductType !== undefined && ProductType !== number.productType) {
    if (number.status !== 'Unassigned') throw badRequest('Service received a bad request');
    change({ productType: ProductType });
  }
  if (CallingName !== undefined) {
    if (number.callingNameStatus === 'UpdateInProgress') throw badRequest('Service received a bad request');
    change({ callingNameStatus: 'UpdateInProgress' });
    change({ callingName: CallingName || undefined, callingNameStatus: 'UpdateSucceeded' }, call.now + (numberOptions(context).callingName ?? 3 * day));
  }
  return { PhoneNumber: shown(context, region.numbers.byArn(number.arn, call.now)!, call.now) };
}

/** Into the deletion queue. */
export function deletePhoneNumber(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const { region, number } = usable(context, input.PhoneNumberId, call);
  if (['Assigned', 'AcquireInProgress'].includes(number.status) || call.now < number.readyFrom) throw badRequest('Service received a bad request');
  release(context, region, number, call.now);
  return {};
}

export function release(context: Context, { numbers }: Region, { arn }: PhoneNumber, now: number): void {
  const released: Partial<PhoneNumber> = { status: 'DeleteInProgress', deleted: now, holder: undefined, updated: now };
  numbers.change(arn, now, current => ({ ...current, ...released }));
  // Unless it is restored before.
  numbers.change(arn, now + queueTime(context), current => current.deleted === now ? undefined : current);
}

export function restorePhoneNumber(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const region = context.state.of(call.account, call.region);
  const number = region.numbers.byName(input.PhoneNumberId, call.now);
  if (number?.deleted === undefined) throw notFound('The phone number is not in the deletion queue.');
  assertQuota(context, region, 1, call.now);
  const { unready = 1000 } = numberOptions(context);
  // Also in the entry at the end of the queue time.
  region.numbers.replace(number.arn, call.now, { ...number, status: 'Unassigned', deleted: undefined, updated: call.now, readyFrom: call.now + unready });
  return { PhoneNumber: shown(context, region.numbers.byArn(number.arn, call.now)!, call.now) };
}

export function assertQuota(context: Context, { numbers }: Region, more: number, now: number): void {
  const { quotas } = context.state.options;
  const used = numbers.all(now).filter(({ status }) => status !== 'DeleteInProgress' && status !== 'AcquireFailed').length;
  if (used + more > (quotas?.phoneNumbers ?? 5)) throw new ServiceError('ResourceLimitExceededException', 'You have reached the maximum number of phone numbers.');
}

/** A number that a call can change. */
export function usable(context: Context, id: string, call: CallContext): { region: Region; number: PhoneNumber } {
  const region = context.state.of(call.account, call.region);
  const number = region.numbers.byName(id, call.now);
  if (!number || number.visibleFrom > call.now) throw notFound('The phone number does not exist.');
  if (number.deleted !== undefined || number.status === 'AcquireFailed') throw badRequest('Service received a bad request');
  return { region, number };
}

function queueTime(context: Context): number {
  return numberOptions(context).queueTime ?? 7 * day;
}

function shownNumbers(context: Context, call: CallContext, time: number): PhoneNumber[] {
  const { deletionQueue = 'shown', failedNumbers = 'hidden' } = numberOptions(context);
  return context.state.of(call.account, call.region).numbers.all(time)
    .filter(({ visibleFrom }) => visibleFrom <= time)
    .filter(({ deleted }) => deleted === undefined || deletionQueue === 'shown')
    .filter(({ status }) => status !== 'AcquireFailed' || failedNumbers === 'shown');
}

/** The examples of AWS have the plus sign of an ID encoded. https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_voice-chime_GetPhoneNumber.html */
export function returnedId(number: string): string {
  return number.replace('+', '%2B');
}

export function shown(context: Context, number: PhoneNumber, time: number): unknown {
  const isNameHidden = number.status === 'AcquireInProgress' && numberOptions(context).nameWhileAcquired === 'hidden';
  return knownMembers(context.model, 'PhoneNumber', {
    PhoneNumberId: returnedId(number.name),
    E164PhoneNumber: number.name,
    PhoneNumberArn: number.arn,
    Country: 'US',
    Type: number.type,
    ProductType: number.productType,
    Status: number.status,
    Capabilities: { InboundCall: true, OutboundCall: true },
    Associations: number.holder === undefined ? [] : [{ Value: number.holder, Name: 'VoiceConnectorId', AssociatedTimestamp: new Date(number.updated) }],
    CallingName: number.callingName,
    CallingNameStatus: number.callingNameStatus,
    CreatedTimestamp: new Date(number.created),
    UpdatedTimestamp: new Date(Math.min(number.updated, time)),
    ...number.deleted === undefined ? {} : { DeletionTimestamp: new Date(number.deleted + queueTime(context)) },
    OrderId: number.orderId,
    ...number.label === '' || isNameHidden ? {} : { Name: number.label },
  });
}
