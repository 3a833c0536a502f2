import * as fc from 'fast-check';
import { channelNamed, handlerPolicies, type Kind, MEDIA_STORAGE_PREFIX, nameOf, regionsOf, retain, retainProperty, streamNamed } from './kind';
import type { Emulator } from '../../../local/emulator';
import { SIGNALING_CHANNEL_MEDIA_STORAGE_RESOURCE_TYPE } from '../../../src/kinesisvideo/private/resource-types';
import { rarely } from '../chance';

/* eslint-disable @typescript-eslint/no-explicit-any */

const TAG = 'cdk-rtc:media-storage';

/** A stream that an operator has chosen. */
const CONSOLE = 'arn:aws:kinesisvideo:us-east-1:123456789012:stream/console/1700000000000';

/** The channels that CloudFormation created. */
const channels = (emulator: Emulator): any[] => regionsOf(emulator, 'kinesisvideo').flatMap((region) => region.channels)
  .filter(({ name }: { name: string }) => name.startsWith(MEDIA_STORAGE_PREFIX));

/**
 * The stream of a moved resource is often the same, so that the move must take it from the former channel, and the rollback must give it back.
 *
 * A tag on the channel tells which channel recorded before; so an update of the tags of the channel, which docs/reliability.md names, isn't played.
 */
export const signalingChannelMediaStorage: Kind = {
  name: 'signalingChannelMediaStorage',
  type: SIGNALING_CHANNEL_MEDIA_STORAGE_RESOURCE_TYPE,
  service: 'kinesisvideo',
  isNew: true,
  policies: handlerPolicies('signalingChannelMediaStorage'),
  desired: fc.record({
    channel: fc.constantFrom('1', '2', 'shared', 'common'),
    stream: fc.constantFrom('1', '1', '2', 'common'),
    adopt: rarely(fc.constant(true), 4),
    retain,
  }),
  neighbor: { channel: '1', stream: '1' },
  lastChange: { stream: '3' },
  properties: (emulator, place, _, desired) => ({
    ChannelArn: channelNamed(emulator, `${MEDIA_STORAGE_PREFIX}${nameOf(place, desired.channel)}`),
    StreamArn: streamNamed(emulator, `${MEDIA_STORAGE_PREFIX}${nameOf(place, desired.stream)}`),
    ...desired.adopt ? { AdoptExisting: true } : {},
    ...retainProperty(desired),
  }),
  createConflict: (emulator, { ChannelArn }, owner) => {
    if (channels(emulator).find(({ arn }) => arn === ChannelArn).storageStreamArn) return;
    emulator.edit({ service: 'kinesisvideo', resource: ChannelArn, tags: owner, storageStreamArn: CONSOLE } as never);
  },
  ownerTagsOf: (stackId) => ({ [TAG]: `${stackId}/0123456789abcdef`, 'cdk-rtc:stack': stackId }),
  createOnly: ({ ChannelArn }) => ChannelArn,
  recordsInto: ({ StreamArn }) => StreamArn,
  staysForGood: () => false,
  // A stack ID has two slashes of its own.
  remotes: (emulator) => channels(emulator).filter(({ storageStreamArn }) => storageStreamArn).map((state) => ({
    id: state.arn, stackId: state.tags[TAG]?.split('/').slice(0, 3).join('/'), isRetained: /retained/.test(state.tags[TAG] ?? ''), state,
  })),
  difference: ({ state: { storageStreamArn } }, _, { StreamArn }) => (storageStreamArn === StreamArn ? undefined : `records into ${storageStreamArn}`),
  edits: {
    strip: { tags: { [TAG]: null, [`${TAG}-before`]: null, [`${TAG}-source`]: null, 'cdk-rtc:stack': null } },
    stackTag: { tags: { 'cdk-rtc:stack': null } },
    free: { storageStreamArn: null, replaceTags: {} },
    remove: { storageStreamArn: null },
    change: { storageStreamArn: CONSOLE },
  },
};
