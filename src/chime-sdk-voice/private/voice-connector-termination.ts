import { isIPv6 } from 'node:net';
import { validateE164PhoneNumber } from './e164-phone-number';
import { formatIpv4, networkOf, networkThatIsNotPublic, parseIpv4 } from './public-address';
import { validateSettingParent, type VoiceConnectorSettingProperties } from './setting-contract';
import { type Known, type KnownEnvironment, type KnownPaths, knownValues } from '../../private/known';

/** On the voice connector: the owner of its termination settings. */
export const TERMINATION_TAG = 'cdk-rtc:termination';

/** On the voice connector, during a rename: the former owner and the former termination settings. */
export const TERMINATION_BEFORE_TAG = 'cdk-rtc:termination-before';

/** On the voice connector: which SIP users the owner of the termination settings created, as hashes. */
export const TERMINATION_USERS_TAG = 'cdk-rtc:termination-users';

export interface VoiceConnectorTerminationProperties extends VoiceConnectorSettingProperties {
  readonly AllowedCidrs: string[];
  readonly CallingRegions: string[];
  /** Absent: 1. */
  readonly CallsPerSecond?: number;
  /** E.164. Absent: none. */
  readonly DefaultPhoneNumber?: string;
  /** The ARNs of secrets with the JSON fields `username` and `password`. The handler reads the version AWSCURRENT. */
  readonly CredentialSecretArns?: string[];
  /** A change makes the handler read the secrets again. */
  readonly CredentialsVersion?: string;
  /** Absent: true. */
  readonly Enabled?: boolean;
}

export const DEFAULT_CALLS_PER_SECOND = 1;

/** The API's integer has 32 bits. The quota of an account is far below. */
export const MAX_CALLS_PER_SECOND = 2 ** 31 - 1;

/** The hashes of the former and the new SIP users must fit into one tag. */
export const MAX_CREDENTIALS = 20;

/** https://docs.aws.amazon.com/chime-sdk/latest/ag/edit-voicecon.html */
const LARGEST_BLOCK = 27;

