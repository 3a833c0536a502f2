import { isDeepStrictEqual } from 'util';
import { knownMembers } from '../model';
import { CallContext, Input } from '../service';
import { badRequest, changeConnector, connectorById, Context, notFound } from './lookup';
import { VoiceConnector } from './state';
import { StreamingConfiguration } from './wire';

/** Disabled is optional in the legacy namespace. */
type Given = Omit<StreamingConfiguration, 'Disabled'> & { readonly Disabled?: boolean };

export function putStreamingConfiguration(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const connector = connectorById(context, call, input.VoiceConnectorId, call.now);
  const configuration = wanted(context, input, connector);
  setStreaming(context, call, connector, withoutDropped(context, configuration));
  if (!configuration.Disabled) context.state.createServiceLinkedRole(call.account);
  return { StreamingConfiguration: shown(context, configuration) };
}

/** One Put creates and updates. */
function wanted(context: Context, input: Input, { streaming }: VoiceConnector): StreamingConfiguration {
  const { omittedMembers = 'clear', duplicateTargets = 'refuse', memberDefaults } = context.state.options;
  const given = knownMembers(context.model, 'StreamingConfiguration', input.StreamingConfiguration) as Given;
  const { MediaInsightsConfiguration: insights, StreamingNotificationTargets: targets } = given;
  assertInsightsArn(insights?.ConfigurationArn);
  const distinct = targets?.filter((target, i) => targets.findIndex(other => isDeepStrictEqual(other, target)) === i);
  if (duplicateTargets === 'refuse' && distinct?.length !== targets?.length) {
    throw badRequest('StreamingNotificationTargets must not contain duplicates.');
  }
  return {
    ...memberDefaults,
    ...omittedMembers === 'keep' && streaming,
    ...given,
    Disabled: given.Disabled ?? (omittedMembers === 'keep' && streaming ? streaming.Disabled : false),
    ...duplicateTargets === 'merge' && distinct && { StreamingNotificationTargets: distinct },
  };
}

/** That the configuration exists is not checked: it belongs to a service that is not played here. */
function assertInsightsArn(arn: string | undefined): void {
  if (arn !== undefined && !/^arn:[^:]+:chime:[^:]+:\d{12}:media-insights-pipeline-configuration\/.+$/.test(arn)) {
    throw badRequest('ConfigurationArn must be that of a media insights pipeline configuration.');
  }
}

function withoutDropped(context: Context, configuration: StreamingConfiguration): StreamingConfiguration {
  const { putDrops = [] } = context.state.options;
  return Object.fromEntries(Object.entries(configuration).filter(([name]) => !putDrops.includes(name as never))) as unknown as StreamingConfiguration;
}

export function getStreamingConfiguration(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const connector = connectorById(context, call, input.VoiceConnectorId, call.readAt);
  const isShown = connector.streaming === undefined && context.state.options.unconfigured === 'disabled';
  return { StreamingConfiguration: shown(context, isShown ? { DataRetentionInHours: 0, Disabled: true } : streamingOf(connector)) };
}

export function deleteStreamingConfiguration(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const connector = connectorById(context, call, input.VoiceConnectorId, call.now);
  streamingOf(connector);
  setStreaming(context, call, connector, undefined);
  return {};
}

function streamingOf({ id, streaming }: VoiceConnector): StreamingConfiguration {
  if (!streaming) throw notFound(`Voice Connector ${id} has no streaming configuration`);
  return streaming;
}

function setStreaming(context: Context, call: CallContext, connector: VoiceConnector, streaming: StreamingConfiguration | undefined): void {
  if (isDeepStrictEqual(connector.streaming, streaming)) return;
  changeConnector(context, call, connector, current => ({ ...current, streaming }));
}

/** A namespace shows what it knows: the legacy one has no media insights. */
function shown(context: Context, configuration: StreamingConfiguration): unknown {
  return knownMembers(context.model, 'StreamingConfiguration', configuration);
}
