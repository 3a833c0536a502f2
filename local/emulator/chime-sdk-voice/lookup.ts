import { ServiceError } from '../errors';
import { ServiceModel } from '../model';
import { CallContext } from '../service';
import { Region, VoiceConnector, VoiceState } from './state';

/** What the operations of one namespace work with. */
export interface Context {
  readonly state: VoiceState;
  /** The namespace's own: the two know different members. */
  readonly model: ServiceModel;
  /** Whose connectors a call can see. Default: those of the region it is made in. */
  readonly connectorRegions?: readonly string[];
  /** Whether IAM can know a connector's tags: never at the legacy endpoint. */
  readonly tagBasedAccessControl: boolean;
}

export function badRequest(message: string): ServiceError {
  return new ServiceError('BadRequestException', message);
}

export function notFound(message: string): ServiceError {
  return new ServiceError('NotFoundException', message);
}

/** The first is the one that a new thing would be in. */
export function regionsOf(context: Context, call: CallContext): Region[] {
  return (context.connectorRegions ?? [call.region]).map(region => context.state.of(call.account, region));
}

export function visibleConnectors(context: Context, call: CallContext, time: number): VoiceConnector[] {
  return regionsOf(context, call).flatMap(({ connectors }) => connectors.all(time)).filter(({ visibleFrom }) => visibleFrom <= time);
}

export function connectorById(context: Context, call: CallContext, id: string, time: number): VoiceConnector {
  const found = visibleConnectors(context, call, time).find(connector => connector.id === id);
  if (!found) throw notFound(`Voice Connector ${id} not found`);
  return found;
}

export function changeConnector(
  context: Context, call: CallContext, { arn }: VoiceConnector, change: (connector: VoiceConnector) => VoiceConnector,
): void {
  for (const { connectors } of regionsOf(context, call)) connectors.change(arn, call.now, change);
}
