import { MediaStorageSetup, type StreamSettingName, StreamSettingSetup } from './handler-setup';
import { asServiceModel } from '../../local/emulator/model';
import modelJson from '../../local/emulator/models/kinesisvideo.json';
import type { ResourceFailed, StackResource } from '../cloudformation';
import { REGION } from '../handler-setup';

/* Each error of the model, of each operation that the handlers of the settings call. */

const { operations } = asServiceModel(modelJson);

/** Errors that a retry doesn't cure. */
const TERMINAL = ['InvalidArgumentException', 'InvalidResourceFormatException', 'NoDataRetentionException', 'TagsPerResourceExceededLimitException'];

const casesOf = (names: string[]) => names.flatMap((operation) => (
  [...operations[operation].errors!.map(({ shape }) => shape), 'InternalFailure', 'ServiceUnavailable'].map((error): [string, string] => [operation, error])
));

/** The fault for the next calls of the operation. */
function faultOf(operation: string, error: string): object {
  const isServerError = error === 'InternalFailure' || error === 'ServiceUnavailable';
  return isServerError ? { kind: 'serverError', status: error === 'InternalFailure' ? 500 : 503, operation, times: 4 }
    : { kind: 'error', error, message: 'the words of the service', operation, times: 2 };
}

type Setup = StreamSettingSetup | MediaStorageSetup;

/** Plays a history with the error, and checks that a terminal error fails at once with the words of the service, and that another error fails nothing. */
async function outcomeOf(
  setup: Setup, [operation, error]: [string, string], history: (fault: () => void) => Promise<unknown>,
): Promise<ResourceFailed | undefined> {
  const fault = () => { setup.emulator.addFault(faultOf(operation, error) as never); };
  const failed: ResourceFailed | undefined = await history(fault).then(() => undefined, (thrown) => thrown);
  const faulty = setup.calls(operation).filter(({ faults }) => faults.length > 0);
  expect(faulty.length).toBeGreaterThan(0);
  setup.emulator.removeFaults();
  if (!TERMINAL.includes(error)) {
    expect(failed).toBeUndefined();
    return undefined;
  }
  expect(failed?.message).toContain(`${error}: the words of the service`);
  expect(faulty).toHaveLength(1);
  return failed;
}

/** What CloudFormation does after a failure. */
async function cleanUp(resource: StackResource, properties: Record<string, unknown>, failed: ResourceFailed | undefined): Promise<void> {
  const physicalId = failed?.physicalId ?? resource.physicalId;
  if (physicalId) await resource.delete(physicalId, properties);
}

describe.each<[StreamSettingName, string[], Record<string, unknown>]>([
  ['imageGeneration', ['UpdateImageGenerationConfiguration', 'DescribeImageGenerationConfiguration', 'DescribeStream', 'TagStream', 'UntagStream', 'ListTagsForStream'],
    { SamplingInterval: 3000, Destination: 's3://images', DestinationRegion: REGION }],
  // The other operations are those of the image generation.
  ['notification', ['UpdateNotificationConfiguration', 'DescribeNotificationConfiguration'], { TopicArn: `arn:aws:sns:${REGION}:123456789012:fragments` }],
])('%s', (setting, names, document) => {
  let setup: StreamSettingSetup;
  beforeEach(() => { setup = new StreamSettingSetup(setting); });
  afterEach(() => setup.stop());

  test.each(casesOf(names))('%s answers %s', async (operation, error) => {
    const properties = { StreamArn: setup.stream(), ...document };
    const resource = setup.resource();
    const failed = await outcomeOf(setup, [operation, error], async (fault) => {
      if (operation !== 'UntagStream') fault();
      await resource.create(properties);
      if (operation !== 'UntagStream') return;
      fault();
      await resource.delete();
    });
    const state = () => setup.streamState(properties.StreamArn);
    if (!failed && operation !== 'UntagStream') expect(state()[setting]).toBeDefined();
    await cleanUp(resource, properties, failed);
    expect([state()[setting], setup.ownerTags(properties.StreamArn)]).toEqual([undefined, {}]);
  });
});

describe('the media storage of a native channel', () => {
  let setup: MediaStorageSetup;
  let properties: { ChannelArn: string; StreamArn: string };
  beforeEach(() => {
    setup = new MediaStorageSetup();
    properties = { ChannelArn: setup.foreignChannel('doorbell'), StreamArn: setup.stream('recordings') };
  });
  afterEach(() => setup.stop());

  /** What each operation is needed for. */
  const HISTORIES: Record<string, (resource: StackResource, fault: () => void) => Promise<unknown>> = {
    ...Object.fromEntries(['UpdateMediaStorageConfiguration', 'DescribeMediaStorageConfiguration', 'TagResource', 'ListTagsForResource'].map((operation) => (
      [operation, async (resource: StackResource, fault: () => void) => { fault(); await resource.create(properties); }]
    ))),
    UntagResource: async (resource, fault) => { await resource.create(properties); fault(); await resource.delete(); },
    DescribeMappedResourceConfiguration: async (resource, fault) => {
      // The service refuses to record.
      setup.edit(properties.StreamArn, { status: 'UPDATING' });
      void setup.clock.sleep(15_000).then(() => setup.edit(properties.StreamArn, { status: 'ACTIVE' }));
      fault();
      await resource.create(properties);
    },
    // The Delete of a replacement restores the recording of the replaced channel.
    DescribeSignalingChannel: async (resource, fault) => {
      await resource.create(properties);
      const replacement = { ...properties, ChannelArn: setup.foreignChannel('doorbell-2') };
      const { physicalId } = await resource.deliverUpdate(replacement);
      fault();
      const rollBack = () => resource.delete(physicalId, replacement);
      await rollBack().catch(async (failed) => {
        setup.emulator.removeFaults();
        await rollBack();
        throw failed;
      }).finally(() => expect(setup.channel(properties.ChannelArn).storageStreamArn).toBe(properties.StreamArn));
    },
  };

  // Such an answer says that the former channel doesn't exist any more, so there is no recording to restore.
  const isDeleted = ([operation, error]: [string, string]) => operation === 'DescribeSignalingChannel' && error === 'ResourceNotFoundException';

  test.each(casesOf(Object.keys(HISTORIES)).filter((one) => !isDeleted(one)))('%s answers %s', async (operation, error) => {
    const resource = setup.resource();
    const failed = await outcomeOf(setup, [operation, error], (fault) => HISTORIES[operation](resource, fault));
    if (!failed && operation !== 'UntagResource') expect(setup.channel(properties.ChannelArn).storageStreamArn).toBe(properties.StreamArn);
    await cleanUp(resource, properties, resource.physicalId === undefined ? failed : undefined);
    expect(setup.channels().map(({ storageStreamArn, tags }) => [storageStreamArn, tags])).toEqual(setup.channels().map(() => [undefined, {}]));
  });
});
