import {
  ChimeSDKVoiceClient, DeleteVoiceConnectorCommand, GetVoiceConnectorCommand, GetVoiceConnectorLoggingConfigurationCommand,
  GetVoiceConnectorOriginationCommand, GetVoiceConnectorStreamingConfigurationCommand, GetVoiceConnectorTerminationCommand,
  ListVoiceConnectorTerminationCredentialsCommand, UntagResourceCommand,
} from '@aws-sdk/client-chime-sdk-voice';
import { CloudWatchLogsClient, DeleteLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { ifFound, type PropertyCases, type State, type Subject, type Variant } from './subject';
import {
  NotificationTarget, OriginationProtocol, VoiceConnector, VoiceConnectorLogging, type VoiceConnectorLoggingOptions, VoiceConnectorNetworkType,
  VoiceConnectorOrigination, type VoiceConnectorOriginationOptions, type VoiceConnectorProps, VoiceConnectorStreaming,
  type VoiceConnectorStreamingOptions, VoiceConnectorTermination, type VoiceConnectorTerminationOptions,
} from '../../src';
import {
  LOGGING_BEFORE_TAG, LOGGING_TAG, MEDIA_METRIC_LOG_GROUP_PREFIX, SIP_MESSAGE_LOG_GROUP_PREFIX,
} from '../../src/chime-sdk-voice/private/voice-connector-logging';
import { ORIGINATION_BEFORE_TAG, ORIGINATION_TAG } from '../../src/chime-sdk-voice/private/voice-connector-origination';
import { STREAMING_BEFORE_TAG, STREAMING_TAG } from '../../src/chime-sdk-voice/private/voice-connector-streaming';
import { TERMINATION_BEFORE_TAG, TERMINATION_TAG } from '../../src/chime-sdk-voice/private/voice-connector-termination';

/** The tag that lists the SIP users isn't among them: an adoption deletes these users. */
const OWNER_TAGS = [
  LOGGING_TAG, LOGGING_BEFORE_TAG, ORIGINATION_TAG, ORIGINATION_BEFORE_TAG, STREAMING_TAG, STREAMING_BEFORE_TAG, TERMINATION_TAG,
  TERMINATION_BEFORE_TAG,
];

const isDisabled = (variant: Variant) => variant === 'renamed' || variant === 'retained';

/** The options that every setting has. */
function settingOf(variant: Variant) {
  return { forceUpdateNonce: variant === 'created' ? undefined : '1', removalPolicy: variant === 'retained' ? RemovalPolicy.RETAIN : undefined };
}

const enabledIn = (variant: Variant) => ({ enabled: isDisabled(variant) ? false : undefined });

function propsOf(_: Construct, variant: Variant, namePrefix: string): VoiceConnectorProps {
  const updated = { voiceConnectorName: `${namePrefix}-trunk`, requireEncryption: false };
  const replaced = { ...updated, networkType: VoiceConnectorNetworkType.DUAL_STACK, mediaRegion: 'ca-central-1' };
  switch (variant) {
    case 'created': return { voiceConnectorName: `${namePrefix}-trunk` };
    case 'updated': return updated;
    case 'replaced': return replaced;
    case 'renamed': return { ...replaced, voiceConnectorName: `${namePrefix}-renamed` };
    case 'retained': return { ...replaced, voiceConnectorName: `${namePrefix}-renamed`, removalPolicy: RemovalPolicy.RETAIN };
  }
}

function terminationOf(scope: Construct, variant: Variant): VoiceConnectorTerminationOptions {
  const sipUser = (id: string) => new secretsmanager.Secret(scope, id, {
    generateSecretString: { secretStringTemplate: JSON.stringify({ username: id.toLowerCase() }), generateStringKey: 'password', excludePunctuation: true },
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const common = { credentials: [sipUser('First')], ...settingOf(variant), ...enabledIn(variant) };
  if (variant === 'created') return { ...common, allowedCidrs: ['203.0.113.10/32'], callingRegions: ['US'] };
  return {
    ...common,
    allowedCidrs: ['203.0.113.20/32'],
    callingRegions: ['CA'],
    callsPerSecond: 1,
    credentials: [...common.credentials, sipUser('Second')],
    credentialsVersion: '2',
  };
}

function originationOf(_: Construct, variant: Variant): VoiceConnectorOriginationOptions {
  const first = { host: 'sip-1.example.com' };
  const second = { host: 'sip-2.example.com', port: 5061, protocol: OriginationProtocol.TCP, priority: 2, weight: 3 };
  return { routes: variant === 'created' ? [first] : [second], ...settingOf(variant), ...enabledIn(variant) };
}

function loggingOf(_: Construct, variant: Variant): VoiceConnectorLoggingOptions {
  return { sipMessages: variant !== 'updated', mediaMetrics: variant === 'updated', ...settingOf(variant) };
}

function streamingOf(_: Construct, variant: Variant): VoiceConnectorStreamingOptions {
  if (variant === 'created') return { dataRetention: Duration.hours(24) };
  return { dataRetention: Duration.hours(48), notificationTargets: [NotificationTarget.EVENT_BRIDGE], ...settingOf(variant), ...enabledIn(variant) };
}

const OF_SETTINGS = { forceUpdateNonce: 'update', removalPolicy: 'retain', adoptExisting: 'adopt' } as const;
const SETTINGS = { unchanged: 'The separate construct of the setting is the same.' };

const properties: readonly PropertyCases<any>[] = [
  {
    construct: 'VoiceConnector',
    props: propsOf,
    cases: {
      voiceConnectorName: 'rename',
      requireEncryption: 'update',
      networkType: 'replacement',
      mediaRegion: 'replacement',
      streaming: SETTINGS,
      termination: SETTINGS,
      origination: SETTINGS,
      logging: SETTINGS,
      removalPolicy: 'retain',
    },
  } satisfies PropertyCases<VoiceConnectorProps>,
  {
    construct: 'VoiceConnectorTermination',
    props: terminationOf,
    cases: {
      ...OF_SETTINGS,
      allowedCidrs: 'update',
      callingRegions: 'update',
      callsPerSecond: 'update',
      credentials: 'update',
      credentialsVersion: 'update',
      enabled: 'rename',
      defaultPhoneNumber: { unchanged: 'The stack has no phone number, which costs 1 US dollar.' },
    },
  } satisfies PropertyCases<VoiceConnectorTerminationOptions>,
  {
    construct: 'VoiceConnectorOrigination', props: originationOf, cases: { ...OF_SETTINGS, routes: 'update', enabled: 'rename' },
  } satisfies PropertyCases<VoiceConnectorOriginationOptions>,
  {
    construct: 'VoiceConnectorLogging', props: loggingOf, cases: { ...OF_SETTINGS, sipMessages: 'update', mediaMetrics: 'update' },
  } satisfies PropertyCases<VoiceConnectorLoggingOptions>,
  {
    construct: 'VoiceConnectorStreaming',
    props: streamingOf,
    cases: {
      ...OF_SETTINGS,
      dataRetention: 'update',
      notificationTargets: 'update',
      enabled: 'rename',
      mediaInsights: { unchanged: 'A configuration of media insights belongs to another service, and needs Kinesis data streams of its own.' },
      namespace: { unchanged: 'New accounts can\'t use the legacy namespace.' },
    },
  } satisfies PropertyCases<VoiceConnectorStreamingOptions>,
];

const CREATED = {
  isEncrypted: true, countries: ['US'], cidrs: ['203.0.113.10/32'], hosts: ['sip-1.example.com'], isLoggingMedia: false, hours: 24, users: ['first'],
};
const UPDATED = {
  isEncrypted: false,
  countries: ['CA'],
  cidrs: ['203.0.113.20/32'],
  callsPerSecond: 1,
  hosts: ['sip-2.example.com'],
  routes: [{ Host: 'sip-2.example.com', Port: 5061, Protocol: 'TCP', Priority: 2, Weight: 3 }],
  hours: 48,
  targets: ['EventBridge'],
  users: ['first', 'second'],
};
const REPLACED = { ...UPDATED, network: 'DUAL_STACK', mediaRegion: 'ca-central-1' };
const DISABLED = { ...REPLACED, isTerminationDisabled: true, isOriginationDisabled: true, isStreamingDisabled: true };

/** A voice connector with all settings. The replacement moves the settings to the new voice connector. */
export const voiceConnector: Subject = {
  area: 'voice-connector',
  construct: 'VoiceConnector',
  id: 'Trunk',
  type: 'Custom::RtcVoiceConnectorStreaming',
  properties,
  expected: (variant, namePrefix) => {
    switch (variant) {
      case 'created': return { state: { ...CREATED, name: `${namePrefix}-trunk` } };
      case 'updated': return { state: { ...UPDATED, name: `${namePrefix}-trunk`, isLoggingMedia: true } };
      case 'replaced': return { state: { ...REPLACED, name: `${namePrefix}-trunk`, isLoggingMedia: false }, isReplaced: true };
      case 'renamed': return { state: { ...DISABLED, name: `${namePrefix}-renamed` } };
      case 'retained': return { state: { ...DISABLED, name: `${namePrefix}-renamed` } };
    }
  },
  build: (scope, variant, namePrefix) => {
    const connector = new VoiceConnector(scope, 'Connector', propsOf(scope, variant, namePrefix));
    new VoiceConnectorTermination(scope, 'Termination', { voiceConnector: connector, ...terminationOf(scope, variant) });
    new VoiceConnectorOrigination(scope, 'Origination', { voiceConnector: connector, ...originationOf(scope, variant) });
    new VoiceConnectorLogging(scope, 'Logging', { voiceConnector: connector, ...loggingOf(scope, variant) });
    new VoiceConnectorStreaming(scope, 'Streaming', { voiceConnector: connector, ...streamingOf(scope, variant) });
    return connector.voiceConnectorArn;
  },
  onCreated: (context, id) => {
    // The service creates them, so no stack deletes them.
    for (const logGroupName of [SIP_MESSAGE_LOG_GROUP_PREFIX, MEDIA_METRIC_LOG_GROUP_PREFIX].map((prefix) => `${prefix}${idOf(id)}`)) {
      context.onCleanup(`log group ${logGroupName}`, async () => {
        await ifFound(context.client(CloudWatchLogsClient).send(new DeleteLogGroupCommand({ logGroupName })));
      });
    }
  },
  observe: async (context, id) => {
    const client = context.client(ChimeSDKVoiceClient);
    const VoiceConnectorId = idOf(id);
    const found = await ifFound(client.send(new GetVoiceConnectorCommand({ VoiceConnectorId })));
    const configured = found && await ifFound(client.send(new GetVoiceConnectorStreamingConfigurationCommand({ VoiceConnectorId })));
    const streaming = configured?.StreamingConfiguration;
    // A voice connector without a configuration can also be described as disabled, with media kept for 0 hours.
    if (!found || !streaming || streaming.DataRetentionInHours === 0) return undefined;
    const termination = (await ifFound(client.send(new GetVoiceConnectorTerminationCommand({ VoiceConnectorId }))))?.Termination;
    const origination = (await ifFound(client.send(new GetVoiceConnectorOriginationCommand({ VoiceConnectorId }))))?.Origination;
    const logging = await ifFound(client.send(new GetVoiceConnectorLoggingConfigurationCommand({ VoiceConnectorId })));
    const credentials = await ifFound(client.send(new ListVoiceConnectorTerminationCredentialsCommand({ VoiceConnectorId })));
    return {
      name: found.VoiceConnector!.Name,
      isEncrypted: found.VoiceConnector!.RequireEncryption,
      network: found.VoiceConnector!.NetworkType,
      mediaRegion: found.VoiceConnector!.AwsRegion,
      countries: termination?.CallingRegions,
      cidrs: termination?.CidrAllowedList,
      callsPerSecond: termination?.CpsLimit,
      isTerminationDisabled: termination?.Disabled ?? false,
      hosts: origination?.Routes?.map(({ Host }) => Host),
      routes: origination?.Routes,
      isOriginationDisabled: origination?.Disabled ?? false,
      isLoggingMedia: logging?.LoggingConfiguration?.EnableMediaMetricLogs,
      hours: streaming.DataRetentionInHours,
      targets: streaming.StreamingNotificationTargets?.map(({ NotificationTarget: target }) => target),
      isStreamingDisabled: streaming.Disabled ?? false,
      users: credentials?.Usernames && [...credentials.Usernames].sort(),
    } satisfies State;
  },
  conflict: {
    build: (scope, { id }) => {
      new VoiceConnectorStreaming(scope, 'Streaming', { voiceConnector: VoiceConnector.fromVoiceConnectorArn(scope, 'Connector', id), adoptExisting: true });
    },
    reason: /belongs to the stack/,
  },
  deleteRetained: async (context, id) => {
    await ifFound(context.client(ChimeSDKVoiceClient).send(new DeleteVoiceConnectorCommand({ VoiceConnectorId: idOf(id) })));
  },
  adoption: {
    state: { countries: ['US'], isTerminationDisabled: false, hosts: ['sip-1.example.com'], isOriginationDisabled: false, hours: 24, isStreamingDisabled: false },
    release: async (context, id) => {
      await context.client(ChimeSDKVoiceClient).send(new UntagResourceCommand({ ResourceARN: id, TagKeys: OWNER_TAGS }));
    },
    build: (scope, { id }) => {
      const connector = VoiceConnector.fromVoiceConnectorArn(scope, 'Connector', id);
      const adopting = { voiceConnector: connector, adoptExisting: true };
      new VoiceConnectorTermination(scope, 'Termination', { ...terminationOf(scope, 'created'), ...adopting });
      new VoiceConnectorOrigination(scope, 'Origination', { ...originationOf(scope, 'created'), ...adopting });
      new VoiceConnectorLogging(scope, 'Logging', { ...loggingOf(scope, 'created'), ...adopting });
      new VoiceConnectorStreaming(scope, 'Streaming', { ...streamingOf(scope, 'created'), ...adopting });
      return connector.voiceConnectorArn;
    },
  },
};

function idOf(arn: string): string {
  return arn.split('/').at(-1)!;
}
