import * as fc from 'fast-check';
import {
  handlerPolicies, type Kind, MEDIA_STORAGE_PREFIX, nameOf, ownerTagsOf, perform, regionsOf, remoteOf, retain, retainProperty,
  streamNamed, tagDifference, tagProperty, tags,
} from './kind';
import { SIGNALING_CHANNEL_RESOURCE_TYPE } from '../../../src/kinesisvideo/private/resource-types';
import { halfTheTime, rarely } from '../chance';

export const signalingChannel: Kind = {
  name: 'signalingChannel',
  type: SIGNALING_CHANNEL_RESOURCE_TYPE,
  service: 'kinesisvideo',
  policies: handlerPolicies('simulatedSignalingChannel'),
  desired: fc.record({
    name: halfTheTime(fc.constantFrom('x', 'y', 'shared')),
    mesh: rarely(fc.constant(true), 6),
    messageTtl: halfTheTime(fc.constantFrom(30, 90)),
    stream: halfTheTime(fc.constantFrom('1', '2', 'common')),
    adopt: rarely(fc.constant(true), 4),
    retain,
    tags,
  }),
  neighbor: { name: 'x' },
  lastChange: { messageTtl: 45, mesh: undefined },
  properties: (emulator, place, _, desired) => ({
    // A changed type under a fixed name is refused, so the name follows the type.
    ...desired.name ? { ChannelName: `${nameOf(place, desired.name)}${desired.mesh ? '-mesh' : ''}` } : {},
    ...desired.mesh ? { ChannelType: 'FULL_MESH' } : {},
    ...desired.messageTtl && !desired.mesh ? { MessageTtlSeconds: desired.messageTtl } : {},
    ...desired.stream && !desired.mesh ? { MediaStorageStreamArn: streamNamed(emulator, nameOf(place, desired.stream)) } : {},
    ...desired.adopt ? { AdoptExisting: true } : {},
    ...retainProperty(desired),
    ...tagProperty(desired),
  }),
  createConflict: (emulator, { ChannelName, ChannelType }, owner) => {
    if (!ChannelName) return;
    const Tags = Object.entries(owner).map(([Key, Value]) => ({ Key, Value }));
    perform(emulator, 'kinesisvideo', 'CreateSignalingChannel', { ChannelName, ChannelType, Tags });
  },
  ownerTagsOf,
  createOnly: ({ ChannelName, ChannelType }) => [ChannelName, ChannelType],
  recordsInto: ({ MediaStorageStreamArn }) => MediaStorageStreamArn,
  staysForGood: ({ name }) => name === undefined,
  remotes: (emulator) => regionsOf(emulator, 'kinesisvideo').flatMap(({ channels }) => channels)
    .filter(({ name }) => !name.startsWith(MEDIA_STORAGE_PREFIX)).map(remoteOf),
  difference: ({ state }, desired, properties) => {
    if (state.status !== 'ACTIVE') return `is ${state.status}`;
    if (properties.ChannelName && state.name !== properties.ChannelName) return `is named ${state.name}`;
    if (state.type !== (properties.ChannelType ?? 'SINGLE_MASTER')) return `type is ${state.type}`;
    if (!desired.mesh && state.messageTtlSeconds !== (desired.messageTtl ?? 60)) return `TTL is ${state.messageTtlSeconds}`;
    if (state.storageStreamArn !== properties.MediaStorageStreamArn) return `records into ${state.storageStreamArn}`;
    return tagDifference(state.tags, desired);
  },
  attributes: ({ id, state: { name } }, { MediaStorageStreamArn }, emulator) => {
    const endpointsOf = (Role: string): Record<string, string> => {
      const Protocols = ['WSS', 'HTTPS', ...MediaStorageStreamArn ? ['WEBRTC'] : []];
      const { ResourceEndpointList } = perform(emulator, 'kinesisvideo', 'GetSignalingChannelEndpoint', {
        ChannelARN: id, SingleMasterChannelEndpointConfiguration: { Role, Protocols },
      });
      return Object.fromEntries(ResourceEndpointList.map(({ Protocol, ResourceEndpoint }: Record<string, string>) => [Protocol, ResourceEndpoint]));
    };
    const [master, viewer] = [endpointsOf('MASTER'), endpointsOf('VIEWER')];
    return {
      ChannelName: name,
      MasterWssEndpoint: master.WSS,
      MasterHttpsEndpoint: master.HTTPS,
      MasterWebrtcEndpoint: master.WEBRTC ?? '',
      ViewerWssEndpoint: viewer.WSS,
      ViewerHttpsEndpoint: viewer.HTTPS,
      ViewerWebrtcEndpoint: viewer.WEBRTC ?? '',
    };
  },
  edits: { strip: { replaceTags: {} }, remove: { delete: true }, change: { messageTtlSeconds: 17 } },
};
