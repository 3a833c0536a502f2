import { StreamingSetup } from './chime-sdk-voice/handler-setup';
import { SignalingSetup } from './kinesisvideo/handler-setup';

/* The steps of the section Migration in docs, after the old resource was retained. */

describe('a voice connector\'s streaming configuration', () => {
  let setup: StreamingSetup;
  let arn: string;
  beforeEach(async () => {
    setup = new StreamingSetup();
    arn = setup.connector();
    setup.edit(arn, { streamingConfiguration: { DataRetentionInHours: 7, Disabled: false, StreamingNotificationTargets: [{ NotificationTarget: 'SQS' }] } });
  });
  afterEach(() => setup.stop());

  const desired = () => ({ VoiceConnectorArn: arn, DataRetentionInHours: 7, NotificationTargets: ['SQS'], ExistingConfiguration: 'OVERWRITE', Retain: true });

  test('that already equals the desired document is adopted without a write', async () => {
    await setup.resource().create(desired());
    expect(setup.calls('PutVoiceConnectorStreamingConfiguration')).toEqual([]);
    expect(Object.keys(setup.ownerTags(arn))).toEqual(['cdk-rtc:streaming']);
  });

  test('is taken up again after a rollback that retained it, and then stays without OVERWRITE and goes without RETAIN', async () => {
    await setup.resource().create(desired());
    const resource = setup.resource();
    resource.nextRequestId();
    const { ExistingConfiguration, Retain, ...settled } = desired();
    await resource.create(desired());
    await resource.update(settled);
    expect(setup.calls('PutVoiceConnectorStreamingConfiguration')).toEqual([]);
    await resource.delete();
    expect(setup.streaming(arn)).toBeUndefined();
  });
});

describe('a signaling channel', () => {
  let setup: SignalingSetup;
  beforeEach(async () => { setup = new SignalingSetup(); });
  afterEach(() => setup.stop());

  test('with a linked stream is adopted with its link, and again after a rollback that retained it', async () => {
    const stream = setup.stream('recordings');
    const { physicalId } = await setup.resource('Former').create({ ChannelName: 'front-door', MediaStorageStreamArn: stream });
    setup.edit(physicalId, { replaceTags: {} });
    const desired = { ChannelName: 'front-door', MediaStorageStreamArn: stream, AdoptExisting: true, Retain: true };

    const { mutations } = await setup.counting(async () => {
      expect((await setup.resource().create(desired)).physicalId).toBe(physicalId);
      const again = setup.resource();
      again.nextRequestId();
      expect((await again.create(desired)).physicalId).toBe(physicalId);
    });
    expect(new Set(mutations)).toEqual(new Set(['TagResource']));
    expect(setup.channels()).toHaveLength(1);
    expect(setup.channel()).toMatchObject({ storageStreamArn: stream });
  });
});
