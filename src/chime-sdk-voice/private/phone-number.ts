import { validateE164PhoneNumber } from './e164-phone-number';
import { type Known, type KnownPaths, knownValues } from '../../private/known';
import { validateRegion } from '../../private/region-validation';
import type { PhoneNumberSource } from '../phone-number-source';

/** The properties of the custom resource. CloudFormation delivers every leaf as a string. */
export interface PhoneNumberProperties {
  readonly Source: PhoneNumberSourceProperties;
  readonly ProductType: string;
  readonly PhoneNumberName?: string;
  readonly CallingName?: string;
  /** The time that an order may take, in seconds. */
  readonly OrderTimeout: number;
  /** Absent: false. */
  readonly AdoptExisting?: boolean;
  readonly Region: string;
  /** A change makes CloudFormation send an update. The handlers ignore the value. */
  readonly ForceUpdateNonce?: string;
  /** Rendered from the deletion policy. */
  readonly Retain?: boolean;
}

export type PhoneNumberSourceProperties = PhoneNumberSource['_properties'];

export interface PhoneNumberAttributes {
  readonly E164PhoneNumber: string;
}

export const VOICE_CONNECTOR = 'VoiceConnector';
export const SIP_MEDIA_APPLICATION_DIAL_IN = 'SipMediaApplicationDialIn';

export const TOLL_FREE_PREFIXES = ['800', '833', '844', '855', '866', '877', '888'];

/** In seconds. */
export const ORDER_TIMEOUT = { min: 60, max: 3000, default: 900 } as const;

/** https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_voice-chime_UpdatePhoneNumber.html */
export const PHONE_NUMBER_NAME_LENGTH = 180;

