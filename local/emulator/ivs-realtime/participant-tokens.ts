import { scrambled } from '../random';
import { CallContext, Input } from '../service';
import { assertAttributes } from './ingest-configurations';
import { assertOwnAccount, assertVerified, Context, notFound, regionOf } from './lookup';

/** https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_CreateParticipantToken.html */
const DEFAULT_DURATION = 720;
const DEFAULT_CAPABILITIES = ['PUBLISH', 'SUBSCRIBE'];

/** A token in three parts, as that of the service. No stage takes it, because participants don't exist here. Not idempotent. */
export function createParticipantToken(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  assertVerified(context);
  const { stageArn, userId = undefined, attributes = undefined, duration = DEFAULT_DURATION, capabilities = DEFAULT_CAPABILITIES } = input;
  assertOwnAccount(call, stageArn);
  const region = regionOf(context, call);
  if (!region.stages.byArn(stageArn, call.now)) throw notFound(stageArn);
  assertAttributes(attributes ?? {});
  const participantId = region.newParticipantId();
  const part = (name: string, length: number) => scrambled(`${name} ${stageArn} ${participantId}`, length);
  return {
    participantToken: {
      participantId,
      token: [part('header', 20), part('payload', 80), part('signature', 43)].join('.'),
      userId,
      attributes,
      duration,
      capabilities,
      expirationTime: new Date(call.now + duration * 60_000),
    },
  };
}
