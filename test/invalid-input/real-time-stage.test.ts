import * as s3 from 'aws-cdk-lib/aws-s3';
import * as fc from 'fast-check';
import { Attempts } from './attempts';
import { around, durations, hostileText, members, mostly, numbersAround, RUN, tags } from './hostile';
import { Emulator, ivsRealtime } from '../../local/emulator';
import { ParticipantRecordingMediaType, RealTimeStage, type RealTimeStageProps, StorageConfiguration, ThumbnailStorage } from '../../src';
import { ACCOUNT, REGION } from '../handler-setup';

const names = mostly(fc.oneof(fc.constantFrom('Studio-1', 'a_b', ''), around(128)), hostileText);

/** Creates the resource and deletes it. */
function create(emulator: Emulator, type: string, properties: Record<string, unknown>): void {
  const at = { type, account: ACCOUNT, region: REGION, properties };
  const { physicalId } = emulator.applyResource({ action: 'create', ...at });
  emulator.applyResource({ action: 'delete', ...at, physicalId });
}

test('a stage is refused at synth, with path and property, or taken by the service', async () => {
  const attempts = new Attempts();
  const emulator = new Emulator({ services: [ivsRealtime()] });
  const { physicalId: storageArn } = emulator.applyResource({
    action: 'create', type: 'AWS::IVS::StorageConfiguration', account: ACCOUNT, region: REGION, properties: { S3: { BucketName: 'recordings' } },
  });
  const recording = fc.record({
    arn: mostly(fc.constant(storageArn), fc.oneof(
      hostileText,
      hostileText.map((text) => `arn:aws:ivs:${REGION}:${ACCOUNT}:storage-configuration/${text}`),
      fc.constant(storageArn.replace(REGION, 'eu-west-1')),
    )),
    mediaType: members(ParticipantRecordingMediaType),
    recordingReconnectWindow: durations(mostly(fc.constant(30), numbersAround(0, 300))),
    targetSegmentDuration: durations(mostly(fc.constant(6), numbersAround(2, 10))),
    thumbnails: fc.record({
      targetInterval: durations(mostly(fc.constant(60), numbersAround(1, 86_400))),
      storage: mostly<ThumbnailStorage[]>(fc.constant(Object.values(ThumbnailStorage)), fc.array(members(ThumbnailStorage), { maxLength: 3 })),
    }, { requiredKeys: [] }),
  }, { requiredKeys: ['arn'] });
  const properties = fc.record({ stageName: names, recording }, { requiredKeys: [] });
  await fc.assert(fc.asyncProperty(properties, tags, async ({ stageName, recording: given }, tagged) => {
    const outcome = attempts.of((scope, id) => {
      const { arn, ...options } = given ?? { arn: undefined };
      const autoParticipantRecording: RealTimeStageProps['autoParticipantRecording'] = arn === undefined ? undefined
        : { storageConfiguration: StorageConfiguration.fromStorageConfigurationArn(scope, `${id}-storage`, arn), ...options };
      return new RealTimeStage(scope, id, { stageName, autoParticipantRecording });
    }, tagged);
    // An ARN may be right, and name nothing.
    if ('refused' in outcome || (given && given.arn !== storageArn)) return;
    create(emulator, 'AWS::IVS::Stage', outcome.properties);
  }), RUN);
  expect(attempts.counts.accepted).toBeGreaterThan(RUN.numRuns / 8);
  expect(attempts.counts.refused).toBeGreaterThan(RUN.numRuns / 8);
});

test('a storage configuration is refused at synth, with path and property, or taken by the service', async () => {
  const attempts = new Attempts();
  const emulator = new Emulator({ services: [ivsRealtime()] });
  const bucket = s3.Bucket.fromBucketName(attempts.stack, 'Bucket', 'recordings');
  await fc.assert(fc.asyncProperty(names, tags, async (storageConfigurationName, tagged) => {
    const outcome = attempts.of((scope, id) => new StorageConfiguration(scope, id, { storageConfigurationName, bucket }), tagged);
    if ('refused' in outcome) return;
    create(emulator, 'AWS::IVS::StorageConfiguration', outcome.properties);
  }), RUN);
  expect(attempts.counts.accepted).toBeGreaterThan(RUN.numRuns / 8);
  expect(attempts.counts.refused).toBeGreaterThan(RUN.numRuns / 15);
});
