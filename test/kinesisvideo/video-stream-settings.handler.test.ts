import { type KinesisVideoSetupOptions, type StreamSettingName, StreamSettingSetup } from './handler-setup';
import type { ResourceFailed } from '../cloudformation';
import { OTHER_REGION, REGION, STACK_ID, stackId } from '../handler-setup';

type Properties = Record<string, unknown>;

interface Case {
  readonly setting: StreamSettingName;
  readonly noun: string;
  readonly update: string;
  readonly get: string;
  /** The end of the tag key. */
  readonly tagName: string;
  /** The properties of a deployment and of its change, without the stream, and what the service then has. */
  readonly first: Properties;
  readonly firstOnWire: unknown;
  readonly second: Properties;
  readonly secondOnWire: unknown;
  /** Set up in the console. */
  readonly foreign: Properties;
}

const TOPIC = `arn:aws:sns:${REGION}:123456789012:fragments`;

const CASES: Case[] = [{
  setting: 'imageGeneration',
  noun: 'image generation',
  update: 'UpdateImageGenerationConfiguration',
  get: 'DescribeImageGenerationConfiguration',
  tagName: 'image-generation',
  first: { SamplingInterval: 3000, Destination: 's3://images' },
  firstOnWire: {
    Status: 'ENABLED',
    Format: 'JPEG',
    FormatConfig: { JPEGQuality: '80' },
    ImageSelectorType: 'PRODUCER_TIMESTAMP',
    SamplingInterval: 3000,
    DestinationConfig: { Uri: 's3://images', DestinationRegion: REGION },
  },
  second: {
    Enabled: false,
    Format: 'JPEG',
    JpegQuality: 35,
    ImageSelectorType: 'SERVER_TIMESTAMP',
    SamplingInterval: 200,
    WidthPixels: 640,
    HeightPixels: 360,
    Destination: 's3://images/door/',
  },
  secondOnWire: {
    Status: 'DISABLED',
    Format: 'JPEG',
    FormatConfig: { JPEGQuality: '35' },
    ImageSelectorType: 'SERVER_TIMESTAMP',
    SamplingInterval: 200,
    WidthPixels: 640,
    HeightPixels: 360,
    DestinationConfig: { Uri: 's3://images/door/', DestinationRegion: REGION },
  },
  foreign: {
    Status: 'ENABLED', Format: 'PNG', ImageSelectorType: 'SERVER_TIMESTAMP', SamplingInterval: 5000, DestinationConfig: { Uri: 's3://console', DestinationRegion: REGION },
  },
}, {
  setting: 'notification',
  noun: 'notification',
  update: 'UpdateNotificationConfiguration',
  get: 'DescribeNotificationConfiguration',
  tagName: 'notification',
  first: { TopicArn: TOPIC },
  firstOnWire: { Status: 'ENABLED', DestinationConfig: { Uri: TOPIC } },
  second: { TopicArn: `${TOPIC}-2`, Enabled: false },
  secondOnWire: { Status: 'DISABLED', DestinationConfig: { Uri: `${TOPIC}-2` } },
  foreign: { Status: 'ENABLED', DestinationConfig: { Uri: `${TOPIC}-console` } },
}];

const failure = (promise: Promise<unknown>): Promise<ResourceFailed> => promise.then(() => { throw new Error('did not fail'); }, (error) => error);
const NEIGHBOUR = stackId('Neighbour', '2');

