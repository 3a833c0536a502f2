import * as fc from 'fast-check';
import { handlerPolicies, type Kind, nameOf, referenced, regionsOf, type Remote, retain, retainProperty } from './kind';
import { type Emulator, sipCredentials } from '../../../local/emulator';
import {
  VOICE_CONNECTOR_LOGGING_RESOURCE_TYPE, VOICE_CONNECTOR_ORIGINATION_RESOURCE_TYPE, VOICE_CONNECTOR_TERMINATION_RESOURCE_TYPE,
} from '../../../src/chime-sdk-voice/private/resource-types';
import { halfTheTime, rarely } from '../chance';
import type { Desired } from '../history';

/* eslint-disable @typescript-eslint/no-explicit-any */

interface Setting {
  /** The member of a voice connector in the state of the emulator, of an edit, and the end of the tag key. */
  readonly member: 'termination' | 'origination' | 'logging';
  readonly outOfBand: object;
  isBlank?(value: any): boolean;
}

const voiceConnectors = (emulator: Emulator): any[] => regionsOf(emulator, 'chime-sdk-voice').flatMap((region) => region.voiceConnectors);

const desired = <T extends object>(more: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record({
  connector: fc.constantFrom('1', '2', 'shared', 'common'), adopt: rarely(fc.constant(true), 4), retain, ...more,
});

/** Each kind has voice connectors of its own, so that an edit of the tags is an edit of one resource. */
function settingOf({ member, outOfBand, isBlank = () => false }: Setting) {
  const tag = `cdk-rtc:${member}`;
  const ownerOf = (state: any): string | undefined => state.tags[tag];
  return {
    service: 'chime-sdk-voice',
    isNew: true as const,
    createOnly: ({ VoiceConnectorArn }: any) => VoiceConnectorArn,
    common: (emulator: Emulator, place: string, { connector, adopt, ...rest }: Desired) => {
      const name = `${member}-${nameOf(place, connector)}`;
      return {
        VoiceConnectorArn: referenced(emulator, 'AWS::Chime::VoiceConnector', name, { Name: name, RequireEncryption: true }),
        ...adopt ? { AdoptExisting: true } : {},
        ...retainProperty(rest),
      };
    },
    createConflict: (emulator: Emulator, { VoiceConnectorArn }: any, owner: Record<string, string>) => {
      const existing = voiceConnectors(emulator).find(({ arn }) => arn === VoiceConnectorArn)[member];
      if (existing && !isBlank(existing)) return;
      emulator.edit({ service: 'chime-sdk-voice', resource: VoiceConnectorArn, tags: owner, [member]: outOfBand } as never);
    },
    ownerTagsOf: (stackId: string) => ({ [tag]: `${stackId}/0123456789abcdef` }),
    staysForGood: () => false,
    // A stack ID has two slashes of its own.
    remotes: (emulator: Emulator) => voiceConnectors(emulator).filter((state) => state[member] && !isBlank(state[member])).map((state) => ({
      id: state.arn, stackId: ownerOf(state)?.split('/').slice(0, 3).join('/'), isRetained: /retained/.test(ownerOf(state) ?? ''), state,
    })),
    attributes: ({ state }: Remote) => ({ VoiceConnectorId: state.id }),
    edits: {
      strip: { tags: { [tag]: null, [`${tag}-before`]: null } },
      free: { [member]: null, replaceTags: {} },
      remove: { [member]: null },
      change: { [member]: outOfBand },
    },
  };
}

const parent: Kind['setting'] = {
  parentOf: ({ VoiceConnectorArn }) => String(VoiceConnectorArn),
  isOnlyOne: ({ connector }) => connector === '1' || connector === '2',
};

/** Whether one text is the other, or a readable sentence about both. */
function unlike(name: string, actual: unknown, wanted: unknown): string | undefined {
  return JSON.stringify(actual) === JSON.stringify(wanted) ? undefined : `${name} is ${JSON.stringify(actual)}, desired ${JSON.stringify(wanted)}`;
}

const { common: commonOfTermination, ...termination } = settingOf({
  member: 'termination', outOfBand: { CidrAllowedList: ['192.0.2.1/32'], CallingRegions: ['DE'], CpsLimit: 1, Disabled: false },
});

/** By name. The two resources of a stack that rename each other have the same users: a rename can't change them. */
const usersOf = ({ connector, users }: Desired): string[] => (connector === 'common' ? ['alice'] : users);
const versionOf = ({ connector, version }: Desired): string | undefined => (connector === 'common' ? undefined : version);
/** Part of every password. */
export const PASSWORD = 'correct-horse-battery-staple';

/** Ends in a text that no name has. */
const passwordOf = (name: string) => `${PASSWORD}-${[...name].reverse().join('')}`;

/** What a tag on the voice connector tells is lost with all tags; so an update of the tags of the voice connector, which docs/reliability.md names, isn't played. */
export const voiceConnectorTermination: Kind = {
  ...termination,
  name: 'voiceConnectorTermination',
  type: VOICE_CONNECTOR_TERMINATION_RESOURCE_TYPE,
  policies: handlerPolicies('voiceConnectorCallSettings'),
  desired: desired({
    enabled: fc.boolean(),
    regions: fc.constantFrom(['US'], ['CA', 'US']),
    calls: halfTheTime(fc.constantFrom(2, 3)),
    users: fc.subarray(['alice', 'bob']),
    version: halfTheTime(fc.constantFrom('1', '2')),
  }),
  neighbor: { connector: '1', enabled: true, regions: ['US'], users: [] },
  lastChange: { calls: 5 },
  // A user is deleted, too.
  edits: { ...termination.edits, change: { ...termination.edits.change, users: { 'Played-A-1-alice': null, 'Played-B-1-alice': null } } },
  properties: (emulator, place, _, wanted) => {
    const secretOf = (user: string) => {
      const name = `${nameOf(place, wanted.connector)}-${user}`;
      return referenced(emulator, 'AWS::SecretsManager::Secret', `sip-${name}`, {
        Name: `sip-${name}`, SecretString: JSON.stringify({ username: name, password: passwordOf(name) }),
      });
    };
    const users = usersOf(wanted);
    return {
      ...commonOfTermination(emulator, place, wanted),
      AllowedCidrs: ['203.0.113.10/32'],
      CallingRegions: wanted.regions,
      ...wanted.enabled ? {} : { Enabled: false },
      ...wanted.calls ? { CallsPerSecond: wanted.calls } : {},
      ...users.length > 0 ? { CredentialSecretArns: users.map(secretOf) } : {},
      ...versionOf(wanted) === undefined ? {} : { CredentialsVersion: versionOf(wanted) },
    };
  },
  difference: ({ id, state: { termination: actual } }, wanted, { CredentialSecretArns = [] }, emulator) => {
    const names = CredentialSecretArns.map((arn: string) => /:secret:sip-(.+)-\w{6}$/.exec(arn)![1]);
    const users = Object.fromEntries(names.sort().map((name: string) => [name, passwordOf(name)]));
    const found = Object.entries(sipCredentials(emulator, emulator.clock.now())[id]!).sort(([one], [other]) => one < other ? -1 : 1);
    return unlike('users', Object.fromEntries(found), users)
      ?? unlike('settings', [actual.CallingRegions, actual.CpsLimit, actual.Disabled, actual.CidrAllowedList], [wanted.regions, wanted.calls ?? 1, !wanted.enabled, ['203.0.113.10/32']]);
  },
};

const { common: commonOfOrigination, ...origination } = settingOf({
  member: 'origination', outOfBand: { Routes: [{ Host: 'console.example.com', Port: 5060, Protocol: 'TCP', Priority: 1, Weight: 1 }], Disabled: false },
});

export const voiceConnectorOrigination: Kind = {
  ...origination,
  name: 'voiceConnectorOrigination',
  type: VOICE_CONNECTOR_ORIGINATION_RESOURCE_TYPE,
  setting: parent,
  policies: handlerPolicies('voiceConnectorCallSettings'),
  desired: desired({ enabled: fc.boolean(), hosts: fc.subarray(['sip.example.com', '203.0.113.10', 'sip2.example.com'], { minLength: 1 }), weight: halfTheTime(fc.constantFrom(5, 50)) }),
  neighbor: { connector: '1', enabled: true, hosts: ['sip.example.com'] },
  lastChange: { weight: 7 },
  properties: (emulator, place, _, wanted) => ({
    ...commonOfOrigination(emulator, place, wanted),
    Routes: wanted.hosts.map((Host: string) => ({ Host, ...wanted.weight ? { Weight: wanted.weight } : {} })),
    ...wanted.enabled ? {} : { Enabled: false },
  }),
  difference: ({ state: { origination: { Routes, Disabled } } }, { hosts, weight = 1, enabled }) => unlike(
    'origination',
    [Routes.map(({ Host, Weight }: any) => `${Host} ${Weight}`).sort(), Disabled],
    [hosts.map((host: string) => `${host} ${weight}`).sort(), !enabled],
  ),
};

const { common: commonOfLogging, ...logging } = settingOf({
  member: 'logging',
  outOfBand: { EnableSIPLogs: true, EnableMediaMetricLogs: true },
  isBlank: ({ EnableSIPLogs, EnableMediaMetricLogs }) => !EnableSIPLogs && !EnableMediaMetricLogs,
});

export const voiceConnectorLogging: Kind = {
  ...logging,
  name: 'voiceConnectorLogging',
  type: VOICE_CONNECTOR_LOGGING_RESOURCE_TYPE,
  setting: parent,
  policies: handlerPolicies('voiceConnectorSettings'),
  // Not both, which is the last change.
  desired: desired({ logs: fc.constantFrom(['sip'], ['media']) }),
  neighbor: { connector: '1', logs: ['media'] },
  lastChange: { logs: ['sip', 'media'] },
  properties: (emulator, place, _, wanted) => ({
    ...commonOfLogging(emulator, place, wanted),
    SipMessages: wanted.logs.includes('sip'),
    MediaMetrics: wanted.logs.includes('media'),
  }),
  difference: ({ state: { logging: { EnableSIPLogs, EnableMediaMetricLogs } } }, { logs }) => unlike(
    'logs', [EnableSIPLogs, EnableMediaMetricLogs], [logs.includes('sip'), logs.includes('media')],
  ),
};
