import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** Whether everything that is public is documented: each type, member and parameter, and the default of each property that may be left out. */
interface Documented {
  readonly name: string;
  readonly docs?: { readonly summary?: string; readonly default?: string };
  readonly optional?: boolean;
}

interface Callable extends Documented {
  readonly parameters?: readonly Documented[];
  /** The type from which it has its documentation; jsii hands that of parameters down no further. */
  readonly overrides?: string;
}

interface Type extends Documented {
  readonly fqn: string;
  readonly datatype?: boolean;
  readonly initializer?: Callable;
  readonly methods?: readonly Callable[];
  readonly properties?: readonly Documented[];
  readonly members?: readonly Documented[];
}

const { types } = JSON.parse(gunzipSync(readFileSync('.jsii.gz')).toString()) as { types: Record<string, Type> };

function findings(type: Type): string[] {
  const { initializer, methods = [], properties = [], members = [] } = type;
  const parametersOf = ({ name, parameters = [], overrides = '' }: Callable): [string, Documented][] => types[overrides] ? []
    : parameters.map((parameter) => [`${type.fqn}.${name}(${parameter.name})`, parameter]);
  const named: [string, Documented][] = [
    [type.fqn, type],
    ...[...methods, ...properties, ...members].map((member): [string, Documented] => [`${type.fqn}.${member.name}`, member]),
    ...methods.flatMap(parametersOf),
    ...initializer ? parametersOf({ ...initializer, name: 'constructor' }) : [],
  ];
  const undocumented = named.filter(([, { docs }]) => !docs?.summary).map(([name]) => name);
  const withoutDefault = type.datatype
    ? properties.filter(({ optional, docs }) => optional && !docs?.default).map(({ name }) => `${type.fqn}.${name}: no @default`) : [];
  return [...undocumented, ...withoutDefault];
}

/** The pages with a table of the update behavior of each property. */
const PAGES: Record<string, string> = {
  'SignalingChannelProps': 'signaling-channel',
  'VideoStreamProps': 'video-stream',
  'mixins.SignalingChannelMediaStorageProps': 'mixins',
  'VoiceConnectorProps': 'telephony',
  'VoiceConnectorTerminationProps': 'telephony',
  'VoiceConnectorOriginationProps': 'telephony',
  'VoiceConnectorLoggingProps': 'telephony',
  'VoiceConnectorStreamingProps': 'voice-connector-streaming',
  'RealTimeStageProps': 'real-time-stage',
  'StorageConfigurationProps': 'real-time-stage',
  'IngestConfigurationProps': 'ingest-configuration',
  'ChimeMeetingPoolProps': 'chime-meeting-pool',
  'RtcDriftMonitorProps': 'drift-monitor',
  'RtcProviderOptions': 'provider',
};

function changesNotDescribed([name, page]: [string, string]): string[] {
  const [, table = ''] = /\n## Update behavior\n([\s\S]*?)\n## /.exec(readFileSync(`docs/${page}.md`, 'utf8')) ?? [];
  const { properties = [] } = types[`cdk-rtc.${name}`];
  return properties.filter((property) => !table.includes(`\`${property.name}\``)).map((property) => `docs/${page}.md: the update behavior of ${property.name}`);
}

const found = [...Object.values(types).flatMap(findings), ...Object.entries(PAGES).flatMap(changesNotDescribed)];
if (found.length > 0) {
  console.error(`not documented:\n  ${found.join('\n  ')}`);
  process.exitCode = 1;
}
