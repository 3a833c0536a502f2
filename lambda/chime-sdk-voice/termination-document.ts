import type { Termination } from '@aws-sdk/client-chime-sdk-voice';
import { DEFAULT_CALLS_PER_SECOND, type VoiceConnectorTerminationProperties } from '../../src/chime-sdk-voice/private/voice-connector-termination';
import { withoutWords } from '../engine/error-classes';
import { hashOf } from '../engine/ownership';
import { jsonEncoding } from '../engine/setting-ownership';

/** Complete termination settings: a member that is absent on the wire has its default here. */
export interface TerminationDocument {
  /** Sorted, as the regions: the service knows no order. */
  readonly allowedCidrs: readonly string[];
  readonly callingRegions: readonly string[];
  readonly callsPerSecond: number;
  readonly disabled: boolean;
  readonly defaultPhoneNumber?: PhoneNumber;
  /** Which secrets in which version. Undefined: no credentials of the library. */
  readonly credentials?: string;
}

/** Personal data: texts and logs show the last digits, and a hash that tells two numbers apart. */
export class PhoneNumber {
  constructor(public readonly e164: string) {}

  public toJSON(): string {
    return `…${this.e164.slice(-2)} (${hashOf(this.e164)})`;
  }
}

/** A call that contains a phone number. The service may repeat the number in its words. */
export async function maskingPhoneNumber<T>({ defaultPhoneNumber }: TerminationDocument, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!defaultPhoneNumber) throw error;
    throw withoutWords(error, (error as Error).message.replaceAll(defaultPhoneNumber.e164.slice(1), defaultPhoneNumber.toJSON()));
  }
}

/** What the service has; credentials are calls of their own. */
export function fromWire(
  { CidrAllowedList = [], CallingRegions = [], CpsLimit, Disabled = false, DefaultPhoneNumber }: Termination,
): TerminationDocument {
  return {
    allowedCidrs: [...CidrAllowedList].sort(),
    callingRegions: [...CallingRegions].sort(),
    // An example of AWS shows 0, which a Put can't give.
    callsPerSecond: CpsLimit || DEFAULT_CALLS_PER_SECOND,
    disabled: Disabled,
    defaultPhoneNumber: DefaultPhoneNumber ? new PhoneNumber(DefaultPhoneNumber) : undefined,
  };
}

/** Every member that has a value: a Put replaces the whole document. */
export function toWire({ allowedCidrs, callingRegions, callsPerSecond, disabled, defaultPhoneNumber }: TerminationDocument): Termination {
  return {
    CidrAllowedList: [...allowedCidrs],
    CallingRegions: [...callingRegions],
    CpsLimit: callsPerSecond,
    Disabled: disabled,
    DefaultPhoneNumber: defaultPhoneNumber?.e164,
  };
}

/** Pure: whether the settings allow no call, which a service may show for none. */
export function isBlank({ allowedCidrs, callingRegions }: TerminationDocument): boolean {
  return allowedCidrs.length === 0 && callingRegions.length === 0;
}

/** Pure: one text for the secrets and their version, by which a change of either shows. */
export function credentialsVersion(secretArns: readonly string[], version: string | undefined): string | undefined {
  return secretArns.length > 0 ? hashOf([[...secretArns].sort(), version ?? '']) : undefined;
}

export function toProperties(document: TerminationDocument): Partial<Record<keyof VoiceConnectorTerminationProperties, unknown>> {
  const { allowedCidrs, callingRegions, callsPerSecond, disabled, defaultPhoneNumber, credentials } = document;
  return {
    AllowedCidrs: allowedCidrs,
    CallingRegions: callingRegions,
    CallsPerSecond: callsPerSecond,
    Enabled: !disabled,
    DefaultPhoneNumber: defaultPhoneNumber,
    CredentialsVersion: credentials,
  };
}

type Stored = Omit<TerminationDocument, 'defaultPhoneNumber'> & { readonly e164?: string };

const stored = jsonEncoding<Stored>();

/** With the whole phone number, which a text of the document doesn't show. */
export const terminationEncoding = {
  encode: ({ defaultPhoneNumber, ...document }: TerminationDocument) => stored.encode({ ...document, e164: defaultPhoneNumber?.e164 }),
  decode: (parts: string[]): TerminationDocument => {
    const { e164, ...document } = stored.decode(parts);
    return { ...document, defaultPhoneNumber: e164 === undefined ? undefined : new PhoneNumber(e164) };
  },
};
