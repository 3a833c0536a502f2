import {
  ChimeSDKVoiceClient, GetVoiceConnectorCommand, GetVoiceConnectorLoggingConfigurationCommand, GetVoiceConnectorOriginationCommand,
  GetVoiceConnectorStreamingConfigurationCommand, GetVoiceConnectorTerminationCommand, ListVoiceConnectorTerminationCredentialsCommand,
} from '@aws-sdk/client-chime-sdk-voice';
import { CloudWatchLogsClient, DeleteLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { ifFound, type Subject } from './subject';
import { VoiceConnector, VoiceConnectorLogging, VoiceConnectorOrigination, VoiceConnectorStreaming, VoiceConnectorTermination } from '../../src';
import { MEDIA_METRIC_LOG_GROUP_PREFIX, SIP_MESSAGE_LOG_GROUP_PREFIX } from '../../src/chime-sdk-voice/private/voice-connector-logging';

const CREATED = { country: ['US'], hosts: ['sip-1.example.com'], isLoggingMedia: true, hours: 24, users: ['acceptance'] };
const UPDATED = { country: ['CA'], hosts: ['sip-2.example.com'], isLoggingMedia: false, hours: 48, users: ['acceptance'] };

/** A voice connector with all settings. In the replacement, the settings move to another voice connector. */
export const voiceConnector: Subject = {
  area: 'voice-connector',
  construct: 'VoiceConnector',
  id: 'Trunk',
  type: 'Custom::RtcVoiceConnectorStreaming',
  expected: (variant, namePrefix) => {
    switch (variant) {
      case 'created': return { state: { ...CREATED, name: `${namePrefix}-One` } };
      case 'updated': return { state: { ...UPDATED, name: `${namePrefix}-One` } };
      case 'replaced': return { state: { ...UPDATED, name: `${namePrefix}-Two` }, isReplaced: true };
      case 'renamed': return { state: { ...UPDATED, name: `${namePrefix}-Two-Renamed` } };
      default: return undefined;
    }
  },
  build: (scope, variant, namePrefix) => {
    const suffix = variant === 'renamed' ? '-Renamed' : '';
    const [one, two] = ['One', 'Two'].map((id) => new VoiceConnector(scope, id, { voiceConnectorName: `${namePrefix}-${id}${suffix}` }));
    const connector = ['created', 'updated'].includes(variant) ? one : two;
    const user = new secretsmanager.Secret(scope, 'User', {
      generateSecretString: { secretStringTemplate: JSON.stringify({ username: 'acceptance' }), generateStringKey: 'password', excludePunctuation: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const isFirst = variant === 'created';
    new VoiceConnectorTermination(scope, 'Termination', {
      voiceConnector: connector, allowedCidrs: ['203.0.113.10/32'], callingRegions: isFirst ? CREATED.country : UPDATED.country, credentials: [user],
    });
    new VoiceConnectorOrigination(scope, 'Origination', { voiceConnector: connector, routes: [{ host: isFirst ? CREATED.hosts[0] : UPDATED.hosts[0] }] });
    new VoiceConnectorLogging(scope, 'Logging', { voiceConnector: connector, sipMessages: true, mediaMetrics: isFirst });
    new VoiceConnectorStreaming(scope, 'Streaming', { voiceConnector: connector, dataRetention: Duration.hours(isFirst ? 24 : 48) });
    return connector.voiceConnectorArn;
  },
  onCreated: (context, id) => {
    // The service creates them, so no stack deletes them.
    for (const logGroupName of [SIP_MESSAGE_LOG_GROUP_PREFIX, MEDIA_METRIC_LOG_GROUP_PREFIX].map((prefix) => `${prefix}${id.split('/').at(-1)}`)) {
      context.onCleanup(`log group ${logGroupName}`, async () => {
        await ifFound(context.client(CloudWatchLogsClient).send(new DeleteLogGroupCommand({ logGroupName })));
      });
    }
  },
  observe: async (context, id) => {
    const client = context.client(ChimeSDKVoiceClient);
    const VoiceConnectorId = id.split('/').at(-1)!;
    const found = await ifFound(client.send(new GetVoiceConnectorCommand({ VoiceConnectorId })));
    const configured = found && await ifFound(client.send(new GetVoiceConnectorStreamingConfigurationCommand({ VoiceConnectorId })));
    const streaming = configured?.StreamingConfiguration;
    // A voice connector without a configuration can also be described as disabled, with media kept for 0 hours.
    if (!found || !streaming || streaming.DataRetentionInHours === 0) return undefined;
    const termination = await ifFound(client.send(new GetVoiceConnectorTerminationCommand({ VoiceConnectorId })));
    const origination = await ifFound(client.send(new GetVoiceConnectorOriginationCommand({ VoiceConnectorId })));
    const logging = await ifFound(client.send(new GetVoiceConnectorLoggingConfigurationCommand({ VoiceConnectorId })));
    const credentials = await ifFound(client.send(new ListVoiceConnectorTerminationCredentialsCommand({ VoiceConnectorId })));
    return {
      name: found.VoiceConnector!.Name,
      country: termination?.Termination?.CallingRegions,
      hosts: origination?.Origination?.Routes?.map(({ Host }) => Host),
      isLoggingMedia: logging?.LoggingConfiguration?.EnableMediaMetricLogs,
      hours: streaming.DataRetentionInHours,
      users: credentials?.Usernames,
    };
  },
};
