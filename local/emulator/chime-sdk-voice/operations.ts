import { CallContext, Input, Operation } from '../service';
import { getVoiceConnector } from './connectors';
import { Context } from './lookup';
import { deleteStreamingConfiguration, getStreamingConfiguration, putStreamingConfiguration } from './streaming';
import { connectorTarget, streamingTargets } from './targets';

type Run = (context: Context, input: Input, call: CallContext) => Record<string, unknown>;

export function reading(context: Context, targets: Operation['targets'], run: Run): Operation {
  return { access: 'read', targets, run: (input, call) => run(context, input, call) };
}

export function writing(context: Context, targets: Operation['targets'], run: Run): Operation {
  return { ...reading(context, targets, run), access: 'write' };
}

/** What both namespaces have, on the same connectors. */
export function commonOperations(context: Context): Record<string, Operation> {
  return {
    PutVoiceConnectorStreamingConfiguration: writing(context, streamingTargets(context), putStreamingConfiguration),
    GetVoiceConnectorStreamingConfiguration: reading(context, connectorTarget(context), getStreamingConfiguration),
    DeleteVoiceConnectorStreamingConfiguration: writing(context, connectorTarget(context), deleteStreamingConfiguration),
    GetVoiceConnector: reading(context, connectorTarget(context), getVoiceConnector),
  };
}