describe.each(CASES)('$setting', ({ setting, noun, update, get, tagName, first, firstOnWire, second, secondOnWire, foreign }) => {
  const tag = `cdk-rtc:${tagName}`;
  let setup: StreamSettingSetup;
  let arn: string;
  const start = (options: KinesisVideoSetupOptions = {}) => {
    setup = new StreamSettingSetup(setting, options);
    arn = setup.stream();
  };
  const restart = async (options: KinesisVideoSetupOptions) => {
    await setup.stop();
    start(options);
  };
  beforeEach(() => start());
  afterEach(() => setup.stop());

  const state = (of = arn) => setup.streamState(of)[setting];
  const on = (of: string, properties: Properties) => (
    { StreamArn: of, ...setting === 'imageGeneration' ? { DestinationRegion: of.split(':')[3] } : {}, ...properties }
  );
  const edit = (value: Properties | null, more: object = {}, of = arn) => setup.edit(of, { [setting]: value, ...more });
  const isCleared = (of = arn) => expect([state(of), setup.ownerTags(of)]).toEqual([undefined, {}]);

  describe('create', () => {
    test('puts the whole document, reads it back, and marks the owner', async () => {
      const { physicalId, attributes } = await setup.resource().create(on(arn, first));
      expect(physicalId).toBe(arn);
      expect(attributes).toEqual({});
      expect(state()).toEqual(firstOnWire);
      expect(setup.ownerTags(arn)).toEqual({ [tag]: expect.stringMatching(new RegExp(`^${STACK_ID}/[0-9a-f]{16}$`)) });
      expect(setup.mutations()).toEqual(['TagStream', update]);
      expect(setup.calls(get)).toHaveLength(2);
    });

    test('puts every property', async () => {
      await setup.resource().create(on(arn, second));
      expect(state()).toEqual(secondOnWire);
    });

    test('goes to the region of the stream', async () => {
      await setup.resource().create(on(setup.stream('door', 24, OTHER_REGION), first));
      expect(setup.calls().every(({ region }) => region === OTHER_REGION)).toBe(true);
    });

    test.each(['in-use', 'not-found'] as const)('waits until the stream is ACTIVE, if the service refuses a change before as %s', async (notActive) => {
      await restart({ notActive });
      setup.edit(arn, { status: 'CREATING' });
      const creating = setup.resource().create(on(arn, first));
      await setup.clock.sleep(40_000);
      expect([...setup.calls('TagStream'), ...setup.calls(update)]).toEqual([]);
      setup.edit(arn, { status: 'ACTIVE' });
      await creating;
      expect(state()).toEqual(firstOnWire);
    });

    test('fails after a minute if there is no such stream', async () => {
      const missing = arn.replace('/door/', '/gate/');
      const failed = await failure(setup.resource('R').create(on(missing, first)));
      expect(failed.message).toBe(`R: stream: there is no ${missing}`);
    });

    test.each(['InvalidArgumentException', 'NoDataRetentionException'])('fails at once with %s, and the Delete that follows removes the claim', async (error) => {
      setup.emulator.addFault({ kind: 'error', error, message: 'Refused', status: 400, operation: update, times: 1 });
      const resource = setup.resource();
      const failed = await failure(resource.create(on(arn, first)));
      expect(failed.message).toContain(`${error}: Refused`);
      await resource.delete(failed.physicalId, on(arn, first));
      isCleared();
    });

    test('twice and concurrently configures once', async () => {
      const resource = setup.resource();
      const delivery = { type: 'Create' as const, requestId: 'r', properties: on(arn, first) };
      await Promise.all([resource.deliver(delivery), resource.deliver(delivery)]);
      await resource.deliver(delivery);
      expect(state()).toEqual(firstOnWire);
    });

    test.each(['put', 'get', 'TagStream', 'ListTagsForStream', 'DescribeStream'])('succeeds although the response of %s is lost', async (operation) => {
      setup.emulator.addFault({ kind: 'lostResponse', operation: { put: update, get }[operation] ?? operation, times: 1 });
      await setup.resource().create(on(arn, first));
      expect(state()).toEqual(firstOnWire);
    });

    test('fails for a stream of another account, and asks the service nothing', async () => {
      const failed = await failure(setup.resource().create(on(arn.replace(/:\d{12}:/, ':210987654321:'), first)));
      expect(failed.message).toContain('stream: must be in the stack\'s own account (123456789012)');
      expect(setup.calls()).toEqual([]);
    });

    test('with an unknown property fails', async () => {
      expect((await failure(setup.resource().create(on(arn, { ...first, Colour: 'red' })))).message).toContain('Colour');
    });
  });

  describe('existing settings', () => {
    test('without an owner fail the deployment, which changes nothing', async () => {
      edit(foreign);
      const failed = await failure(setup.resource('R').create(on(arn, first)));
      expect(failed.message).toBe(`R: adoptExisting: the ${noun} of ${arn} is not this stack's; remove it there, or set adoptExisting to replace it`);
      expect(failed.physicalId).toBeUndefined();
      expect(setup.mutations()).toEqual([]);
      expect(state()).toEqual(foreign);
    });

    test('are replaced with adoptExisting, and removed with the construct', async () => {
      edit(foreign);
      const resource = setup.resource();
      await resource.create(on(arn, { ...first, AdoptExisting: true }));
      expect(state()).toEqual(firstOnWire);
      await resource.delete();
      isCleared();
    });

    test('of another stack are never adopted; the error names the stack and the command that frees them', async () => {
      await setup.resource('R', NEIGHBOUR).create(on(arn, second));
      const before = setup.streamState(arn);
      const failed = await failure(setup.resource().create(on(arn, { ...first, AdoptExisting: true })));
      expect(failed.message).toContain(`belongs to the stack ${NEIGHBOUR} by the stream's tag ${tag}`);
      expect(failed.message).toContain(`aws kinesisvideo untag-stream --region ${REGION} --stream-arn ${arn} --tag-key-list ${tag} ${tag}-before`);
      expect(setup.streamState(arn)).toEqual(before);
    });

    test('that were retained are taken up by the same construct, and by no other stack', async () => {
      await setup.resource().create(on(arn, { ...second, Retain: true }));
      expect(setup.ownerTags(arn)[tag]).toMatch(/\/retained$/);
      await failure(setup.resource('R', NEIGHBOUR).create(on(arn, { ...first, AdoptExisting: true })));
      await setup.resource().create(on(arn, first));
      expect(state()).toEqual(firstOnWire);
    });
  });

  describe('update', () => {
    test('that changes nothing writes nothing', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, second));
      const { mutations } = await setup.counting(() => resource.update(on(arn, second)));
      expect(mutations).toEqual([]);
    });

    test('changes every property, and back', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      await resource.update(on(arn, second));
      expect(state()).toEqual(secondOnWire);
      await resource.update(on(arn, first));
      expect(state()).toEqual(firstOnWire);
    });

    test('corrects an out-of-band change and a removed owner tag', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      edit(foreign, { replaceTags: { team: 'them' } });
      await resource.update(on(arn, { ...first, AdoptExisting: true }));
      expect(state()).toEqual(firstOnWire);
      expect(setup.streamState(arn).tags).toMatchObject({ team: 'them', [tag]: expect.stringContaining(STACK_ID) });
    });

    test('fails if another stack has tagged the settings, and changes nothing', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      setup.edit(arn, { tags: { [tag]: `${NEIGHBOUR}/0123456789abcdef` } });
      const before = setup.streamState(arn);
      expect((await failure(resource.update(on(arn, second)))).message).toContain('Neighbour');
      expect(setup.streamState(arn)).toEqual(before);
    });

    test('moves to another stream: configures the new one, then clears the old one', async () => {
      const other = setup.stream('gate');
      const resource = setup.resource();
      await resource.create(on(arn, first));
      expect((await resource.update(on(other, second))).physicalId).toBe(other);
      expect(state(other)).toEqual(secondOnWire);
      isCleared();
      // The Delete keeps its claim, with a mark, until no other delivery can put the document again. Then it looks again.
      expect(setup.mutations().slice(2)).toEqual(['TagStream', update, update, 'TagStream', update, 'UntagStream']);
    });

    test.each(['new', 'old'] as const)('that moved is rolled back by an Update with the %s ID', async (form) => {
      const other = setup.stream('gate');
      const resource = setup.resource();
      await resource.create(on(arn, first));
      await resource.deliverUpdate(on(other, second));
      const { physicalId } = await resource.deliverUpdate(on(arn, first), { physicalId: form === 'new' ? other : arn, properties: on(other, second) });
      expect(physicalId).toBe(arn);
      await resource.delete(other, on(other, second));
      expect(state()).toEqual(firstOnWire);
      isCleared(other);
    });

    test('is rolled back while its own Put doesn\'t show yet', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      await setup.clock.sleep(30_000);
      await resource.deliverUpdate(on(arn, second));
      setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 8_000, operation: get, times: 1 });
      await resource.deliverUpdate(on(arn, first), { properties: on(arn, second) });
      expect(state()).toEqual(firstOnWire);
    });
  });

  describe('rename of the construct', () => {
    test('the new construct takes over, and the Delete of the old one removes nothing', async () => {
      const old = setup.resource('Old');
      await old.create(on(arn, first));
      const renamed = setup.resource('New');
      await renamed.create(on(arn, second));
      await old.delete();
      expect(state()).toEqual(secondOnWire);
      expect(Object.keys(setup.ownerTags(arn))).toEqual([tag]);
      await renamed.delete();
      isCleared();
    });

    test('that is rolled back restores the former settings', async () => {
      const old = setup.resource('Old');
      await old.create(on(arn, second));
      const renamed = setup.resource('New');
      await renamed.create(on(arn, first));
      await renamed.delete();
      expect(state()).toEqual(secondOnWire);
      await old.update(on(arn, second));
      await old.delete();
      isCleared();
    });
  });

  describe('delete', () => {
    test('removes the settings and the owner tag, and leaves other tags', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      setup.edit(arn, { tags: { team: 'them' } });
      expect((await resource.delete()).polls).toBe(1);
      isCleared();
      expect(setup.streamState(arn).tags).toEqual({ team: 'them' });
    });

    test('twice leaves what was put out of band in between', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      await resource.delete();
      edit(foreign);
      await resource.delete();
      expect(state()).toEqual(foreign);
    });

    test.each(['InvalidArgumentException', 'NoDataRetentionException'])('succeeds if the service answers %s to the deletion of what is gone', async (error) => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      edit(null);
      setup.emulator.addFault({ kind: 'error', error, operation: update, times: 10 });
      await resource.delete();
      isCleared();
    });

    test('fails if the service refuses to delete what is there', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      setup.emulator.addFault({ kind: 'error', error: 'InvalidArgumentException', operation: update, times: 10 });
      expect((await failure(resource.delete())).message).toContain('InvalidArgumentException');
      expect(state()).toEqual(firstOnWire);
    });

    test('succeeds if the settings are gone', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      edit(null);
      await resource.delete();
      isCleared();
    });

    test('succeeds if the stream is gone', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      setup.edit(arn, { delete: true });
      await resource.delete();
    });

    test('removes settings that lost their owner tag and are as they were put', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      setup.edit(arn, { replaceTags: {} });
      await resource.delete();
      isCleared();
    });

    test('leaves settings of another stack', async () => {
      await setup.resource('R', NEIGHBOUR).create(on(arn, first));
      await setup.clock.sleep(30_000);
      const before = setup.streamState(arn);
      await setup.resource().delete(arn, on(arn, first));
      expect(setup.streamState(arn)).toEqual(before);
    });

    test('ends although the response is lost', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      setup.emulator.addFault({ kind: 'lostResponse', operation: update, times: 3 });
      await resource.delete();
      isCleared();
    });

    test('with an ID that CloudFormation invented removes what a create that still runs puts', async () => {
      const resource = setup.resource();
      const deleting = resource.delete('Doorbells-R-1A2B3C4D5E6F', on(arn, first));
      await setup.clock.sleep(20_000);
      await resource.onEvent({ type: 'Create', requestId: 'late', properties: on(arn, first) });
      await deleting;
      isCleared();
    });
  });

  describe('each error of the service', () => {
    const errors = [
      ['ClientLimitExceededException', 400], ['ResourceInUseException', 400], ['ResourceNotFoundException', 404], ['VersionMismatchException', 400],
      ['InternalFailure', 500], ['ServiceUnavailable', 503], ['NotAuthorizedException', 401], ['AccessDeniedException', 401],
    ] as const;
    const operations = ['update', 'get', 'DescribeStream', 'TagStream', 'UntagStream', 'ListTagsForStream'];
    const cases = errors.flatMap(([error, status]) => operations.map((operation) => ({ error, status, operation })));

    test.each(cases)('$error of $operation a few times fails neither create nor delete', async ({ error, status, operation }) => {
      const resource = setup.resource();
      setup.emulator.addFault({ kind: 'error', error, status, operation: { update, get }[operation] ?? operation, times: 4 });
      await resource.create(on(arn, first));
      expect(state()).toEqual(firstOnWire);
      setup.emulator.removeFaults();
      setup.emulator.addFault({ kind: 'error', error, status, operation: { update, get }[operation] ?? operation, times: 4 });
      await resource.delete();
      isCleared();
    });

    test('a denied update fails after a minute', async () => {
      setup.emulator.addFault({ kind: 'accessDenied', operation: update });
      const began = setup.clock.now();
      expect((await failure(setup.resource().create(on(arn, first)))).message).toContain('AccessDeniedException: ');
      expect(setup.clock.now() - began).toBeGreaterThanOrEqual(60_000);
    });

    test('too many tags fail at once, and nothing is put', async () => {
      setup.edit(arn, { tags: Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`key${at}`, 'v'])) });
      expect((await failure(setup.resource().create(on(arn, first)))).message).toContain('TagsPerResourceExceededLimitException');
      expect(state()).toBeUndefined();
    });
  });

  describe('drift', () => {
    test('of settings that were changed, removed, or lost their owner', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      expect(await setup.driftOf([resource])).toMatchObject({ drifted: [], unobserved: [] });
      edit(foreign);
      const changed = await setup.driftOf([resource]);
      expect(changed.drifted[0]).toMatchObject({ driftStatus: 'MODIFIED' });
      setup.edit(arn, { replaceTags: {} });
      expect(JSON.stringify((await setup.driftOf([resource])).drifted)).toContain(`Tags/${tag}`);
      expect(setup.mutations()).toEqual(['TagStream', update]);
    });
  });
});

