import { isDeepStrictEqual } from 'util';
import { knownMembers } from '../model';
import { CallContext, Input } from '../service';
import { badRequest, changeConnector, connectorById, Context, notFound } from './lookup';
import { VoiceConnector } from './state';
import { LoggingConfiguration, Origination, Termination } from './wire';

/* Termination, origination, and logging. The model has no limits for them: what is checked here, the documentation states, or users have met. */

type Setting = 'termination' | 'origination' | 'logging';

export function putTermination(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const connector = connectorById(context, call, input.VoiceConnectorId, call.now);
  const { omittedMembers = 'clear', terminationDefaults, putDrops = [] } = context.state.options;
  const given = knownMembers(context.model, 'Termination', input.Termination) as Termination;
  const wanted: Termination = { CpsLimit: 1, Disabled: false, ...terminationDefaults, ...omittedMembers === 'keep' && connector.termination, ...given };
  assertTermination(context, wanted);
  set(context, call, connector, 'termination', without(wanted, putDrops));
  return { Termination: wanted };
}

export function getTermination(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  return { Termination: settingOf(context, input, call, 'termination') };
}

export function deleteTermination(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const connector = deletable(context, input, call, 'termination');
  set(context, call, connector, 'termination', undefined);
  if (context.state.options.terminationDelete === 'deletes-credentials') {
    changeConnector(context, call, connector, current => ({ ...current, credentials: undefined }));
  }
  return {};
}

export function putOrigination(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const connector = connectorById(context, call, input.VoiceConnectorId, call.now);
  const { omittedMembers = 'clear', putDrops = [] } = context.state.options;
  const given = knownMembers(context.model, 'Origination', input.Origination) as Origination;
  if (given.Routes === undefined && given.Disabled === undefined) throw badRequest('Routes or Disabled must be given.');
  const wanted: Origination = {
    Disabled: false,
    ...omittedMembers === 'keep' && connector.origination,
    ...given,
    ...given.Routes && { Routes: given.Routes.map(route => ({ Port: 5060, Protocol: 'TCP', Priority: 1, Weight: 1, ...route })) },
  };
  assertRoutes(wanted);
  set(context, call, connector, 'origination', without(wanted, putDrops));
  return { Origination: wanted };
}

export function getOrigination(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  return { Origination: settingOf(context, input, call, 'origination') };
}

export function deleteOrigination(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  set(context, call, deletable(context, input, call, 'origination'), 'origination', undefined);
  return {};
}

export function putLogging(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const connector = connectorById(context, call, input.VoiceConnectorId, call.now);
  const { omittedMembers = 'clear' } = context.state.options;
  const given = knownMembers(context.model, 'LoggingConfiguration', input.LoggingConfiguration) as LoggingConfiguration;
  const wanted = { EnableSIPLogs: false, EnableMediaMetricLogs: false, ...omittedMembers === 'keep' && connector.logging, ...given };
  set(context, call, connector, 'logging', wanted);
  return { LoggingConfiguration: wanted };
}

/** Never set, it may be missing in the answer. */
export function getLogging(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const { logging } = connectorById(context, call, input.VoiceConnectorId, call.readAt);
  const isShown = context.state.options.unconfiguredLogging === 'disabled';
  return { LoggingConfiguration: logging ?? (isShown ? { EnableSIPLogs: false, EnableMediaMetricLogs: false } : undefined) };
}

function settingOf(context: Context, input: Input, call: CallContext, setting: Setting): unknown {
  const connector = connectorById(context, call, input.VoiceConnectorId, call.readAt);
  if (connector[setting] === undefined) throw notFound(`Voice Connector ${connector.id} has no ${setting} settings`);
  return connector[setting];
}

/** An emergency calling configuration needs both. */
function deletable(context: Context, input: Input, call: CallContext, setting: Setting): VoiceConnector {
  const connector = connectorById(context, call, input.VoiceConnectorId, call.now);
  if (connector[setting] === undefined) throw notFound(`Voice Connector ${connector.id} has no ${setting} settings`);
  if (connector.emergencyCalling) throw badRequest('Service received a bad request');
  return connector;
}

function set(context: Context, call: CallContext, connector: VoiceConnector, setting: Setting, value: unknown): void {
  if (isDeepStrictEqual(connector[setting], value)) return;
  changeConnector(context, call, connector, current => ({ ...current, [setting]: value }));
}

function without<T extends object>(value: T, dropped: readonly string[]): T {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !dropped.includes(name))) as T;
}

function assertTermination(context: Context, { CidrAllowedList = [], CallingRegions = [], CpsLimit = 1, DefaultPhoneNumber }: Termination): void {
  const { quotas, phoneNumbers, ipv6Cidrs = 'refuse' } = context.state.options;
  if (CidrAllowedList.length === 0) throw badRequest('CidrAllowedList is required.');
  for (const cidr of CidrAllowedList) {
    if (!(cidr.includes(':') && ipv6Cidrs === 'accept') && !isPublicBlock(cidr)) throw badRequest('CidrAllowedList must hold public IPs with a minimum netmask of 27.');
  }
  if (CallingRegions.length === 0 || CallingRegions.some(region => !/^[A-Z]{2}$/.test(region))) throw badRequest('CallingRegions is required.');
  if (CpsLimit > (quotas?.callsPerSecond ?? 1)) throw badRequest('CpsLimit exceeds the limit of the account.');
  if (DefaultPhoneNumber !== undefined && phoneNumbers && !phoneNumbers.includes(DefaultPhoneNumber)) throw badRequest('Service received a bad request');
}

function assertRoutes({ Routes = [] }: Origination): void {
  if (Routes.length > 20) throw badRequest('Origination can have at most 20 routes.');
  for (const { Host = '' } of Routes) {
    const isAddress = /^[\d.]+$/.test(Host);
    if (Host === '' || (isAddress && !isPublicBlock(`${Host}/32`)) || /[:/]/.test(Host)) throw badRequest('Host must be a FQDN or a public IP address.');
  }
}

const notPublic = [/^0\./, /^10\./, /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./, /^127\./, /^169\.254\./, /^172\.(1[6-9]|2\d|3[01])\./, /^192\.168\./, /^(22[4-9]|2[3-5]\d)\./];

function isPublicBlock(cidr: string): boolean {
  const [, address, length] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(cidr) ?? [];
  if (address === undefined) return false;
  const octets = address.split('.').map(Number);
  const prefix = Number(length);
  const isAligned = octets[3] % 2 ** (32 - prefix) === 0;
  return prefix >= 27 && prefix <= 32 && isAligned && octets.every(octet => octet <= 255) && !notPublic.some(network => network.test(address));
}