const CALLING_REGION = /^[A-Z]{2}$/;
const SECRET_ARN = /^arn:[a-z\d-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+$/;

/** Returns findings. The construct calls it at synth, and the handler again for the values that were tokens then. */
export function validateVoiceConnectorTermination(
  properties: VoiceConnectorTerminationProperties, environment: KnownEnvironment, known?: KnownPaths,
): string[] {
  const values = knownValues(properties, known);
  return [
    ...validateSettingParent(values.VoiceConnectorArn, environment.account),
    ...validateAllowedCidrs(values.AllowedCidrs),
    ...validateCallingRegions(values.CallingRegions),
    ...validateCallsPerSecond(values.CallsPerSecond),
    ...validateE164PhoneNumber('defaultPhoneNumber', values.DefaultPhoneNumber),
    ...validateCredentials(values.CredentialSecretArns),
  ];
}

/** Returns warnings: values that the service may reject, depending on the account. */
export function terminationWarnings(properties: VoiceConnectorTerminationProperties, environment: KnownEnvironment, known?: KnownPaths): string[] {
  const { AllowedCidrs = [], CallsPerSecond = DEFAULT_CALLS_PER_SECOND, CredentialSecretArns = [] } = knownValues(properties, known);
  const ipv6 = AllowedCidrs.flatMap((cidr, index) => cidr !== undefined && isIpv6Block(cidr) ? [
    `allowedCidrs[${index}]: ${cidr} is an IPv6 block; that the service accepts IPv6 blocks, also with the network type DUAL_STACK, is unverified (F-81)`,
  ] : []);
  const quota = CallsPerSecond <= DEFAULT_CALLS_PER_SECOND ? [] : [
    `callsPerSecond: ${CallsPerSecond} is above ${DEFAULT_CALLS_PER_SECOND}, the default quota of an account; request a higher quota from AWS before you deploy`,
  ];
  return [...ipv6, ...quota, ...CredentialSecretArns.flatMap((arn, index) => warnOfSecretElsewhere(arn, index, environment))];
}

function validateAllowedCidrs(cidrs: Known<string[]> | undefined): string[] {
  if (cidrs === undefined) return [];
  if (cidrs.length === 0) return ['allowedCidrs: at least one block is required, got none; give the public addresses of your SIP hosts, for example 203.0.113.10/32'];
  return [
    ...cidrs.flatMap((cidr, index) => cidr === undefined || isIpv6Block(cidr) ? [] : validateCidr(`allowedCidrs[${index}]`, cidr)),
    ...validateDistinct('allowedCidrs', cidrs),
  ];
}

function validateCidr(path: string, cidr: string): string[] {
  const [, ip = '', length = ''] = /^([\d.]+)\/(\d{1,2})$/.exec(cidr) ?? [];
  const address = parseIpv4(ip);
  if (address === undefined) return [`${path}: must be a block of public IPv4 addresses, got ${JSON.stringify(cidr)}; give it as ADDRESS/LENGTH, for example 203.0.113.10/32`];
  const prefix = Number(length);
  if (prefix < LARGEST_BLOCK || prefix > 32) {
    return [`${path}: the length must be from /${LARGEST_BLOCK} to /32, got ${cidr}; give several smaller blocks`];
  }
  const network = networkOf(address, prefix);
  if (network !== address) return [`${path}: must start at the first address of the block, got ${cidr}; give ${formatIpv4(network)}/${prefix}, or ${ip}/32`];
  const outside = networkThatIsNotPublic(address);
  return outside === undefined ? [] : [`${path}: must be public, got ${cidr}, which is part of ${outside}; give the addresses that your SIP hosts have on the internet`];
}

function isIpv6Block(cidr: string): boolean {
  const [, address = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(cidr) ?? [];
  return isIPv6(address) && Number(length) <= 128;
}

function validateCallingRegions(regions: Known<string[]> | undefined): string[] {
  if (regions === undefined) return [];
  if (regions.length === 0) return ['callingRegions: at least one country is required, got none; give the countries that may be called, for example US'];
  return [
    ...regions.flatMap((region, index) => region === undefined || CALLING_REGION.test(region) ? [] : [
      `callingRegions[${index}]: must be two capital letters, got ${JSON.stringify(region)}; give an ISO 3166-1 alpha-2 code, for example US`,
    ]),
    ...validateDistinct('callingRegions', regions),
  ];
}

function validateCallsPerSecond(calls: number | undefined): string[] {
  if (calls === undefined || (Number.isInteger(calls) && calls >= 1 && calls <= MAX_CALLS_PER_SECOND)) return [];
  return [`callsPerSecond: must be a whole number from 1 to ${MAX_CALLS_PER_SECOND}, got ${calls}; leave it out for ${DEFAULT_CALLS_PER_SECOND}, and set enabled to false to allow no calls`];
}

function validateCredentials(arns: Known<string[]> | undefined): string[] {
  if (arns === undefined) return [];
  return [
    ...arns.length > MAX_CREDENTIALS ? [`credentials: at most ${MAX_CREDENTIALS} secrets are possible, got ${arns.length}; share a SIP user among SIP hosts`] : [],
    ...arns.flatMap((arn, index) => arn === undefined || SECRET_ARN.test(arn) ? [] : [
      `credentials[${index}]: must be the ARN of a secret (arn:…:secretsmanager:REGION:ACCOUNT:secret:NAME), got ${JSON.stringify(arn.slice(0, 80))}`,
    ]),
    ...validateDistinct('credentials', arns),
  ];
}

function warnOfSecretElsewhere(arn: string | undefined, index: number, { account, region }: KnownEnvironment): string[] {
  const [, , , secretRegion, secretAccount] = arn?.split(':') ?? [];
  if (account !== undefined && secretAccount !== undefined && secretAccount !== account) {
    return [`credentials[${index}]: the secret is in the account ${secretAccount}, the stack is in ${account}; the policies of the secret and of its key must allow the handlers of the stack to read it`];
  }
  if (region !== undefined && secretRegion !== undefined && secretRegion !== region) {
    return [`credentials[${index}]: the secret is in ${secretRegion}, the stack is in ${region}; the deployment depends on both regions, so replicate the secret to ${region}`];
  }
  return [];
}

function validateDistinct(property: string, values: Known<string[]>): string[] {
  return values.flatMap((value, index) => value === undefined || values.indexOf(value) === index ? [] : [
    `${property}[${index}]: ${value} is given twice; give it once`,
  ]);
}
