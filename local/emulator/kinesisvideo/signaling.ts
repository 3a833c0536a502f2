import { ServiceError } from '../errors';
import { asServiceModel } from '../model';
import modelJson from '../models/kinesis-video-signaling.json';
import { scrambled, scrambledHex } from '../random';
import { CallContext, Engine, Input, Service, ServiceFactory } from '../service';
import { channelByArn, Context, notFound } from './lookup';
import { regions as supportedRegions } from './options';
import { regionsOfEmulator } from './state';
import { channelByArnTarget } from './targets';

/** Seconds that the credentials of a TURN server are valid. */
const TTL = 300;

/** The addresses of the TURN servers, from a range for documentation. */
const ADDRESSES = ['198-51-100-1', '198-51-100-2'];

/** Kinesis Video Streams signaling: the operations at the HTTPS endpoint of a channel. The channels are those of `kinesisVideo`. */
export function kinesisVideoSignaling(): ServiceFactory {
  return (engine: Engine): Service => {
    const context: Context = { engine, options: {}, regions: regionsOfEmulator(engine) };
    return {
      name: 'kinesis-video-signaling',
      model: asServiceModel(modelJson),
      iamPrefix: 'kinesisvideo',
      regions: supportedRegions,
      errors: { invalid: 'InvalidArgumentException', throttled: 'ClientLimitExceededException', accessDenied: 'AccessDeniedException' },
      rates: { GetIceServerConfig: { perAccount: 100, perResource: 5 } },
      operations: {
        GetIceServerConfig: {
          access: 'read', targets: channelByArnTarget(context), run: (input, call) => getIceServerConfig(context, input, call),
        },
      },
      resourceTypes: {},
      changes: () => 0,
      edit: ({ resource }) => { throw new ServiceError('InvalidEdit', `edit ${resource} in the service kinesisvideo`, 400); },
      snapshot: () => [],
      reset: () => {},
    };
  };
}

/** Two servers, each with an unencrypted and two encrypted URIs, and with credentials of its own. */
function getIceServerConfig(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const channel = channelByArn(context, call, input.ChannelARN, call.readAt);
  if (channel.status !== 'ACTIVE') throw notFound('channel');
  const domain = `t-${scrambledHex(channel.arn, 8)}.kinesisvideo.${call.region}.amazonaws.com`;
  const user = input.Username ?? input.ClientId ?? 'peer';
  return {
    IceServerList: ADDRESSES.map(address => ({
      Uris: ['turn', 'turns', 'turns'].map((scheme, index) => `${scheme}:${address}.${domain}:443?transport=${index < 2 ? 'udp' : 'tcp'}`),
      Username: `${Math.floor(call.now / 1000) + TTL}.${address}.${user}`.slice(0, 256),
      Password: scrambled(`${address} ${channel.arn} ${call.now} ${user}`, 44),
      Ttl: TTL,
    })),
  };
}
