import * as fc from 'fast-check';
import { ACCOUNT, handlerPolicies, type Kind, nameOf, REGION, referenced, regionsOf, retain, retainProperty } from './kind';
import type { Emulator } from '../../../local/emulator';
import { VIDEO_STREAM_IMAGE_GENERATION_RESOURCE_TYPE, VIDEO_STREAM_NOTIFICATION_RESOURCE_TYPE } from '../../../src/kinesisvideo/private/resource-types';
import { halfTheTime, rarely } from '../chance';
import type { Desired } from '../history';

/* eslint-disable @typescript-eslint/no-explicit-any */

interface Setting {
  /** The member of a stream in the state of the emulator, and of an edit. */
  readonly member: 'imageGeneration' | 'notification';
  readonly tag: string;
  readonly outOfBand: object;
}

const streams = (emulator: Emulator): any[] => regionsOf(emulator, 'kinesisvideo').flatMap((region) => region.streams);

const desired = <T extends object>(more: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record({
  stream: fc.constantFrom('1', '2', 'shared', 'common'), adopt: rarely(fc.constant(true), 4), retain, enabled: fc.boolean(), ...more,
});

/** Each kind has streams of its own, so that an edit of the tags is an edit of one resource. */
function settingOf({ member, tag, outOfBand }: Setting) {
  const ownerOf = (state: any): string | undefined => state.tags[tag];
  return {
    service: 'kinesisvideo',
    isNew: true as const,
    policies: handlerPolicies('videoStreamSettings'),
    createOnly: ({ StreamArn }: any) => StreamArn,
    setting: {
      parentOf: ({ StreamArn }: any) => String(StreamArn),
      isOnlyOne: ({ stream }: Desired) => stream === '1' || stream === '2',
    },
    common: (emulator: Emulator, place: string, { stream, adopt, enabled, ...rest }: Desired) => {
      const name = `${member}-${nameOf(place, stream)}`;
      // The physical ID of a stream is its name.
      referenced(emulator, 'AWS::KinesisVideo::Stream', name, { Name: name, DataRetentionInHours: 24 });
      return {
        StreamArn: arnOf(emulator, name),
        ...enabled ? {} : { Enabled: false },
        ...adopt ? { AdoptExisting: true } : {},
        ...retainProperty(rest),
      };
    },
    createConflict: (emulator: Emulator, { StreamArn }: any, owner: Record<string, string>) => {
      if (streams(emulator).find(({ arn }) => arn === StreamArn)?.[member]) return;
      emulator.edit({ service: 'kinesisvideo', resource: StreamArn, tags: owner, [member]: outOfBand } as never);
    },
    ownerTagsOf: (stackId: string) => ({ [tag]: `${stackId}/0123456789abcdef` }),
    staysForGood: () => false,
    // A stack ID has two slashes of its own.
    // The status of a stream changes by itself.
    remotes: (emulator: Emulator) => streams(emulator).filter((state) => state[member]).map(({ status, ...state }) => ({
      id: state.arn, stackId: ownerOf(state)?.split('/').slice(0, 3).join('/'), isRetained: /retained/.test(ownerOf(state) ?? ''), state,
    })),
    edits: {
      strip: { tags: { [tag]: null, [`${tag}-before`]: null } },
      free: { [member]: null, replaceTags: {} },
      remove: { [member]: null },
      change: { [member]: outOfBand },
    },
  };
}

/** Streams stay, so the ARN of a name stays. */
function arnOf(emulator: Emulator, name: string): string {
  return streams(emulator).find((stream) => stream.name === name).arn;
}

/** A readable sentence about both, or undefined if they are the same. */
function unlike(name: string, actual: unknown, wanted: unknown): string | undefined {
  return JSON.stringify(actual) === JSON.stringify(wanted) ? undefined : `${name} is ${JSON.stringify(actual)}, desired ${JSON.stringify(wanted)}`;
}

const statusOf = ({ enabled }: Desired) => (enabled ? 'ENABLED' : 'DISABLED');

const { common: commonOfImages, ...images } = settingOf({
  member: 'imageGeneration',
  tag: 'cdk-rtc:image-generation',
  outOfBand: {
    Status: 'ENABLED', Format: 'PNG', ImageSelectorType: 'SERVER_TIMESTAMP', SamplingInterval: 5000, DestinationConfig: { Uri: 's3://console', DestinationRegion: REGION },
  },
});

export const videoStreamImageGeneration: Kind = {
  ...images,
  name: 'videoStreamImageGeneration',
  type: VIDEO_STREAM_IMAGE_GENERATION_RESOURCE_TYPE,
  desired: desired({ prefix: fc.constantFrom('a', 'b'), quality: halfTheTime(fc.constantFrom(50, 90)), width: halfTheTime(fc.constantFrom(320, 640)) }),
  neighbor: { stream: '1', enabled: true, prefix: 'a' },
  lastChange: { quality: 7 },
  properties: (emulator, place, _, wanted) => ({
    ...commonOfImages(emulator, place, wanted),
    SamplingInterval: 3000,
    Destination: `s3://images/${wanted.prefix}`,
    DestinationRegion: REGION,
    ...wanted.quality ? { JpegQuality: wanted.quality } : {},
    ...wanted.width ? { WidthPixels: wanted.width } : {},
  }),
  difference: ({ state: { imageGeneration: { Status, FormatConfig, WidthPixels, DestinationConfig } } }, wanted) => unlike(
    'image generation',
    [Status, FormatConfig, WidthPixels, DestinationConfig.Uri],
    [statusOf(wanted), { JPEGQuality: String(wanted.quality ?? 80) }, wanted.width, `s3://images/${wanted.prefix}`],
  ),
};

const topicArn = (name: string) => `arn:aws:sns:${REGION}:${ACCOUNT}:${name}`;

const { common: commonOfNotification, ...notification } = settingOf({
  member: 'notification',
  tag: 'cdk-rtc:notification',
  outOfBand: { Status: 'ENABLED', DestinationConfig: { Uri: topicArn('console') } },
});

export const videoStreamNotification: Kind = {
  ...notification,
  name: 'videoStreamNotification',
  type: VIDEO_STREAM_NOTIFICATION_RESOURCE_TYPE,
  desired: desired({ topic: fc.constantFrom('a', 'b') }),
  neighbor: { stream: '1', enabled: true, topic: 'a' },
  lastChange: { topic: 'c' },
  properties: (emulator, place, _, wanted) => ({ ...commonOfNotification(emulator, place, wanted), TopicArn: topicArn(wanted.topic) }),
  difference: ({ state: { notification: { Status, DestinationConfig } } }, wanted) => unlike(
    'notification', [Status, DestinationConfig.Uri], [statusOf(wanted), topicArn(wanted.topic)],
  ),
};
