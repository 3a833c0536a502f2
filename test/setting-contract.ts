import type { ResourceFailed, StackResource } from './cloudformation';
import { type HandlerSetup, OTHER_REGION, STACK_ID, stackId } from './handler-setup';

export type Properties = Record<string, unknown>;

/** One setting of a parent: its operations, and the documents with which the tests deploy it. */
export interface SettingCase {
  readonly setting: string;
  readonly noun: string;
  readonly put: string;
  readonly get: string;
  /** The operation that removes the setting. */
  readonly clear: string;
  /** The key of the owner tag. */
  readonly tag: string;
  /** The properties of a deployment and of its change, without the parent, and what the service then has. */
  readonly first: Properties;
  readonly firstOnWire: unknown;
  readonly second: Properties;
  readonly secondOnWire: unknown;
  /** Set up in the console. */
  readonly foreign: Properties;
  /** What the service has after the removal. */
  readonly cleared: unknown;
}

/** A setup with parents of one kind. */
export interface ParentSetup extends Pick<HandlerSetup, 'calls' | 'clock' | 'counting' | 'driftOf' | 'emulator' | 'mutations' | 'stop'> {
  resource(logicalId?: string, stack?: string): StackResource;
  /** The tags of the library on the parent. */
  ownerTags(arn: string): Record<string, string>;
  edit(resource: string, change: Properties): void;
}

/** A parent as the emulator has it. */
export type ParentState = Properties & { readonly tags: Record<string, string> };

/** What the settings of one kind of parent have in common. */
export interface SettingDomain<Setup extends ParentSetup> {
  /** For messages, for example "voice connector", and the construct property that names the parent. */
  readonly parent: { readonly noun: string; readonly option: string };
  readonly setup: (setting: string) => Setup;
  /** Creates a parent as CloudFormation does, and returns its ARN. */
  readonly create: (setup: Setup, region?: string) => string;
  readonly state: (setup: Setup, arn: string) => ParentState;
  /** The ARN of a parent that doesn't exist. */
  readonly missing: (arn: string) => string;
  readonly properties: (setting: string, arn: string, properties: Properties) => Properties;
  readonly attributes: (setup: Setup, arn: string) => Record<string, string>;
  readonly untagCommand: (arn: string, tag: string) => string;
  /** The operations of the tags. */
  readonly tags: { readonly set: string; readonly list: string };
  /** The mutations of a move, after those of the create. */
  readonly move: (one: SettingCase) => string[];
  /** The errors with which the service rejects a document. */
  readonly rejections: readonly string[];
  /** Errors that don't last, and the operations that return them. */
  readonly errors: readonly (readonly [name: string, status: number])[];
  readonly failing: (one: SettingCase) => string[];
}

export const NEIGHBOUR = stackId('Neighbour', '2');

export const failure = (promise: Promise<unknown>): Promise<ResourceFailed> => promise.then(() => { throw new Error('did not fail'); }, (error) => error);

