import { networkThatIsNotPublic, parseIpv4 } from './public-address';
import { validateSettingParent, type VoiceConnectorSettingProperties } from './setting-contract';
import { type Known, type KnownEnvironment, type KnownPaths, knownValues } from '../../private/known';

/** On the voice connector: the owner of its origination settings. */
export const ORIGINATION_TAG = 'cdk-rtc:origination';

/** On the voice connector, during a rename: the former owner and the former origination settings. */
export const ORIGINATION_BEFORE_TAG = 'cdk-rtc:origination-before';

export interface OriginationRouteProperties {
  readonly Host: string;
  /** Absent: 5060. */
  readonly Port?: number;
  /** Absent: TCP. */
  readonly Protocol?: string;
  /** Absent: 1. */
  readonly Priority?: number;
  /** Absent: 1. */
  readonly Weight?: number;
}

export interface VoiceConnectorOriginationProperties extends VoiceConnectorSettingProperties {
  readonly Routes: OriginationRouteProperties[];
  /** Absent: true. */
  readonly Enabled?: boolean;
}

export const MAX_ROUTES = 20;

export const TCP = 'TCP';
export const UDP = 'UDP';

export const DEFAULT_SIP_PORT = 5060;

/** The port of SIP over TLS, which a voice connector with encryption requires. */
export const ENCRYPTED_SIP_PORT = 5061;

export const DEFAULT_PRIORITY = 1;
export const DEFAULT_WEIGHT = 1;

/** Of a priority and of a weight. */
const MAX_RANK = 100;
const MAX_PORT = 65535;

/** At least two labels, the last of them with a letter. */
const DOMAIN_NAME = /^(?=.{1,253}$)([a-z\d]([a-z\d-]{0,61}[a-z\d])?\.)+(?=[a-z\d-]*[a-z])[a-z\d]([a-z\d-]{0,61}[a-z\d])?$/i;

/** A route to a voice connector would return each call to the service. */
const VOICE_CONNECTOR_HOST = /\.voiceconnector\.chime\.aws$/i;

type KnownRoute = Known<OriginationRouteProperties>;

/** Returns findings. The construct calls it at synth, and the handler again for the values that were tokens then. */
export function validateVoiceConnectorOrigination(
  properties: VoiceConnectorOriginationProperties, environment: KnownEnvironment, known?: KnownPaths,
): string[] {
  const { VoiceConnectorArn, Routes } = knownValues(properties, known);
  return [
    ...validateSettingParent(VoiceConnectorArn, environment.account),
    ...Routes === undefined ? [] : validateRoutes(Routes, properties.Routes),
  ];
}

/** Returns warnings about routes that a voice connector with encryption doesn't use. */
export function originationWarnings(properties: VoiceConnectorOriginationProperties, known?: KnownPaths): string[] {
  const { Routes = [] } = knownValues(properties, known);
  return Routes.flatMap((route, index) => {
    const isDefaultPort = properties.Routes[index]?.Port === undefined || route?.Port === DEFAULT_SIP_PORT;
    return [
      ...route?.Protocol === UDP ? [`routes[${index}].protocol: the voice connector requires encryption, which works over TCP only, got ${UDP}; use ${TCP}`] : [],
      ...isDefaultPort ? [`routes[${index}].port: the voice connector requires encryption, and ${DEFAULT_SIP_PORT} is the port for calls without encryption; use ${ENCRYPTED_SIP_PORT}`] : [],
    ];
  });
}

function validateRoutes(routes: readonly (KnownRoute | undefined)[], given: readonly OriginationRouteProperties[]): string[] {
  if (routes.length === 0) return ['routes: at least one route is required, got none; give the host of your SIP infrastructure'];
  return [
    ...routes.length > MAX_ROUTES ? [`routes: at most ${MAX_ROUTES} routes are possible, got ${routes.length}; put the hosts behind a domain name or a load balancer`] : [],
    ...routes.flatMap((route, index) => route === undefined ? [] : validateRoute(`routes[${index}]`, route)),
    ...validateDistinctRoutes(routes, given),
  ];
}

function validateRoute(path: string, { Host, Port, Protocol, Priority, Weight }: KnownRoute): string[] {
  return [
    ...validateHost(`${path}.host`, Host),
    ...validateInteger(`${path}.port`, Port, MAX_PORT, `leave it out for ${DEFAULT_SIP_PORT}`),
    ...Protocol === undefined || [TCP, UDP].includes(Protocol) ? [] : [`${path}.protocol: must be ${TCP} or ${UDP}, got ${JSON.stringify(Protocol)}; leave it out for ${TCP}`],
    ...validateInteger(`${path}.priority`, Priority, MAX_RANK, `leave it out for ${DEFAULT_PRIORITY}`),
    ...validateInteger(`${path}.weight`, Weight, MAX_RANK, `leave it out for ${DEFAULT_WEIGHT}`),
  ];
}

function validateHost(path: string, host: string | undefined): string[] {
  if (host === undefined) return [];
  const shown = JSON.stringify(host.slice(0, 80));
  if (VOICE_CONNECTOR_HOST.test(host)) {
    return [`${path}: must not be a voice connector, got ${shown}: its calls would return to the service; give the host of your SIP infrastructure`];
  }
  const address = parseIpv4(host);
  if (address !== undefined) {
    const outside = networkThatIsNotPublic(address);
    return outside === undefined ? [] : [`${path}: must be public, got ${shown}, which is part of ${outside}; give the address that the host has on the internet`];
  }
  if (DOMAIN_NAME.test(host)) return [];
  const advice = /^[a-z]+:(?!\d+$)/i.test(host) ? 'leave the scheme out' : /^[^:]+:\d+$/.test(host) ? 'give the port as the port of the route' : 'for example sip.example.com';
  return [`${path}: must be a fully qualified domain name or a public IPv4 address, got ${shown}; ${advice}`];
}

function validateInteger(path: string, value: number | undefined, max: number, advice: string): string[] {
  if (value === undefined || (Number.isInteger(value) && value >= 1 && value <= max)) return [];
  return [`${path}: must be a whole number from 1 to ${max}, got ${value}; ${advice}`];
}

function validateDistinctRoutes(routes: readonly (KnownRoute | undefined)[], given: readonly OriginationRouteProperties[]): string[] {
  const keys = routes.map((route, index) => targetOf(route, given[index]!));
  return keys.flatMap((key, index) => key === undefined || keys.indexOf(key) === index ? [] : [
    `routes[${index}]: ${key} is given twice; give each host, port, and protocol once`,
  ]);
}

/** Undefined: a part of the target is known only at deployment. */
function targetOf(route: KnownRoute | undefined, given: OriginationRouteProperties): string | undefined {
  const port = given.Port === undefined ? DEFAULT_SIP_PORT : route?.Port;
  const protocol = given.Protocol === undefined ? TCP : route?.Protocol;
  if (route?.Host === undefined || port === undefined || protocol === undefined) return undefined;
  return `${route.Host.toLowerCase()}:${port} over ${protocol}`;
}
