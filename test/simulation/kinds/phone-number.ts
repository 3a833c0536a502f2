import * as fc from 'fast-check';
import { ACCOUNT, handlerPolicies, type Kind, nameOf, REGION, regionsOf, retain, retainProperty } from './kind';
import { readName } from '../../../lambda/chime-sdk-voice/owner-mark';
import { ownerOf } from '../../../lambda/engine/ownership';
import type { Emulator, NumberForSale } from '../../../local/emulator';
import { PHONE_NUMBER_RESOURCE_TYPE } from '../../../src/chime-sdk-voice/private/resource-types';
import { TIMING } from '../../../src/private/contract';
import { halfTheTime, rarely } from '../chance';
import { InvariantViolation } from '../invariant-violation';

/* eslint-disable @typescript-eslint/no-explicit-any */

const NAME = 'phoneNumber';

/** The numbers that a name means, by stack and name. */
const EXACT: Record<string, string> = Object.fromEntries(
  ['Played-B-x', 'Played-B-y', 'Other-B-x', 'Other-B-y', 'shared-B'].map((name, index) => [name, `+1312555010${index}`]),
);

/** The numbers for sale in the simulation. */
export const NUMBERS: readonly NumberForSale[] = [
  ...Array.from({ length: 60 }, (_, index) => ({ number: `+12065550${100 + index}`, state: 'WA', city: 'Seattle' })),
  ...Object.values(EXACT).map((number) => ({ number, state: 'IL', city: 'Chicago' })),
];

const STACKS = ['Played/1', 'Neighbor/2', 'Other/3', 'Past/4'].map((name) => `arn:aws:cloudformation:us-east-1:${ACCOUNT}:stack/${name}`);
const IDS = ['A', 'B', ...Array.from({ length: 40 }, (_, index) => `A${index}`)];

const markOf = (stackId: string, id: string): string => ownerOf({ StackId: stackId, LogicalResourceId: `${id}${NAME}`, RequestId: '' }).resource;

/** The stack of each owner mark, because a mark holds only a hash. */
const OWNERS = new Map(STACKS.flatMap((stackId) => IDS.map((id) => [markOf(stackId, id), stackId] as const)));

/** Apart from the numbers that only associations name. */
const numbersOf = (emulator: Emulator): any[] => regionsOf(emulator, 'chime-sdk-voice').flatMap(({ phoneNumbers }) => phoneNumbers)
  .filter(({ name }) => NUMBERS.some(({ number }) => number === name));

/** Resource A searches for a number, and resource B names one: a search can't become another search. */
export const phoneNumber: Kind = {
  name: NAME,
  type: PHONE_NUMBER_RESOURCE_TYPE,
  service: 'chime-sdk-voice',
  isNew: true,
  serviceTimeout: TIMING.longestServiceTimeout,
  policies: handlerPolicies('phoneNumbers'),
  desired: fc.record({
    exactly: fc.constantFrom('x', 'y', 'shared'),
    words: halfTheTime(fc.constantFrom('Sales', 'Front desk')),
    dialIn: rarely(fc.constant(true), 4),
    adopt: rarely(fc.constant(true), 4),
    retain,
  }),
  neighbor: {},
  lastChange: { words: 'Last' },
  properties: (_, place, __, desired) => ({
    Source: place.endsWith('-B') ? { Exactly: { E164PhoneNumber: EXACT[nameOf(place, desired.exactly)] } } : { Local: { AreaCode: '206' } },
    ProductType: desired.dialIn ? 'SipMediaApplicationDialIn' : 'VoiceConnector',
    OrderTimeout: 900,
    Region: REGION,
    ...desired.words ? { PhoneNumberName: desired.words } : {},
    ...desired.adopt && place.endsWith('-B') ? { AdoptExisting: true } : {},
    ...retainProperty(desired),
  }),
  createConflict: (emulator, { Source }, { name = '' }) => {
    const isNeighbor = OWNERS.get(readName(name).mark?.resource ?? '') === STACKS[1];
    if (!Source.Exactly && !isNeighbor) return;
    const taken = numbersOf(emulator).map((one) => one.name);
    const number = Source.Exactly?.E164PhoneNumber ?? NUMBERS.find((one) => !taken.includes(one.number))!.number;
    const now = emulator.clock.now();
    emulator.service('chime-sdk-voice').operations.CreatePhoneNumberOrder
      .run({ E164PhoneNumbers: [number], ProductType: 'VoiceConnector', Name: name }, { account: ACCOUNT, region: REGION, now, readAt: now });
  },
  ownerTagsOf: (stackId) => ({ name: `cdk-rtc.${markOf(stackId, 'A')}.01234567.01234567` }),
  retag: ({ name = '' }) => ({ name }),
  createOnly: ({ Source }) => Source,
  staysForGood: (_, { Source }) => Source.Exactly === undefined,
  // An adopted number is never released.
  isLeft: ({ state: { label } }) => readName(label).mark?.adopted === true,
  remotes: (emulator) => numbersOf(emulator).filter(({ deleted, status }) => deleted === undefined && status !== 'AcquireFailed').map((state) => {
    const { mark } = readName(state.label);
    return { id: state.name, stackId: OWNERS.get(mark?.resource ?? ''), isRetained: mark?.retained ?? false, state: { ...state, tags: { name: state.label } } };
  }),
  difference: ({ state: { status, label, productType } }, { words }, { ProductType, Retain = false }) => {
    const actual = readName(label);
    if (status !== 'Unassigned') return `is ${status}`;
    if (!actual.mark) return 'has no owner mark';
    if (!(words === undefined && actual.mark.adopted) && actual.words !== words) return `is named ${actual.words}`;
    if (actual.mark.retained !== Retain) return `is marked as ${actual.mark.retained ? 'retained' : 'not retained'}`;
    return productType === ProductType ? undefined : `product type is ${productType}`;
  },
  attributes: ({ id }) => ({ E164PhoneNumber: id }),
  edits: { remove: { release: true }, change: { productType: 'SipMediaApplicationDialIn' } },
};

/** Throws if one request orders two numbers. The name of an order holds the resource and the request. */
export function watchOrders(emulator: Emulator): () => void {
  const ordered = new Map<string, Set<string>>();
  emulator.onCall(({ phase, call, input }) => {
    if (phase === 'before' || call.operation !== 'CreatePhoneNumberOrder' || !call.mutated) return;
    const { mark } = readName(String(input.Name));
    const key = `${mark?.resource} ${mark?.request}`;
    ordered.set(key, (ordered.get(key) ?? new Set()).add(String((input.E164PhoneNumbers as string[])[0])));
  });
  return () => {
    const twice = [...ordered.values()].find((numbers) => numbers.size > 1);
    if (twice) throw new InvariantViolation(`one request ordered ${[...twice].join(' and ')}`);
  };
}
