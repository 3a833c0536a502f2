import { SignalingSetup } from './handler-setup';
import { asServiceModel } from '../../local/emulator/model';
import modelJson from '../../local/emulator/models/kinesisvideo.json';
import { type ResourceFailed, type StackResource } from '../cloudformation';

/** What each operation is needed for. */
const HISTORIES: Record<string, (resource: StackResource, setup: SignalingSetup, fault: () => void) => Promise<unknown>> = {
  CreateSignalingChannel: async (resource, _, fault) => { fault(); await resource.create(); },
  DescribeSignalingChannel: async (resource, _, fault) => { fault(); await resource.create(); },
  ListTagsForResource: async (resource, _, fault) => { fault(); await resource.create(); },
  DescribeMediaStorageConfiguration: async (resource, _, fault) => { fault(); await resource.create(); },
  GetSignalingChannelEndpoint: async (resource, _, fault) => { fault(); await resource.create(); },
  UpdateMediaStorageConfiguration: async (resource, setup, fault) => { fault(); await resource.create({ MediaStorageStreamArn: setup.stream('s') }); },
  DescribeMappedResourceConfiguration: async (resource, setup, fault) => {
    const stream = setup.stream('s');
    // The service refuses to record.
    setup.edit(stream, { status: 'UPDATING' });
    void setup.clock.sleep(15_000).then(() => setup.edit(stream, { status: 'ACTIVE' }));
    fault();
    await resource.create({ MediaStorageStreamArn: stream });
  },
  UpdateSignalingChannel: async (resource, _, fault) => { await resource.create(); fault(); await resource.update({ MessageTtlSeconds: 90 }); },
  TagResource: async (resource, _, fault) => { await resource.create(); fault(); await resource.update({ Tags: [{ Key: 'a', Value: 'b' }] }); },
  UntagResource: async (resource, _, fault) => {
    await resource.create({ Tags: [{ Key: 'a', Value: 'b' }] });
    fault();
    await resource.update({});
  },
  ListSignalingChannels: async (resource, _, fault) => { await resource.create(); fault(); await resource.update({ ChannelType: 'FULL_MESH' }); },
  DeleteSignalingChannel: async (resource, _, fault) => { await resource.create(); fault(); await resource.delete(); },
};

/** Errors that no repetition helps against; all others pass. */
const TERMINAL = ['AccountChannelLimitExceededException', 'InvalidArgumentException', 'NoDataRetentionException', 'TagsPerResourceExceededLimitException'];

const model = asServiceModel(modelJson);
/** The operations on streams are in video-stream-settings.handler.test.ts, except those that only applications and the probes of acceptance runs call. */
const ON_STREAMS = /Streams?$|ImageGeneration|Notification|StreamStorage|DataRetention|^GetDataEndpoint$/;
const operations = Object.entries(model.operations).filter(([name]) => !ON_STREAMS.test(name));
const cases = operations.flatMap(([operation, { errors = [] }]) =>
  [...errors.map(({ shape }) => shape), 'InternalFailure', 'ServiceUnavailable'].map((error) => [operation, error] as const));

let setup: SignalingSetup;
beforeEach(async () => { setup = new SignalingSetup(); });
afterEach(() => setup.stop());

test('the histories cover every operation on channels', () => {
  expect(Object.keys(HISTORIES).sort()).toEqual(operations.map(([name]) => name).sort());
});

test.each(cases)('%s answers %s', async (operation, error) => {
  const resource = setup.resource();
  const fault = () => {
    setup.emulator.addFault(error === 'InternalFailure' || error === 'ServiceUnavailable'
      ? { kind: 'serverError', status: error === 'InternalFailure' ? 500 : 503, operation, times: 4 }
      : { kind: 'error', error, message: 'the words of the service', operation, times: 2 });
  };
  const outcome: ResourceFailed | undefined = await HISTORIES[operation](resource, setup, fault).then(() => undefined, (failed) => failed);

  expect(setup.calls(operation).some(({ faults }) => faults.length > 0)).toBe(true);
  if (!TERMINAL.includes(error)) {
    expect(outcome).toBeUndefined();
    return;
  }
  // At once, with the service's text.
  expect(outcome!.message).toContain(`${error}: the words of the service`);
  expect(setup.calls(operation).filter(({ faults }) => faults.length > 0)).toHaveLength(1);
  setup.emulator.removeFaults();
  // What CloudFormation does next leaves nothing.
  if (outcome!.physicalId) await resource.delete(outcome!.physicalId);
  expect(setup.channels()).toEqual([]);
});
