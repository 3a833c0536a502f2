import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import * as fc from 'fast-check';
import { Attempts } from './attempts';
import { flag, hostileText, mostly, RUN } from './hostile';
import { mixins, VideoStream } from '../../src';
import { ACCOUNT, REGION } from '../handler-setup';
import { MediaStorageSetup } from '../kinesisvideo/handler-setup';

const setup = new MediaStorageSetup();
afterAll(async () => setup.stop());

const props = fc.record({
  type: mostly(fc.constant('SINGLE_MASTER'), fc.oneof(fc.constantFrom('FULL_MESH', 'single_master', ''), hostileText)),
  hours: mostly(fc.constantFrom(1, 24), fc.constantFrom(0, undefined)),
  /** Without one: a stream that is there. */
  arn: mostly(fc.constant(undefined), fc.oneof(
    hostileText,
    hostileText.map((text) => `arn:aws:kinesisvideo:${REGION}:${ACCOUNT}:stream/${text}/1700000000000`),
    fc.constantFrom('eu-west-1', 'US-EAST-1').map((region) => `arn:aws:kinesisvideo:${region}:${ACCOUNT}:stream/recordings/1700000000000`),
  )),
  adoptExisting: flag,
}, { requiredKeys: [] });

test('any input is either rejected at synth, with path and property, or accepted by the service', async () => {
  const attempts = new Attempts(({ node }) => node.findChild('MediaStorage'));
  let deployed = 0;
  await fc.assert(fc.asyncProperty(props, async ({ type, hours, arn, adoptExisting }) => {
    const outcome = attempts.of((scope, id) => {
      const channel = new kinesisvideo.CfnSignalingChannel(scope, id, { type });
      const mediaStorageStream = arn === undefined ? new kinesisvideo.CfnStream(scope, `${id}-stream`, { dataRetentionInHours: hours })
        : VideoStream.fromStreamArn(scope, `${id}-stream`, arn);
      channel.with(new mixins.SignalingChannelMediaStorage({ mediaStorageStream, adoptExisting }));
      return channel;
    });
    if ('refused' in outcome) return;
    deployed += 1;
    const name = `played-${deployed}`;
    const ChannelArn = setup.foreignChannel(name, {}, { Type: type });
    const StreamArn = arn ?? setup.stream(name, hours);
    // A stream that isn't there is no wrong input.
    if (arn !== undefined) return;
    const resource = setup.resource(`MediaStorage${deployed}`);
    await resource.create({ ...outcome.properties, ChannelArn, StreamArn });
    await resource.delete();
  }), RUN);
  expect(deployed).toBeGreaterThan(RUN.numRuns / 8);
  expect(attempts.counts.refused).toBeGreaterThan(RUN.numRuns / 8);
});