const PHONE_NUMBER_NAME = /^[a-zA-Z0-9,._-]+( [a-zA-Z0-9,._-]+)*$/;
const CALLING_NAME = /^[a-zA-Z0-9 ]{2,15}$/;
const AREA_CODE = /^\d{3}$/;
const STATE = /^[A-Z]{2}$/;
const CITY = /^[\p{L}\p{M}\p{N} .'-]{1,100}$/u;

/** Returns findings. The construct calls it at synth, and the handler again for the values that were tokens then. */
export function validatePhoneNumber(properties: PhoneNumberProperties, known?: KnownPaths): string[] {
  const { Source, ProductType, PhoneNumberName, CallingName, OrderTimeout, AdoptExisting, Region } = knownValues(properties, known);
  return [
    ...Source === undefined ? [] : validateSource(properties.Source, Source),
    ...validateProductType(ProductType),
    ...validateName(PhoneNumberName),
    ...validateCallingName(CallingName),
    ...validateOrderTimeout(OrderTimeout),
    ...AdoptExisting && properties.Source.Exactly === undefined ? [
      'adoptExisting: needs PhoneNumberSource.exactly, because a search finds only numbers that are for sale; use it with the number to adopt, or leave adoptExisting out',
    ] : [],
    ...validateRegion('region', Region),
  ];
}

/** A warning and the last part of its ID. */
interface PhoneNumberWarning {
  readonly id: string;
  readonly text: string;
}

/** Returns warnings: values that the service may reject, and operations after which an unused number is billed, or the number is lost. */
export function phoneNumberWarnings({ Source, ProductType }: PhoneNumberProperties, isRetained: boolean): PhoneNumberWarning[] {
  const isSearch = Source.Exactly === undefined;
  return [
    ...ProductType === SIP_MEDIA_APPLICATION_DIAL_IN ? [{
      id: 'productType',
      text: `productType: ${SIP_MEDIA_APPLICATION_DIAL_IN} is possible only in accounts that used SIP media applications before 2026-10-29; use ${VOICE_CONNECTOR} in other accounts`,
    }] : [],
    ...isSearch ? [{
      id: 'orderedAgain',
      text: `source: a deployment after the deletion of the stack, in another region, or under another ID of the construct, orders another number, and the previous number ${
        isRetained ? 'stays in the account and is billed' : 'is lost 7 days after its release'}; to use the previous number again, set PhoneNumberSource.exactly and adoptExisting`,
    }] : [],
    ...!isSearch && isRetained ? [{
      id: 'billedAfterReplacement',
      text: 'removalPolicy: a change of the number or of the region replaces the resource, and the previous number stays in the account and is billed; release that number in the console, or set DESTROY before the change',
    }] : [],
  ];
}

function validateSource(given: PhoneNumberSourceProperties, { Local, TollFree, Exactly }: Known<PhoneNumberSourceProperties>): string[] {
  return [
    ...Object.values(given).filter((member) => member !== undefined).length === 1 ? [] : [
      'source: must be one of PhoneNumberSource.local, PhoneNumberSource.tollFree, and PhoneNumberSource.exactly; use one of these methods',
    ],
    ...given.Local === undefined ? [] : validateSearch(given.Local, Local ?? {}),
    ...TollFree?.Prefix === undefined || TOLL_FREE_PREFIXES.includes(TollFree.Prefix) ? [] : [
      `source.prefix: must be one of ${TOLL_FREE_PREFIXES.join(', ')}, got ${JSON.stringify(TollFree.Prefix.slice(0, 80))}; leave it out for any prefix`,
    ],
    ...validateE164PhoneNumber('source.e164PhoneNumber', Exactly?.E164PhoneNumber),
  ];
}

/** @param given The criteria, also those that are known only at deployment. */
function validateSearch(given: NonNullable<PhoneNumberSourceProperties['Local']>, { AreaCode, State, City }: Known<NonNullable<PhoneNumberSourceProperties['Local']>>): string[] {
  return [
    ...given.AreaCode === undefined && given.State === undefined && given.City === undefined ? [
      'source: a search for a local number needs at least one criterion, got none; give areaCode or state',
    ] : [],
    ...AreaCode === undefined || AREA_CODE.test(AreaCode) ? [] : [`source.areaCode: must be three digits, got ${JSON.stringify(AreaCode.slice(0, 80))}; give it without +1, for example 206`],
    ...State === undefined || STATE.test(State) ? [] : [`source.state: must be two capital letters, got ${JSON.stringify(State.slice(0, 80))}; give the abbreviation, for example WA`],
    ...given.City !== undefined && given.State === undefined ? ['source.city: needs state, got it without; give the state of the city, for example WA'] : [],
    ...City === undefined || CITY.test(City) ? [] : [`source.city: must be 1 to 100 letters, digits, blanks, and .'-, got ${JSON.stringify(City.slice(0, 80))}; give the name of a city, for example Seattle`],
  ];
}

function validateProductType(productType: string | undefined): string[] {
  if (productType === undefined || productType === VOICE_CONNECTOR || productType === SIP_MEDIA_APPLICATION_DIAL_IN) return [];
  return [`productType: must be ${VOICE_CONNECTOR} or ${SIP_MEDIA_APPLICATION_DIAL_IN}, got ${JSON.stringify(productType.slice(0, 80))}; leave it out for ${VOICE_CONNECTOR}`];
}

function validateName(name: string | undefined): string[] {
  if (name === undefined || (PHONE_NUMBER_NAME.test(name) && name.length <= PHONE_NUMBER_NAME_LENGTH)) return [];
  return [`phoneNumberName: must be words of letters, digits, and ,._- with one blank between them, 1 to ${PHONE_NUMBER_NAME_LENGTH} characters together, got ${
    JSON.stringify(name.slice(0, 80))}; leave it out for no name`];
}

function validateCallingName(name: string | undefined): string[] {
  if (name === undefined || CALLING_NAME.test(name)) return [];
  return [`callingName: must be 2 to 15 letters, digits, and blanks, got ${JSON.stringify(name.slice(0, 80))}; leave it out for none`];
}

function validateOrderTimeout(seconds: number | undefined): string[] {
  if (seconds === undefined || (Number.isInteger(seconds) && seconds >= ORDER_TIMEOUT.min && seconds <= ORDER_TIMEOUT.max)) return [];
  return [`orderTimeout: must be whole seconds from ${ORDER_TIMEOUT.min} to ${ORDER_TIMEOUT.max}, got ${seconds} s; leave it out for ${ORDER_TIMEOUT.default} s`];
}