describe.each(CASES)('$setting of a stream', ({ setting, update, first, firstOnWire, second, secondOnWire }) => {
  const on = (StreamArn: string, properties: Properties) => ({ StreamArn, ...setting === 'imageGeneration' ? { DestinationRegion: REGION } : {}, ...properties });
  const other = CASES.find((one) => one.setting !== setting)!;
  let setup: StreamSettingSetup;
  afterEach(() => setup.stop());

  test.each([
    ['in-use', 3_000], ['not-found', 3_000], ['in-use', 25_000], ['not-found', 25_000],
  ] as const)('that a change makes UPDATING (%s) for %s ms is created, updated, renamed, and deleted', async (notActive, updating) => {
    setup = new StreamSettingSetup(setting, { notActive, timings: { updating } });
    const arn = setup.stream();
    const resource = setup.resource('Old');
    await resource.create(on(arn, first));
    await resource.update(on(arn, second));
    const renamed = setup.resource('New');
    await renamed.create(on(arn, { ...first, Retain: true }));
    await resource.delete();
    expect(setup.streamState(arn)[setting]).toEqual(firstOnWire);
    await renamed.update(on(arn, second));
    expect(setup.streamState(arn)[setting]).toEqual(secondOnWire);
    await renamed.delete();
    expect([setup.streamState(arn)[setting], setup.ownerTags(arn)]).toEqual([undefined, {}]);
  });

  test('that keeps no data is refused, and the Delete that follows leaves nothing', async () => {
    setup = new StreamSettingSetup(setting);
    const arn = setup.stream('volatile', 0);
    const resource = setup.resource();
    const began = setup.clock.now();
    const failed = await failure(resource.create(on(arn, first)));
    expect(failed.message).toContain('NoDataRetentionException');
    expect(setup.clock.now() - began).toBeLessThan(10_000);
    await resource.delete(failed.physicalId, on(arn, first));
    expect([setup.streamState(arn)[setting], setup.ownerTags(arn)]).toEqual([undefined, {}]);
  });

  test.each([STACK_ID, NEIGHBOUR])('leaves the other setting of the stream as it is, which the stack %s owns', async (owner) => {
    setup = new StreamSettingSetup(setting);
    const arn = setup.stream();
    const tags = { [`cdk-rtc:${other.tagName}`]: `${owner}/0123456789abcdef` };
    setup.edit(arn, { [other.setting]: other.foreign, tags });
    const resource = setup.resource();
    await resource.create(on(arn, first));
    expect(setup.streamState(arn)[setting]).toEqual(firstOnWire);
    await resource.delete();
    expect(setup.streamState(arn)).toMatchObject({ [other.setting]: other.foreign, tags });
    expect(setup.streamState(arn)[setting]).toBeUndefined();
    expect(setup.calls(other.get)).toEqual([]);
  });

  test('that is deleted out of band during the delete', async () => {
    setup = new StreamSettingSetup(setting);
    const arn = setup.stream();
    const resource = setup.resource();
    await resource.create(on(arn, first));
    await setup.clock.sleep(30_000);
    setup.edit(arn, { status: 'DELETING' });
    const deleting = resource.delete();
    await setup.clock.sleep(30_000);
    setup.edit(arn, { delete: true });
    await deleting;
    expect(setup.calls(update)).toHaveLength(1);
  });

  test('that is gone fails an update, and is reported by the drift monitor', async () => {
    setup = new StreamSettingSetup(setting);
    const arn = setup.stream();
    const resource = setup.resource('R');
    await resource.create(on(arn, first));
    setup.edit(arn, { delete: true });
    expect((await setup.driftOf([resource])).drifted[0]).toMatchObject({ driftStatus: 'DELETED' });
    expect((await failure(setup.resource('R').update(on(arn, second)))).message).toBe(`R: stream: there is no ${arn}`);
  });

  test('whose setting was removed out of band is reported as deleted', async () => {
    setup = new StreamSettingSetup(setting);
    const arn = setup.stream();
    const resource = setup.resource();
    await resource.create(on(arn, first));
    await setup.clock.sleep(30_000);
    setup.edit(arn, { [setting]: null });
    expect((await setup.driftOf([resource])).drifted[0]).toMatchObject({ driftStatus: 'DELETED' });
  });

  test('that has more tags than one page', async () => {
    setup = new StreamSettingSetup(setting, { tagPageSize: 1 });
    const arn = setup.stream();
    setup.edit(arn, { tags: { a: '1', b: '2', z: '3' } });
    const resource = setup.resource();
    await resource.create(on(arn, first));
    await resource.delete();
    expect(setup.streamState(arn).tags).toEqual({ a: '1', b: '2', z: '3' });
  });

  test('that reads show late is created, updated, and deleted', async () => {
    setup = new StreamSettingSetup(setting);
    const arn = setup.stream();
    const resource = setup.resource();
    setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 8_000 });
    await resource.create(on(arn, first));
    await setup.clock.sleep(30_000);
    await resource.update(on(arn, second));
    expect(setup.streamState(arn)[setting]).toEqual(secondOnWire);
    await setup.clock.sleep(30_000);
    await resource.delete();
    expect([setup.streamState(arn)[setting], setup.ownerTags(arn)]).toEqual([undefined, {}]);
  });
});