/** The promises that every setting of a parent keeps, whatever its service. */
export function describeSettingContract<Setup extends ParentSetup>(domain: SettingDomain<Setup>, one: SettingCase): void {
  const { parent, tags, rejections } = domain;
  const { setting, noun, put, get, clear, tag, first, firstOnWire, second, secondOnWire, foreign, cleared } = one;
  let setup: Setup;
  let arn: string;
  beforeEach(() => {
    setup = domain.setup(setting);
    arn = domain.create(setup);
  });
  afterEach(() => setup.stop());

  const parentState = (of = arn) => domain.state(setup, of);
  const state = (of = arn) => parentState(of)[setting];
  const on = (of: string, properties: Properties) => domain.properties(setting, of, properties);
  const edit = (value: Properties | null, more: object = {}) => setup.edit(arn, { [setting]: value, ...more });
  const isCleared = (of = arn) => expect([state(of) ?? cleared, setup.ownerTags(of)]).toEqual([cleared, {}]);

  describe('create', () => {
    test('puts the whole document, reads it back, and marks the owner', async () => {
      const { physicalId, attributes } = await setup.resource().create(on(arn, first));
      expect(physicalId).toBe(arn);
      expect(attributes).toEqual(domain.attributes(setup, arn));
      expect(state()).toEqual(firstOnWire);
      expect(setup.ownerTags(arn)).toEqual({ [tag]: expect.stringMatching(new RegExp(`^${STACK_ID}/[0-9a-f]{16}$`)) });
      expect(setup.mutations()).toEqual([tags.set, put]);
      expect(setup.calls(get)).toHaveLength(2);
    });

    test('puts every property', async () => {
      await setup.resource().create(on(arn, second));
      expect(state()).toEqual(secondOnWire);
    });

    test(`goes to the region of the ${parent.noun}`, async () => {
      await setup.resource().create(on(domain.create(setup, OTHER_REGION), first));
      expect(setup.calls().every(({ region }) => region === OTHER_REGION)).toBe(true);
    });

    test(`fails after a minute if there is no such ${parent.noun}`, async () => {
      const missing = domain.missing(arn);
      const began = setup.clock.now();
      const failed = await failure(setup.resource('R').create(on(missing, first)));
      expect(failed.message).toBe(`R: ${parent.option}: there is no ${missing}`);
      expect(setup.clock.now() - began).toBeGreaterThanOrEqual(60_000);
    });

    test.each(rejections)('fails at once if the service rejects the document with %s, and the Delete that follows removes the claim', async (error) => {
      setup.emulator.addFault({ kind: 'error', error, message: 'Refused', status: 400, operation: put, times: 1 });
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

    test.each([put, get, tags.set, tags.list])('succeeds although the response of %s is lost', async (operation) => {
      setup.emulator.addFault({ kind: 'lostResponse', operation, times: 1 });
      await setup.resource().create(on(arn, first));
      expect(state()).toEqual(firstOnWire);
    });

    test(`fails for a ${parent.noun} of another account, and asks the service nothing`, async () => {
      const failed = await failure(setup.resource().create(on(arn.replace(/:\d{12}:/, ':210987654321:'), first)));
      expect(failed.message).toContain(`${parent.option}: must be in the stack's own account (123456789012)`);
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
      const before = parentState();
      const failed = await failure(setup.resource().create(on(arn, { ...first, AdoptExisting: true })));
      expect(failed.message).toContain(`belongs to the stack ${NEIGHBOUR} by the ${parent.noun}'s tag ${tag}`);
      expect(failed.message).toContain(domain.untagCommand(arn, tag));
      expect(parentState()).toEqual(before);
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
      expect(parentState().tags).toMatchObject({ team: 'them', [tag]: expect.stringContaining(STACK_ID) });
    });

    test('fails if another stack has tagged the settings, and changes nothing', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      setup.edit(arn, { tags: { [tag]: `${NEIGHBOUR}/0123456789abcdef` } });
      const before = parentState();
      expect((await failure(resource.update(on(arn, second)))).message).toContain('Neighbour');
      expect(parentState()).toEqual(before);
    });

    test(`moves to another ${parent.noun}: configures the new one, then clears the old one`, async () => {
      const other = domain.create(setup);
      const resource = setup.resource();
      await resource.create(on(arn, first));
      expect((await resource.update(on(other, second))).physicalId).toBe(other);
      expect(state(other)).toEqual(secondOnWire);
      isCleared();
      expect(setup.mutations().slice(2)).toEqual(domain.move(one));
    });

    test.each(['new', 'old'] as const)('that moved is rolled back by an Update with the %s ID', async (form) => {
      const other = domain.create(setup);
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
      expect(parentState().tags).toEqual({ team: 'them' });
    });

    test('twice leaves what was put out of band in between', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      await resource.delete();
      edit(foreign);
      await resource.delete();
      expect(state()).toEqual(foreign);
    });

    test('succeeds if the settings are gone', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      edit(null);
      await resource.delete();
      isCleared();
    });

    test(`succeeds if the ${parent.noun} is gone`, async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      setup.edit(arn, { delete: true });
      await resource.delete();
      expect(() => parentState()).toThrow(arn);
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
      // A status that a Put changed for a while is what it was.
      await setup.clock.sleep(30_000);
      const before = parentState();
      await setup.resource().delete(arn, on(arn, first));
      expect(parentState()).toEqual(before);
    });

    test('ends although the response is lost', async () => {
      const resource = setup.resource();
      await resource.create(on(arn, first));
      setup.emulator.addFault({ kind: 'lostResponse', operation: clear, times: 3 });
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
    const cases = domain.errors.flatMap(([error, status]) => domain.failing(one).map((operation) => ({ error, status, operation })));

    test.each(cases)('$error of $operation a few times fails neither create nor delete', async ({ error, status, operation }) => {
      const resource = setup.resource();
      setup.emulator.addFault({ kind: 'error', error, status, operation, times: 4 });
      await resource.create(on(arn, first));
      expect(state()).toEqual(firstOnWire);
      setup.emulator.removeFaults();
      setup.emulator.addFault({ kind: 'error', error, status, operation, times: 4 });
      await resource.delete();
      isCleared();
    });

    test('a denied Put fails after a minute', async () => {
      setup.emulator.addFault({ kind: 'accessDenied', operation: put });
      const began = setup.clock.now();
      expect((await failure(setup.resource().create(on(arn, first)))).message).toContain('AccessDeniedException: ');
      expect(setup.clock.now() - began).toBeGreaterThanOrEqual(60_000);
    });
  });

  test('the drift monitor reports settings that were changed, or lost their owner', async () => {
    const resource = setup.resource();
    await resource.create(on(arn, first));
    expect(await setup.driftOf([resource])).toMatchObject({ drifted: [], unobserved: [] });
    edit(foreign);
    expect((await setup.driftOf([resource])).drifted[0]).toMatchObject({ driftStatus: 'MODIFIED' });
    setup.edit(arn, { replaceTags: {} });
    expect(JSON.stringify((await setup.driftOf([resource])).drifted)).toContain(`Tags/${tag}`);
    expect(setup.mutations()).toEqual([tags.set, put]);
  });
}

