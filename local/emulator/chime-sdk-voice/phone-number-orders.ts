import { knownMembers } from '../model';
import { CallContext, Input } from '../service';
import { badRequest, Context, notFound } from './lookup';
import { NumberForSale, numberRegions } from './options';
import { assertQuota, numberOptions, pageOf } from './phone-numbers';
import { PhoneNumber, PhoneNumberOrder, Region } from './state';

const numbered = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${String(100 + i).padStart(4, '0')}`);

const defaultForSale: NumberForSale[] = [
  ...numbered('+1206555', 10).map(number => ({ number, state: 'WA', city: 'Seattle' })),
  ...numbered('+1415555', 10).map(number => ({ number, state: 'CA', city: 'San Francisco' })),
  ...[...numbered('+1800555', 5), ...numbered('+1833555', 5)].map(number => ({ number })),
];

const tollFree = /^\+18(00|33|44|55|66|77|88)/;

export function searchAvailablePhoneNumbers(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const { AreaCode, City, State, Country = 'US', TollFreePrefix, PhoneNumberType, MaxResults = 500 } = input;
  if ([AreaCode, City, State, TollFreePrefix, PhoneNumberType].every(value => value === undefined)) throw badRequest('A search needs a criterion.');
  if (City !== undefined && State === undefined) throw badRequest('City needs State.');
  if (Country !== 'US' || !numberRegions.includes(call.region)) return { E164PhoneNumbers: [] };
  const matching = forSale(context, call.readAt).filter(({ number, state, city }) =>
    (AreaCode === undefined || number.startsWith(`+1${AreaCode}`))
    && (State === undefined || state === State)
    && (City === undefined || city === City)
    && (TollFreePrefix === undefined || number.startsWith(`+1${TollFreePrefix}`))
    && (PhoneNumberType === undefined || typeOf(number) === PhoneNumberType));
  const { page, NextToken } = pageOf(matching.map(({ number }) => ({ name: number })), { ...input, MaxResults });
  return { E164PhoneNumbers: page.map(({ name }) => name), NextToken };
}

/** The numbers that no account has, not even in its deletion queue. */
function forSale(context: Context, time: number): NumberForSale[] {
  const taken = context.state.all().flatMap(({ numbers }) => numbers.all(time)).filter(({ status }) => status !== 'AcquireFailed');
  const sold = new Set(taken.map(({ name }) => name));
  return (numberOptions(context).forSale ?? defaultForSale).filter(({ number }) => !sold.has(number));
}

/** No client token: the same order again is another order. */
export function createPhoneNumberOrder(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const { E164PhoneNumbers, ProductType, Name = '' } = input as { E164PhoneNumbers: string[]; ProductType: string; Name?: string };
  const region = context.state.of(call.account, call.region);
  if (!numberRegions.includes(call.region)) throw badRequest('Service received a bad request');
  const owned = numberOptions(context).repeatedOrder === 'accept' ? region.numbers.all(call.now).map(({ name }) => name) : [];
  const available = [...forSale(context, call.now).map(({ number }) => number), ...owned];
  const isTwice = new Set(E164PhoneNumbers).size < E164PhoneNumbers.length;
  if (E164PhoneNumbers.length === 0 || isTwice || E164PhoneNumbers.some(number => !available.includes(number))) {
    throw badRequest('Service received a bad request');
  }
  assertQuota(context, region, E164PhoneNumbers.length, call.now);
  const order = placeOrder(context, region, { numbers: E164PhoneNumbers, productType: ProductType, label: Name }, call.now);
  return { PhoneNumberOrder: shownOrder(context, order) };
}

interface NewOrder {
  readonly numbers: readonly string[];
  readonly productType: string;
  readonly label: string;
}

function placeOrder(context: Context, region: Region, { numbers, productType, label }: NewOrder, now: number): PhoneNumberOrder {
  const { ordering = 3000, notAcquired = [], unready = 1000 } = numberOptions(context);
  const { propagation = 1000 } = context.state.options;
  const id = context.state.newOrderId(region);
  const order: PhoneNumberOrder = {
    name: id,
    arn: id,
    productType,
    status: 'Processing',
    created: now,
    updated: now,
    visibleFrom: now + propagation,
    numbers: numbers.map(number => ({ number, status: 'Processing' })),
  };
  region.orders.add(order, now);
  const done = now + ordering;
  for (const name of numbers) {
    const number: PhoneNumber = {
      name,
      arn: `arn:aws:chime:${region.region}:${region.account}:phone-number/${name}`,
      status: 'AcquireInProgress',
      type: typeOf(name),
      productType,
      orderId: id,
      label,
      callingNameStatus: 'Unassigned',
      created: now,
      updated: now,
      visibleFrom: now + propagation,
      readyFrom: done + unready,
    };
    if (region.numbers.knows(number.arn)) region.numbers.replace(number.arn, now, number);
    else region.numbers.add(number, now);
    region.numbers.change(number.arn, done, current => ({ ...current, status: notAcquired.includes(name) ? 'AcquireFailed' : 'Unassigned', updated: done }));
  }
  const failed = numbers.filter(number => notAcquired.includes(number)).length;
  region.orders.change(id, done, current => ({
    ...current,
    status: failed === 0 ? 'Successful' : failed === numbers.length ? 'Failed' : 'Partial',
    numbers: numbers.map(number => ({ number, status: notAcquired.includes(number) ? 'Failed' : 'Acquired' })),
    updated: done,
  }));
  return order;
}

export function getPhoneNumberOrder(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const order = shownOrders(context, call).find(({ name }) => name === input.PhoneNumberOrderId);
  if (!order) throw notFound('The phone number order does not exist.');
  return { PhoneNumberOrder: shownOrder(context, order) };
}

export function listPhoneNumberOrders(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const { page, NextToken } = pageOf(shownOrders(context, call), input);
  return { PhoneNumberOrders: page.map(order => shownOrder(context, order)), NextToken };
}

function shownOrders(context: Context, { account, region, readAt }: CallContext): PhoneNumberOrder[] {
  return context.state.of(account, region).orders.all(readAt).filter(({ visibleFrom }) => visibleFrom <= readAt);
}

/** Without the name. */
function shownOrder(context: Context, order: PhoneNumberOrder): unknown {
  return knownMembers(context.model, 'PhoneNumberOrder', {
    PhoneNumberOrderId: order.name,
    ProductType: order.productType,
    Status: order.status,
    OrderType: 'New',
    OrderedPhoneNumbers: order.numbers.map(({ number, status }) => ({ E164PhoneNumber: number, Status: status })),
    CreatedTimestamp: new Date(order.created),
    UpdatedTimestamp: new Date(order.updated),
  });
}

function typeOf(number: string): 'Local' | 'TollFree' {
  return tollFree.test(number) ? 'TollFree' : 'Local';
}