describe('image generation', () => {
  let setup: StreamSettingSetup;
  afterEach(() => setup.stop());
  const on = (StreamArn: string, more: Properties = {}) => ({ StreamArn, SamplingInterval: 3000, Destination: 's3://images', DestinationRegion: REGION, ...more });

  test('of PNG has no quality', async () => {
    setup = new StreamSettingSetup('imageGeneration');
    const arn = setup.stream();
    await setup.resource().create(on(arn, { Format: 'PNG' }));
    expect(setup.streamState(arn).imageGeneration).toEqual({
      Status: 'ENABLED',
      Format: 'PNG',
      ImageSelectorType: 'PRODUCER_TIMESTAMP',
      SamplingInterval: 3000,
      DestinationConfig: { Uri: 's3://images', DestinationRegion: REGION },
    });
  });

  test('of which the service fills in the dimensions is accepted', async () => {
    setup = new StreamSettingSetup('imageGeneration', { imageGenerationDefaults: { WidthPixels: 1280, HeightPixels: 720 } });
    const arn = setup.stream();
    await setup.resource().create(on(arn));
    expect(setup.streamState(arn).imageGeneration).toMatchObject({ WidthPixels: 1280, HeightPixels: 720 });
  });

  test('whose destination is too long to be remembered can\'t be renamed, and the error says so', async () => {
    setup = new StreamSettingSetup('imageGeneration');
    const arn = setup.stream();
    const Destination = `s3://images/${Array.from({ length: 36 }, (_, at) => (at * 7919 + 46656).toString(36)).join('')}${'-camera'.repeat(10)}`;
    await setup.resource('Old').create(on(arn, { Destination }));
    const failed = await failure(setup.resource('New').create(on(arn)));
    expect(failed.message).toContain('the former configuration is too long to be remembered');
    expect(setup.streamState(arn).imageGeneration).toMatchObject({ DestinationConfig: { Uri: Destination } });
  });

  test.each<[string, Properties, string]>([
    ['an ARN that isn\'t a stream', { StreamArn: 'arn:aws:kinesisvideo:us-east-1:123456789012:channel/a/1' }, 'stream: must be the ARN of a Kinesis video stream'],
    ['a format that doesn\'t exist', { Format: 'GIF' }, 'format: must be JPEG or PNG, got "GIF"; leave it out for JPEG'],
    ['a selector that doesn\'t exist', { ImageSelectorType: 'LAST' }, 'imageSelectorType: must be PRODUCER_TIMESTAMP or SERVER_TIMESTAMP, got "LAST"'],
    ['an interval below 200 ms', { SamplingInterval: 199 }, 'samplingInterval: must be a whole number of milliseconds from 200 to 2147483647, got 199'],
    ['a quality of 0', { JpegQuality: 0 }, 'jpegQuality: must be a whole number from 1 to 100, got 0; leave it out for 80'],
    ['a quality of 101', { JpegQuality: 101 }, 'jpegQuality: must be a whole number from 1 to 100, got 101; leave it out for 80'],
    ['a quality of PNG', { Format: 'PNG', JpegQuality: 80 }, 'jpegQuality: is a setting of JPEG images, got one with format PNG; leave it out, or use JPEG'],
    ['a width of 3841', { WidthPixels: 3841 }, 'widthPixels: must be a whole number from 1 to 3840, got 3841; leave it out for the width of the stream'],
    ['a height of 2161', { HeightPixels: 2161 }, 'heightPixels: must be a whole number from 1 to 2160, got 2161; leave it out for the height of the stream'],
    ['a destination that isn\'t in S3', { Destination: 'https://images' }, 'bucket: the destination must be s3://BUCKET or s3://BUCKET/PREFIX, got "https://images"'],
    ['an asterisk', { Destination: 's3://images/a*' }, 'keyPrefix: may not hold *, got "a*"; choose another'],
    ['256 characters', { Destination: `s3://images/${'a'.repeat(244)}` }, 'keyPrefix: s3://BUCKET/PREFIX must have at most 255 characters, got at least 256; use a shorter prefix'],
    ['a bucket in another region', { DestinationRegion: 'eu-west-1' }, 'bucket: must be in the region of the stream (us-east-1), got a bucket in eu-west-1; use a bucket there'],
  ])('with %s fails before any call', async (_, more, message) => {
    setup = new StreamSettingSetup('imageGeneration');
    expect((await failure(setup.resource().create(on(setup.stream(), more)))).message).toContain(message);
    expect(setup.calls()).toEqual([]);
  });
});

describe('notification', () => {
  test.each<[string, string, string]>([
    ['an ARN that isn\'t a topic', 'arn:aws:sqs:us-east-1:123456789012:queue', 'topic: must be the ARN of an SNS topic'],
    ['a FIFO topic', `${TOPIC}.fifo`, `topic: must be a standard topic, got the FIFO topic ${TOPIC}.fifo; Kinesis Video Streams does not support FIFO topics`],
    ['a topic with a long name', `${TOPIC}${'a'.repeat(256 - TOPIC.length)}`, 'topic: its ARN must have at most 255 characters, got 256; use a topic with a shorter name'],
  ])('to %s fails before any call', async (_, TopicArn, message) => {
    const setup = new StreamSettingSetup('notification');
    expect((await failure(setup.resource().create({ StreamArn: setup.stream(), TopicArn }))).message).toContain(message);
    expect(setup.calls()).toEqual([]);
    await setup.stop();
  });
});
