import { Duration } from 'aws-cdk-lib';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { IMixin } from 'constructs';
import * as fc from 'fast-check';
import { Attempts } from './attempts';
import { around, durations, flag, hostileText, members, mostly, numbersAround, RUN, tags } from './hostile';
import { ImageFormat, ImageSelectorType, mixins, StorageTier, VideoStream } from '../../src';
import { ACCOUNT, REGION } from '../handler-setup';
import { type StreamSettingName, StreamSettingSetup } from '../kinesisvideo/handler-setup';

const setups: Partial<Record<StreamSettingName, StreamSettingSetup>> = {};
const setupOf = (name: StreamSettingName) => setups[name] ??= new StreamSettingSetup(name);
afterAll(async () => { await Promise.all(Object.values(setups).map(async (setup) => setup.stop())); });

test('a video stream is refused at synth, with path and property, or taken by the service', async () => {
  const attempts = new Attempts();
  const { emulator } = setupOf('notification');
  const properties = fc.record({
    streamName: mostly(fc.oneof(fc.constantFrom('camera', 'a_b.c-D1'), around(256)), hostileText),
    dataRetention: durations(mostly(fc.constantFrom(0, 3600, 87_600 * 3600), numbersAround(0, 3600))),
    mediaType: mostly(fc.constantFrom('video/h264', 'video/h264,audio/aac', 'a.b+c/d-e_f'), fc.oneof(fc.constantFrom('video', 'video/', '/h264', 'video/h264,', 'a/b, c/d'), hostileText)),
    deviceName: mostly(fc.oneof(fc.constantFrom('camera', 'a_b.c-D1'), around(128)), hostileText),
    defaultStorageTier: members(StorageTier),
  }, { requiredKeys: [] });
  await fc.assert(fc.asyncProperty(properties, tags, async (given, tagged) => {
    const outcome = attempts.of((scope, id) => new VideoStream(scope, id, given), tagged);
    if ('refused' in outcome) return;
    const type = 'AWS::KinesisVideo::Stream';
    const { physicalId } = emulator.applyResource({ action: 'create', type, account: ACCOUNT, region: REGION, properties: outcome.properties });
    emulator.applyResource({ action: 'delete', type, account: ACCOUNT, region: REGION, physicalId, properties: outcome.properties });
  }), RUN);
  expect(attempts.counts.accepted).toBeGreaterThan(RUN.numRuns / 8);
  expect(attempts.counts.refused).toBeGreaterThan(RUN.numRuns / 8);
});

/** Whatever is accepted at synthesis is accepted by the service. */
async function play<Options>(name: StreamSettingName, options: fc.Arbitrary<Options>, make: (scope: Attempts['stack'], id: string, given: Options) => IMixin): Promise<Attempts['counts']> {
  const setup = setupOf(name);
  const StreamArn = setup.stream('camera');
  const attempts = new Attempts(({ node }) => node.children[0]);
  await fc.assert(fc.asyncProperty(options, async (given) => {
    const outcome = attempts.of((scope, id) => {
      const stream = new kinesisvideo.CfnStream(scope, id, { dataRetentionInHours: 24 });
      stream.with(make(scope, id, given));
      return stream;
    });
    if ('refused' in outcome) return;
    const resource = setup.resource(`Setting${attempts.counts.accepted}`);
    await resource.create({ ...outcome.properties, StreamArn });
    await resource.delete();
  }), RUN);
  return attempts.counts;
}

test('an image generation is refused at synth, with path and property, or taken by the service', async () => {
  const options = fc.record({
    keyPrefix: mostly(fc.constantFrom('', 'front', 'front/door/', 'x'.repeat(243), 'x'.repeat(244)), hostileText),
    samplingInterval: durations(mostly(fc.constantFrom(0.2, 3, 3600), numbersAround(0.2, 1))),
    format: members(ImageFormat),
    jpegQuality: mostly(fc.constantFrom(1, 80, 100), numbersAround(1, 100)),
    imageSelectorType: members(ImageSelectorType),
    widthPixels: mostly(fc.constantFrom(1, 640, 3840), numbersAround(1, 3840)),
    heightPixels: mostly(fc.constantFrom(1, 480, 2160), numbersAround(1, 2160)),
    enabled: flag,
    adoptExisting: flag,
  }, { requiredKeys: ['samplingInterval'] });
  const { accepted, refused } = await play('imageGeneration', options, (scope, id, given) => new mixins.StreamImageGeneration({
    bucket: s3.Bucket.fromBucketName(scope, `${id}-bucket`, 'images'), ...given, samplingInterval: given.samplingInterval as Duration,
  }));
  expect(accepted).toBeGreaterThan(RUN.numRuns / 8);
  expect(refused).toBeGreaterThan(RUN.numRuns / 8);
});

test('a notification is refused at synth, with path and property, or taken by the service', async () => {
  const arn = (name: string) => `arn:aws:sns:${REGION}:${ACCOUNT}:${name}`;
  const options = fc.record({
    topicArn: mostly(fc.constantFrom('fragments', 'a_b-C1', 'a.fifo').map(arn), fc.oneof(around(256).map(arn), fc.constantFrom('a.b', 'a/b', 'ä', 'a b').map(arn))),
    enabled: flag,
    adoptExisting: flag,
  }, { requiredKeys: ['topicArn'] });
  const { accepted, refused } = await play('notification', options, (scope, id, { topicArn, ...given }) => new mixins.StreamNotification({
    topic: sns.Topic.fromTopicArn(scope, `${id}-topic`, topicArn), ...given,
  }));
  expect(accepted).toBeGreaterThan(RUN.numRuns / 8);
  expect(refused).toBeGreaterThan(RUN.numRuns / 8);
});
