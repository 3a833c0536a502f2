import * as fc from 'fast-check';
import { ACCOUNT, handlerPolicies, type Kind, nameOf, referenced, REGION, regionsOf } from './kind';
import { hashOf } from '../../../lambda/engine/ownership';
import type { Emulator, NumberForSale } from '../../../local/emulator';
import { associationTagKeys } from '../../../src/chime-sdk-voice/private/phone-number-association';
import { PHONE_NUMBER_ASSOCIATION_RESOURCE_TYPE } from '../../../src/chime-sdk-voice/private/resource-types';
import { halfTheTime, rarely } from '../chance';

/* eslint-disable @typescript-eslint/no-explicit-any */

const SERVICE = 'chime-sdk-voice';

/** The numbers that the properties of associations name. No search of the simulation finds them. */
export const ASSOCIATED: readonly NumberForSale[] = Array.from({ length: 24 }, (_, index) => (
  { number: `+12125550${100 + index}`, state: 'NY', city: 'New York' }
));

/** Milliseconds before the first use of a number when an operator has ordered it. */
const ORDERED_BEFORE = 60_000;

/** By name, in the order of their first use. */
const ordered = new WeakMap<Emulator, Map<string, string>>();

function numberNamed(emulator: Emulator, name: string): string {
  const known = ordered.get(emulator) ?? new Map<string, string>();
  ordered.set(emulator, known);
  if (!known.has(name)) {
    const { number } = ASSOCIATED[known.size]!;
    const now = emulator.clock.now() - ORDERED_BEFORE;
    emulator.service(SERVICE).operations.CreatePhoneNumberOrder!
      .run({ E164PhoneNumbers: [number], ProductType: 'VoiceConnector' }, { account: ACCOUNT, region: REGION, now, readAt: now });
    known.set(name, number);
  }
  return known.get(name)!;
}

const trunkNamed = (emulator: Emulator, name: string): string => (
  referenced(emulator, 'AWS::Chime::VoiceConnector', `association-${name}`, { Name: `association-${name}`, RequireEncryption: true })
);

const tagKeysOf = (number: string) => associationTagKeys(hashOf(number));
const idOf = (arn: string) => arn.split('/')[1]!;

/** The voice connector that an operator has associated with a number. */
const CONSOLE = 'console';

/** An out-of-band change of one association. */
interface AssociationEdit {
  /** The ID of a voice connector. Null: none. */
  readonly holder?: string | null;
  /** The values of the tags. Null: the tag is removed. */
  readonly owner?: string | null;
  readonly former?: string | null;
}

/**
 * Without its owner tag, an association has the known limits in docs/phone-number.md; so neither the removal of that tag nor an update of the tags of the
 * voice connector is played. Nor is a retained association, to which the deletion of another one returns the number. The construct has no removal policy.
 *
 * Both resources of a stack can have the number `common`, one after the other, which is a rename of the construct if the voice connector is the same.
 */
export const phoneNumberAssociation: Kind = {
  name: 'phoneNumberAssociation',
  type: PHONE_NUMBER_ASSOCIATION_RESOURCE_TYPE,
  service: SERVICE,
  isNew: true,
  policies: handlerPolicies('phoneNumberAssociation'),
  desired: fc.record({
    trunk: fc.constantFrom('1', '2', 'shared', 'common'),
    number: fc.constantFrom('x', 'x', 'y', 'shared', 'common'),
    // Takes the number from its holder.
    adopt: rarely(fc.constant(true), 3),
    nonce: halfTheTime(fc.constantFrom('1', '2')),
  }).map(({ trunk, ...rest }) => ({ ...rest, trunk: rest.number === 'common' ? 'common' : trunk })),
  neighbor: { trunk: '1', number: 'x' },
  lastChange: { nonce: 'last' },
  properties: (emulator, place, _, desired) => ({
    VoiceConnectorArn: trunkNamed(emulator, nameOf(place, desired.trunk)),
    E164PhoneNumber: numberNamed(emulator, nameOf(place, desired.number)),
    // One stack would take the number of the other one, by the order of its user.
    ...desired.adopt && desired.number !== 'shared' ? { Reassign: true } : {},
    ...desired.nonce === undefined ? {} : { ForceUpdateNonce: desired.nonce },
  }),
  createConflict: (emulator, { VoiceConnectorArn, E164PhoneNumber }, { owner }) => {
    if (numbersOf(emulator).find(({ name }) => name === E164PhoneNumber).holder !== undefined) throw new Error('the number has a holder');
    // With reassign, a stack would take the number of another stack.
    if (owner !== undefined && !isNeverReassigned(emulator, E164PhoneNumber)) throw new Error('a resource may take the number');
    // An association without an owner on the desired voice connector is taken over.
    const arn = owner === undefined ? trunkNamed(emulator, CONSOLE) : VoiceConnectorArn;
    phoneNumberAssociation.edit!(emulator, `${arn}/${E164PhoneNumber}`, { holder: idOf(arn), ...owner === undefined ? {} : { owner } });
  },
  ownerTagsOf: (stackId) => ({ owner: `${stackId}/0123456789abcdef` }),
  retag: ({ owner, former }) => ({ owner, ...former === undefined ? {} : { former } }),
  edit: (emulator, id, { holder, owner, former }: AssociationEdit) => {
    const [, arn, number] = /^(.*)\/(\+\d+)$/.exec(id)!;
    const keys = tagKeysOf(number!);
    const tags = { ...owner === undefined ? {} : { [keys.owner]: owner }, ...former === undefined ? {} : { [keys.former]: former } };
    if (Object.keys(tags).length > 0) emulator.edit({ service: SERVICE, resource: arn, tags } as never);
    if (holder !== undefined) emulator.edit({ service: SERVICE, resource: number, voiceConnectorId: holder } as never);
  },
  createOnly: ({ VoiceConnectorArn, E164PhoneNumber }) => [VoiceConnectorArn, E164PhoneNumber],
  staysForGood: () => false,
  remotes: (emulator) => {
    const connectors = new Map<string, any>(regionsOf(emulator, SERVICE).flatMap(({ voiceConnectors }) => voiceConnectors)
      .map((one) => [one.id, one]));
    return numbersOf(emulator).filter(({ holder }) => holder !== undefined).map(({ name, holder, status }) => {
      const { arn, tags } = connectors.get(holder);
      const keys = tagKeysOf(name);
      const owner: string | undefined = tags[keys.owner];
      return {
        id: `${arn}/${name}`,
        // A stack ID has two slashes of its own.
        stackId: owner?.split('/').slice(0, 3).join('/'),
        isRetained: false,
        state: { holder, name, status, tags: { owner, former: tags[keys.former] } },
      };
    });
  },
  difference: ({ stackId, state: { status } }) => {
    if (status !== 'Assigned') return `is ${status}`;
    return stackId === undefined ? 'has no owner tag' : undefined;
  },
  attributes: ({ state: { holder, name } }) => ({ VoiceConnectorId: holder, E164PhoneNumber: name }),
  edits: {
    remove: { holder: null },
    free: { holder: null, owner: null, former: null },
  },
};

function isNeverReassigned(emulator: Emulator, number: string): boolean {
  return [...ordered.get(emulator)!].some(([name, named]) => named === number && /^(shared|Neighbor)-/.test(name));
}

function numbersOf(emulator: Emulator): any[] {
  const names = ASSOCIATED.map(({ number }) => number);
  return regionsOf(emulator, SERVICE).flatMap(({ phoneNumbers }) => phoneNumbers).filter(({ name }) => names.includes(name));
}
