import { failureOf, Invocation, OTHER, OTHER_STACK, OWNER, ownerFor, SAME_STACK } from './invocation';
import { type Desired, type Lamp, ToyLamp } from './toy-owned-resource';
import { error, ToyService } from './toy-service';
import { isOutcomeUnknown, TerminalError, TransientError } from '../../lambda/engine/error-classes';
import type { OnEventOutcome, OrphanSearch, Properties, Request } from '../../lambda/engine/lifecycle';
import { isCreatedBy, type OwnedResource, OwnedResourceHandler, type SearchOptions } from '../../lambda/engine/owned-resource';
import { creationOf, generatedName, hashOf, type Owner, ownerTags, unconfirmedId } from '../../lambda/engine/ownership';
import type { TimeBudget } from '../../lambda/engine/time-budget';

type Declaration = OwnedResource<Desired, Lamp, Lamp, Lamp>;

/** What differs from the toy lamp, from an invocation long after onEvent, and in the request. */
interface Circumstances extends Partial<Request> {
  readonly more?: Partial<Declaration>;
  readonly budget?: TimeBudget;
}

const REGION = 'us-east-1';
const INVENTED = 'Home-Toy-1ABCDEFGHIJKL';
const GENERATED = generatedName(OWNER, 64).name;
/** The same resource in an earlier request. */
const EARLIER = ownerFor('Toy', OWNER.stackId, 'earlier');

let invocation: Invocation;
let service: ToyService;
beforeEach(() => {
  invocation = new Invocation();
  service = new ToyService();
});

const declarationOf = (more: Partial<Declaration> = {}): ToyLamp => Object.assign(new ToyLamp(service), more);
const handlerOf = (more?: Partial<Declaration>) => new OwnedResourceHandler(declarationOf(more));
const withName = (more: Partial<NonNullable<Declaration['uniqueName']>>): Partial<Declaration> => ({ uniqueName: { ...new ToyLamp(service).uniqueName, ...more } });
const createOnly = (name?: string, region = REGION) => ({ name, region });
const tagsFor = (owner: Owner, name?: string, retained = false) => ownerTags(owner, { ...creationOf(owner, createOnly(name)), retained });
const requestOf = (properties: Properties = {}, more: Partial<Request> = {}) => invocation.request({ properties: { Color: 'red', ...properties }, ...more });

/** Adds a lamp to the service, unowned unless tags are given. */
function add(name: string, tags: Record<string, string> = {}, more: Partial<Lamp> = {}): string {
  const id = `lamp/${REGION}/${name}/${service.lamps.size}`;
  service.lamps.set(id, { id, name, color: 'red', tags: { ...tags }, ...more });
  return id;
}

describe('a create', () => {
  const create = (properties: Properties = {}, more?: Partial<Declaration>, budget = invocation.budget(0, 150)) =>
    handlerOf(more).create(requestOf(properties), budget);
  const lampOf = ({ physicalId }: OnEventOutcome) => service.lamps.get(physicalId)!;

  test('gives the resource a generated name, the user\'s tags, and the owner tags', async () => {
    const outcome = await create({ Tags: [{ Key: 'room', Value: 'hall' }] });
    expect(Object.keys(outcome)).toEqual(['physicalId']);
    expect(lampOf(outcome)).toMatchObject({ name: GENERATED, tags: { room: 'hall', ...tagsFor(OWNER) } });
    expect(service.calls).toEqual(['create']);
  });

  test('gives it the fixed name', async () => {
    expect(lampOf(await create({ LampName: 'desk' }))).toMatchObject({ name: 'desk', tags: tagsFor(OWNER, 'desk') });
  });

  test('gives it the tags of the declaration, which user tags do not replace', async () => {
    const creationTags = jest.fn(() => ({ replaces: 'other' }));
    expect(lampOf(await create({ Tags: [{ Key: 'replaces', Value: 'mine' }] }, { creationTags })).tags).toEqual({ replaces: 'other', ...tagsFor(OWNER) });
    expect(creationTags.mock.calls).toMatchObject([[{ color: 'red' }, { owner: OWNER }]]);
  });

  test('finds the resource of an earlier delivery', async () => {
    expect(await create({}, { findRecorded: async ({ color }, { request: { owner } }) => `${color} of ${owner.logicalId}` })).toEqual({ physicalId: 'red of Toy' });
    expect(service.calls).toEqual([]);
    expect(lampOf(await create({}, { findRecorded: async () => undefined })).name).toBe(GENERATED);
  });

  test('can look for resources of this owner', async () => {
    const id = add(GENERATED, tagsFor(OWNER));
    add(`${GENERATED}-other`, tagsFor(SAME_STACK));
    const found: string[] = [];
    await create({}, {
      create: async (_, __, search) => {
        found.push(...(await search(REGION, {})).map(({ listed }) => listed.id));
        return { physicalId: 'created' };
      },
    });
    expect(found).toEqual([id]);
  });

  test('hands on a failure after the creation', async () => {
    const outcome = { physicalId: 'lamp/us-east-1/desk/1', failure: 'too bright' };
    expect(await create({}, { create: async () => outcome })).toEqual(outcome);
  });

  test('of an unknown outcome says so', async () => {
    service.faults.set('create', { name: 'Busy', isDone: true, times: 1 });
    expect(isOutcomeUnknown(await failureOf(create()))).toBe(true);
  });

  describe('of a name in use', () => {
    const taken = (id: string) => `lampName: "desk" is taken in us-east-1 by ${id}`;
    const ELSEWHERE = 'choose another name, or leave it out for a generated one';
    const desk = { LampName: 'desk' };

    test('waits until the resource is found', async () => {
      add('desk');
      const thrown = await failureOf(create(desk, withName({ find: async () => undefined })));
      expect(thrown).toBeInstanceOf(TransientError);
      expect(thrown.message).toBe('the name desk is in use, but no lamp of it is found yet');
    });

    test('waits until a resource that is being deleted is gone', async () => {
      const id = add('desk', tagsFor(OWNER, 'desk'), { deleting: true });
      const thrown = await failureOf(create(desk));
      expect(thrown).toBeInstanceOf(TransientError);
      expect(thrown.message).toBe(`${id}, which has the name, is being deleted`);
    });

    test('finds the resource of an earlier delivery', async () => {
      const id = add('desk', tagsFor(OWNER, 'desk'));
      expect(await create(desk)).toEqual({ physicalId: id });
      expect(service.calls).toEqual(['create']);
    });

    test('adopts the resource of an earlier request', async () => {
      const id = add('desk', { ...tagsFor(EARLIER, 'desk', true), room: 'hall' });
      expect(await create({ ...desk, Tags: [{ Key: 'room', Value: 'attic' }] }, { creationTags: () => ({ replaces: 'other' }) })).toEqual({ physicalId: id });
      expect(service.lamps.get(id)!.tags).toEqual({ ...tagsFor(OWNER, 'desk'), replaces: 'other', room: 'hall' });
    });

    test('adopts a resource without an owner on request only', async () => {
      const id = add('desk');
      const thrown = await failureOf(create(desk));
      expect(thrown).toBeInstanceOf(TerminalError);
      expect(thrown.message).toBe(`${taken(id)}, which has no owner tag; ${ELSEWHERE}, or set adoptExisting to adopt that lamp`);
      expect(service.lamps.get(id)!.tags).toEqual({});
      expect(await create({ ...desk, AdoptExisting: 'true' })).toEqual({ physicalId: id });
      expect(service.lamps.get(id)!.tags).toEqual(tagsFor(OWNER, 'desk'));
    });

    test.each([['without an owner', {}], ['of an earlier request', tagsFor(EARLIER, 'desk')]])('adopts no resource %s that does not match', async (_, tags) => {
      const id = add('desk', tags);
      const mismatch = jest.fn(() => 'it is blue');
      const thrown = await failureOf(create({ ...desk, AdoptExisting: 'true' }, withName({ mismatch })));
      expect(thrown).toBeInstanceOf(TerminalError);
      expect(thrown.message).toBe(`${taken(id)}; it cannot be adopted, because it is blue`);
      expect(service.lamps.get(id)!.tags).toEqual(tags);
      expect(mismatch.mock.calls).toMatchObject([[{ id }, { color: 'red' }]]);
    });

    test('leaves a resource of another stack, and names that stack', async () => {
      const id = add('desk', tagsFor(OTHER, 'desk'));
      const thrown = await failureOf(create({ ...desk, AdoptExisting: 'true' }));
      expect(thrown).toBeInstanceOf(TerminalError);
      expect(thrown.message).toBe(`${taken(id)}, which belongs to the stack ${OTHER_STACK}; ${ELSEWHERE}. `
        + `If that stack is gone, free the lamp with \`toy untag ${id}\` and set adoptExisting`);
      expect(service.lamps.get(id)!.tags).toEqual(tagsFor(OTHER, 'desk'));
    });

    test('leaves another resource of this stack', async () => {
      const id = add('desk', tagsFor(SAME_STACK, 'desk'));
      const thrown = await failureOf(create({ ...desk, AdoptExisting: 'true' }));
      expect(thrown).toBeInstanceOf(TerminalError);
      expect(thrown.message).toBe(`${taken(id)}, another resource of this stack; ${ELSEWHERE}. A renamed construct cannot keep a fixed name in one deployment`);
      expect(service.lamps.get(id)!.tags).toEqual(tagsFor(SAME_STACK, 'desk'));
    });

    test('waits for the owner tags until the read lag is over', async () => {
      const id = add('desk');
      const adopt = (elapsed: number) => create({ ...desk, AdoptExisting: 'true' }, { tagsOf: async () => undefined }, invocation.budget(elapsed));
      const thrown = await failureOf(adopt(9.9));
      expect(thrown).toBeInstanceOf(TransientError);
      expect(thrown.message).toBe(`${id} is listed, and its owner tags may not be readable yet`);
      expect(await adopt(10)).toEqual({ physicalId: id });
    });
  });
});

describe('an update', () => {
  const update = (
    physicalId: string, properties: Properties, oldProperties: Properties, more?: Partial<Declaration>, budget = invocation.budget(20, 150),
  ) => handlerOf(more).update(requestOf(properties, { physicalId, oldProperties: { Color: 'red', ...oldProperties } }), budget);
  const searchFor = (name: string | undefined, except: string): OrphanSearch => ({ region: REGION, attempted: hashOf(createOnly(name)), except });
  const replacementOf = (name: string) => [...service.lamps.values()].find((lamp) => lamp.name === name)!.id;

  test('keeps a resource that has the desired create-only properties', async () => {
    const id = add('desk', tagsFor(EARLIER, 'desk'));
    expect(await update(id, { LampName: 'desk' }, { LampName: 'desk' })).toEqual({ physicalId: id, sweep: undefined });
    expect(service.calls).toEqual(['describe']);
  });

  test('looks for the orphan of a rolled-back replacement', async () => {
    const id = add('desk', tagsFor(EARLIER, 'desk'));
    expect(await update(id, { LampName: 'desk' }, { LampName: 'shelf' })).toEqual({ physicalId: id, sweep: searchFor('shelf', id) });
  });

  describe('of a resource that has other create-only properties', () => {
    let id: string;
    beforeEach(() => { id = add('desk', tagsFor(EARLIER, 'desk')); });
    const toShelf = (more?: Partial<Declaration>, properties: Properties = {}, budget?: TimeBudget) =>
      update(id, { LampName: 'shelf', ...properties }, { LampName: 'desk' }, more, budget);

    test('creates a replacement', async () => {
      const prepareReplacement = jest.fn(async () => { service.calls.push('prepare'); });
      expect(await toShelf({ prepareReplacement })).toEqual({ physicalId: replacementOf('shelf') });
      expect(prepareReplacement.mock.calls).toMatchObject([[{ id }, { createOnly: { name: 'shelf' } }, { request: { physicalId: id } }]]);
      expect(service.calls).toEqual(['describe', 'list', 'prepare', 'create']);
    });

    test('needs no preparation', async () => {
      expect(await toShelf()).toEqual({ physicalId: replacementOf('shelf') });
    });

    test('is refused by the declaration before anything is created', async () => {
      const refusal = await failureOf(toShelf({ prepareReplacement: async () => { throw new TerminalError('two lamps cannot have one name'); } }));
      expect(refusal.message).toBe('two lamps cannot have one name');
      expect(service.lamps.size).toBe(1);
    });

    test('finds the replacement of an earlier delivery', async () => {
      const prepareReplacement = jest.fn();
      expect(await toShelf({ findRecorded: async () => 'lamp/us-east-1/created/1', prepareReplacement }))
        .toEqual({ physicalId: 'lamp/us-east-1/created/1', sweep: searchFor('desk', id) });
      expect(prepareReplacement).not.toHaveBeenCalled();
      await toShelf({ findRecorded: async () => undefined });
      expect(replacementOf('shelf')).toBeDefined();
    });

    test('finds a resource that has the desired ones, the newest of several', async () => {
      add('shelf', tagsFor(EARLIER, 'shelf'), { createdAt: 1 });
      const newest = add('shelf', tagsFor(EARLIER, 'shelf'), { createdAt: 3 });
      add('shelf', tagsFor(EARLIER, 'shelf'), { createdAt: 2 });
      add('shelf', tagsFor(EARLIER, 'shelf'));
      const findRecorded = jest.fn();
      expect(await toShelf({ findRecorded })).toEqual({ physicalId: newest, sweep: searchFor('desk', id) });
      expect(findRecorded).not.toHaveBeenCalled();
      expect(service.calls).toEqual(['describe', 'list']);
    });

    test.each([
      ['that are being deleted', tagsFor(EARLIER, 'shelf'), { deleting: true }],
      ['with other create-only properties', tagsFor(EARLIER, 'table'), {}],
      ['of another resource of this stack', tagsFor(SAME_STACK, 'shelf'), {}],
      ['that are retained', tagsFor(EARLIER, 'shelf', true), {}],
    ])('takes none of the resources %s', async (_, tags, more) => {
      add('shelf', tags, more);
      expect(await toShelf({ create: async () => ({ physicalId: 'created' }) })).toEqual({ physicalId: 'created' });
    });

    test('takes a retained resource if it is to be retained', async () => {
      const retained = add('shelf', tagsFor(EARLIER, 'shelf', true));
      expect(await toShelf({}, { Retain: 'true' })).toMatchObject({ physicalId: retained });
    });

    test('takes a resource of this request, unless the declaration finds such resources', async () => {
      const own = add('shelf', tagsFor(OWNER, 'shelf'));
      expect(await toShelf()).toMatchObject({ physicalId: own });
      expect(await toShelf({ findRecorded: async () => 'created' })).toMatchObject({ physicalId: 'created' });
    });

    test('waits for a complete list until the read lag is over', async () => {
      const other = add('table', tagsFor(SAME_STACK, 'table'));
      const staleList = { search: async () => [service.lamps.get(other)!] };
      const thrown = await failureOf(toShelf(staleList, {}, invocation.budget(9.9)));
      expect(thrown).toBeInstanceOf(TransientError);
      expect(thrown.message).toBe(`${id} is not listed, so there may be more`);
      expect(await toShelf(staleList, {}, invocation.budget(10))).toEqual({ physicalId: replacementOf('shelf') });
    });

    test.each(['alone', 'and another one'])('needs no wait if the list has the current resource %s', async (more) => {
      const listed = [id, ...more === 'alone' ? [] : [add('table', tagsFor(SAME_STACK, 'table'))]];
      const search = async () => listed.map((one) => service.lamps.get(one)!);
      expect(await toShelf({ search }, {}, invocation.budget())).toEqual({ physicalId: replacementOf('shelf') });
    });

    test('expects the current resource only in the list of its region', async () => {
      const createOnlyOf = ({ LampName }: Properties) => createOnly(LampName as string, LampName === 'shelf' ? 'eu-west-1' : REGION);
      const elsewhere = { search: async () => [], createOnlyOf };
      expect(await toShelf(elsewhere, {}, invocation.budget())).toEqual({ physicalId: replacementOf('shelf') });
    });

    test('searches by the generated name, and by the fixed names of both sets of properties', async () => {
      const search = jest.fn(async (_region: string, _names: object) => [...service.lamps.values()]);
      const { prefix } = generatedName(OWNER, 64);
      await toShelf({ search });
      await update(id, { LampName: 'shelf' }, { LampName: 'shelf' }, { search, isDesired: () => false, create: async () => ({ physicalId: 'created' }) });
      await update(id, {}, {}, { search, isDesired: () => false, create: async () => ({ physicalId: 'created' }) });
      expect(search.mock.calls.map(([region, names]) => [region, names])).toEqual([
        [REGION, { prefix, fixed: ['shelf', 'desk'] }], [REGION, { prefix, fixed: ['shelf'] }], [REGION, { prefix, fixed: [] }],
      ]);
    });
  });

  describe('of a resource that is not found', () => {
    const LOST = `lamp/${REGION}/desk/9`;

    test('waits for it until the read lag is over', async () => {
      expect(await update(LOST, {}, {}, {}, invocation.budget(8))).toEqual({ physicalId: replacementOf(GENERATED), sweep: undefined });
      expect(service.calls).toEqual(['describe', 'describe', 'describe', 'list', 'create']);
      expect(invocation.waited).toBe(2);
    });

    test('waits no longer than the time budget', async () => {
      await update(LOST, {}, {}, {}, invocation.budget(0, 2));
      expect(invocation.waited).toBe(2);
    });

    test('finds it meanwhile', async () => {
      let id!: string;
      invocation.whileWaiting(() => { id = add('desk', tagsFor(EARLIER, 'desk')); });
      expect(await update(`lamp/${REGION}/desk/0`, { LampName: 'desk' }, { LampName: 'desk' }, {}, invocation.budget())).toEqual({ physicalId: id, sweep: undefined });
      expect(invocation.waited).toBe(1);
    });

    test('takes one that is being deleted for none', async () => {
      const id = add('desk', tagsFor(EARLIER, 'desk'), { deleting: true });
      expect(await update(id, { LampName: 'desk' }, { LampName: 'desk' }, { create: async () => ({ physicalId: 'created' }) })).toEqual({ physicalId: 'created' });
    });

    test('takes over the replacement, which CloudFormation may not know, and looks for no other orphan than that', async () => {
      const existing = add('shelf', tagsFor(EARLIER, 'shelf'));
      expect(await update(LOST, { LampName: 'shelf' }, { LampName: 'desk' })).toEqual({ physicalId: existing, sweep: searchFor('desk', existing) });
      expect(await update(LOST, { LampName: 'table' }, { LampName: 'desk' })).toEqual({ physicalId: replacementOf('table'), sweep: searchFor('desk', replacementOf('table')) });
    });

    test('prepares no replacement', async () => {
      const prepareReplacement = jest.fn();
      await update(LOST, {}, {}, { prepareReplacement });
      expect(prepareReplacement).not.toHaveBeenCalled();
    });
  });

  test('of a resource with an ID that CloudFormation invented also looks for the orphan', async () => {
    const existing = add('shelf', tagsFor(EARLIER, 'shelf'));
    expect(await update(INVENTED, { LampName: 'shelf' }, { LampName: 'desk' })).toEqual({ physicalId: existing, sweep: searchFor('desk', INVENTED) });
    expect(await update(INVENTED, { LampName: 'table' }, { LampName: 'desk' })).toEqual({ physicalId: replacementOf('table') });
    expect(service.calls).not.toContain('describe');
  });
});

describe('reconcile', () => {
  const reconcile = (physicalId: string, properties: Properties = {}, { more, budget = invocation.budget(20), ...request }: Circumstances = {}) =>
    handlerOf(more).reconcile(requestOf(properties, { physicalId, ...request }), budget);
  const done = (name = GENERATED) => ({ attributes: { LampName: name } });

  test('of a resource that is as desired reads once, and returns its attributes', async () => {
    const attributes = jest.fn(async () => ({ Arn: 'arn' }));
    const id = add(GENERATED, tagsFor(OWNER));
    expect(await reconcile(id)).toEqual(done());
    expect(service.calls).toEqual(['describe']);
    const budget = invocation.budget(20);
    expect(await reconcile(id, {}, { more: { attributes }, budget })).toEqual({ attributes: { Arn: 'arn' } });
    expect(attributes.mock.calls).toMatchObject([[{ id }, { color: 'red' }, {}]]);
    expect((attributes.mock.calls as unknown[][])[0]![2]).toBe(budget);
  });

  test('waits for a resource that is not found, for a minute', async () => {
    const id = `lamp/${REGION}/desk/9`;
    expect(await reconcile(id, {}, { budget: invocation.budget(50.9) })).toEqual({ pending: `${id} is not found, as a lamp just created may be for a while` });
    const thrown = await failureOf(reconcile(id, {}, { budget: invocation.budget(60, 0) }));
    expect(thrown).toBeInstanceOf(TerminalError);
    expect(thrown.message).toBe(`${id} is gone: it was deleted out of band during this deployment`);
  });

  test('fails if the resource is being deleted', async () => {
    const id = add(GENERATED, tagsFor(OWNER), { deleting: true });
    const thrown = await failureOf(reconcile(id));
    expect(thrown).toBeInstanceOf(TerminalError);
    expect(thrown.message).toBe(`${id} is being deleted out of band`);
  });

  test('waits during a transition', async () => {
    const observe = jest.fn();
    const id = add(GENERATED, tagsFor(OWNER), { transition: 'CREATING' });
    expect(await reconcile(id, {}, { more: { observe } })).toEqual({ pending: `${id} is CREATING` });
    expect(observe).not.toHaveBeenCalled();
  });

  test('removes the differences: owner tags, user tags, those of the declaration, and the mark of a retained resource', async () => {
    const id = add(GENERATED, { old: 'x' }, { color: 'blue' });
    const properties = { Retain: 'true', Tags: [{ Key: 'room', Value: 'hall' }] };
    const oldProperties = { Tags: [{ Key: 'old', Value: 'x' }] };
    const step = () => reconcile(id, properties, { oldProperties });
    expect(await step()).toEqual({ pending: 'tags to remove: old' });
    expect(service.lamps.get(id)!.tags).toEqual({ old: 'x', ...tagsFor(OWNER) });
    expect(await step()).toEqual({ pending: 'tags to add: room' });
    expect(await step()).toEqual({ pending: 'color is blue, desired red' });
    expect(await step()).toEqual({ pending: 'retained is false, desired true' });
    expect(await step()).toEqual(done());
    expect(service.lamps.get(id)).toMatchObject({ color: 'red', tags: { room: 'hall', ...tagsFor(OWNER, undefined, true) } });
    expect(service.calls.filter((call) => call !== 'describe')).toEqual(['tag', 'untag', 'tag', 'update', 'tag']);
  });

  test('takes a resource of a renamed construct, whose ID CloudFormation knows', async () => {
    const id = add('desk', tagsFor(SAME_STACK, 'desk'));
    expect(await reconcile(id, { LampName: 'desk' })).toEqual(done('desk'));
    expect(service.lamps.get(id)!.tags).toEqual(tagsFor(OWNER, 'desk'));
  });

  test.each([['of its properties', 'desk', {}], ['of its former properties', 'shelf', { LampName: 'shelf' }]])('tags a resource with a fixed name %s', async (_, name, oldProperties) => {
    const id = add(name);
    expect(await reconcile(id, { LampName: 'desk' }, { oldProperties })).toEqual(done(name));
    expect(service.lamps.get(id)!.tags).toEqual(tagsFor(OWNER, 'desk'));
  });

  test('keeps a resource with its owner tag under any name', async () => {
    expect(await reconcile(add('other', tagsFor(EARLIER)))).toEqual(done('other'));
  });

  test('leaves a resource without an owner tag and a name of this resource', async () => {
    const id = add('foreign');
    const thrown = await failureOf(reconcile(id, { LampName: 'desk' }));
    expect(thrown).toBeInstanceOf(TerminalError);
    expect(thrown.message).toBe(`${id} has neither an owner tag nor a name of this resource, so it is left as it is`);
    expect(service.calls).toEqual(['describe']);
  });

  test('leaves a resource of another stack', async () => {
    const id = add(GENERATED, tagsFor(OTHER));
    const thrown = await failureOf(reconcile(id));
    expect(thrown).toBeInstanceOf(TerminalError);
    expect(thrown.message).toBe(`${id} belongs to the stack ${OTHER_STACK} by its tag cdk-rtc:stack, so it is left as it is; `
      + `if that stack is gone, free the lamp with \`toy untag ${id}\``);
    expect(service.calls).toEqual(['describe']);
  });

  test('asks the declaration whether the read may be stale', async () => {
    const id = add(GENERATED, tagsFor(OWNER));
    const staleRead = jest.fn(() => 'may not be readable yet');
    expect(await reconcile(id, {}, { more: { staleRead }, budget: invocation.budget() })).toEqual({ pending: 'may not be readable yet' });
    expect(staleRead.mock.calls).toMatchObject([[{ id }, { color: 'red' }, { physicalId: id }, undefined]]);
  });

  describe('after a rolled-back replacement', () => {
    let id: string;
    beforeEach(() => { id = add(GENERATED, tagsFor(EARLIER)); });
    const FORMER = ownerFor('Toy', OWNER.stackId, 'replacement');
    const LOOKING = { pending: 'looking for a resource that the rolled-back replacement may have left, or may still create' };
    const sweep = (more: Partial<OrphanSearch> = {}): OrphanSearch => ({ region: REGION, attempted: hashOf(createOnly('shelf')), except: id, ...more });
    const rolledBack = ({ search = sweep(), ...more }: Circumstances & { readonly search?: OrphanSearch } = {}) =>
      reconcile(id, {}, { onEventOutcome: { physicalId: id, sweep: search }, oldProperties: { LampName: 'shelf' }, ...more });

    test('deletes the orphan', async () => {
      const remove = jest.spyOn(ToyLamp.prototype, 'delete');
      const orphan = add('shelf', tagsFor(FORMER, 'shelf'));
      expect(await rolledBack()).toEqual(done());
      expect([...service.lamps.keys()]).toEqual([id]);
      expect(remove.mock.calls).toMatchObject([[{ id: orphan }, { request: { physicalId: id } }, { isOrphan: true }, {}]]);
      remove.mockRestore();
    });

    test.each([
      ['a retained resource', tagsFor(FORMER, 'shelf', true), 'shelf'],
      ['a resource with other create-only properties', tagsFor(FORMER, 'table'), 'shelf'],
      ['a resource of this request', tagsFor(OWNER, 'shelf'), 'shelf'],
      ['another resource of this stack', tagsFor(SAME_STACK, 'shelf'), 'shelf'],
    ])('leaves %s', async (_, tags, name) => {
      const other = add(name, tags);
      expect(await rolledBack({ budget: invocation.budget(180) })).toEqual(done());
      expect([...service.lamps.keys()]).toEqual([id, other]);
    });

    test('leaves the resource that CloudFormation knows, and is complete', async () => {
      const known = add('shelf', tagsFor(FORMER, 'shelf'));
      expect(await rolledBack({ search: sweep({ except: known }) })).toEqual(done());
      expect([...service.lamps.keys()]).toEqual([id, known]);
    });

    test('leaves the current resource', async () => {
      expect(await rolledBack({ search: sweep({ attempted: hashOf(createOnly()), except: 'other' }) })).toEqual(done());
      expect([...service.lamps.keys()]).toEqual([id]);
    });

    test('searches in the region of the replacement', async () => {
      const search = jest.fn(async (_region: string) => [] as Lamp[]);
      await rolledBack({ search: sweep({ region: 'eu-west-1' }), more: { search } });
      expect(search.mock.calls.map(([region]) => region)).toEqual(['eu-west-1']);
    });

    test('looks until no delivery can create it any more', async () => {
      expect(await rolledBack({ budget: invocation.budget(179.9) })).toEqual(LOOKING);
      expect(await rolledBack({ budget: invocation.budget(180) })).toEqual(done());
      expect(invocation.waited).toBe(0);
    });

    test('takes a region without the service for one without an orphan', async () => {
      const more: Partial<Declaration> = { errorClasses: { Unreachable: 'unreachable' }, search: async () => { throw error('Unreachable'); }, ...withName({ isValid: () => false }) };
      const elsewhere = sweep({ region: 'eu-west-1' });
      expect(await rolledBack({ search: elsewhere, more, budget: invocation.budget(179) })).toEqual(LOOKING);
      expect(await rolledBack({ search: elsewhere, more, budget: invocation.budget(180) })).toEqual(done());
      expect((await failureOf(rolledBack({ more, budget: invocation.budget(180) }))).name).toBe('Unreachable');
      const busy = { ...more, search: async () => { throw error('Busy'); } };
      expect((await failureOf(rolledBack({ search: elsewhere, more: busy, budget: invocation.budget(180) }))).name).toBe('Busy');
    });

    describe('that the service had to refuse', () => {
      test.each([
        ['because its name is not valid', () => withName({ isValid: (name) => name !== 'shelf' }), {}],
        ['because the current resource has its name', () => withName({ find: async () => service.lamps.get(id) }), {}],
        ['because another stack has its name', () => { add('shelf', tagsFor(OTHER)); }, { AdoptExisting: 'true' }],
        ['because another resource of this stack has its name', () => { add('shelf', tagsFor(SAME_STACK)); }, { AdoptExisting: 'true' }],
        ['because a resource without an owner has its name', () => { add('shelf'); }, {}],
      ])('waits for the read lag only, %s', async (_, prepare, oldProperties) => {
        const attempt = { more: prepare() ?? {}, oldProperties: { LampName: 'shelf', ...oldProperties } };
        const before = structuredClone(service.lamps);
        expect(await rolledBack({ ...attempt, budget: invocation.budget(4) })).toEqual(done());
        expect(invocation.waited).toBe(6);
        expect(await rolledBack({ ...attempt, budget: invocation.budget(10) })).toEqual(done());
        expect(invocation.waited).toBe(6);
        expect(await rolledBack({ ...attempt, budget: invocation.budget() })).toEqual(LOOKING);
        expect(service.lamps).toEqual(before);
      });

      test.each([
        ['a resource that was to be adopted', () => { add('shelf'); }, { AdoptExisting: 'true' }],
        ['a resource of this owner', () => { add('shelf', tagsFor(OWNER, 'shelf')); }, {}],
        ['a resource that is being deleted', () => { add('shelf', tagsFor(OTHER), { deleting: true }); }, {}],
        ['a name that no resource has', () => undefined, {}],
        ['a generated name', () => withName({ isValid: () => false }), { LampName: undefined }],
        ['names that need not be unique', () => ({ uniqueName: undefined }), {}],
      ])('not for %s', async (_, prepare, oldProperties) => {
        expect(await rolledBack({ more: prepare() ?? {}, oldProperties: { LampName: 'shelf', ...oldProperties } })).toEqual(LOOKING);
      });

      test('is searched for once more after the read lag', async () => {
        let orphan!: string;
        invocation.whileWaiting(() => { orphan = add('shelf', tagsFor(FORMER, 'shelf')); });
        expect(await rolledBack({ more: withName({ isValid: () => false }), budget: invocation.budget(4) }))
          .toEqual({ pending: `found ${orphan} of the rolled-back replacement: deleting` });
        expect([...service.lamps.keys()]).toEqual([id]);
      });
    });

    describe('whose orphan is found', () => {
      let orphan: string;
      beforeEach(() => { orphan = add('shelf', tagsFor(FORMER, 'shelf')); });

      test('waits for the deletion', async () => {
        expect(await rolledBack({ more: { delete: async () => ({ accepted: true }) } }))
          .toEqual({ pending: `found ${orphan} of the rolled-back replacement: ${orphan} is not deleted yet` });
      });

      test('waits for another one if it appears, or if no time is left to look for it', async () => {
        const another = async () => {
          add('shelf', tagsFor(FORMER, 'shelf'));
          return { gone: true } as const;
        };
        const pending = { pending: `found ${orphan} of the rolled-back replacement: deleting` };
        expect(await rolledBack({ more: { delete: another } })).toEqual(pending);
        service.lamps.delete([...service.lamps.keys()].at(-1)!);
        expect(await rolledBack({ budget: invocation.budget(20, 5) })).toEqual(pending);
      });

      test('waits for another resource while a delivery may still create one', async () => {
        const isCreationOver = jest.fn(async () => false);
        expect(await rolledBack({ more: { isCreationOver }, budget: invocation.budget(170) })).toEqual({ pending: `found ${orphan} of the rolled-back replacement: deleting` });
        expect([...service.lamps.keys()]).toEqual([id]);
        expect(isCreationOver.mock.calls).toMatchObject([[[{ listed: { id: orphan } }], { request: { physicalId: id } }, { id }]]);
        add('shelf', tagsFor(FORMER, 'shelf'));
        expect(await rolledBack({ more: { isCreationOver, delete: async () => ({ gone: true }) }, budget: invocation.budget(180) })).toEqual(done());
        expect(invocation.waited).toBe(1);
      });

      test('waits for the deletion although no delivery can create another one', async () => {
        expect(await rolledBack({ more: { isCreationOver: async () => true, delete: async () => ({ pending: 'its stream is unlinked' }) } }))
          .toEqual({ pending: `found ${orphan} of the rolled-back replacement: its stream is unlinked` });
      });

      test('is complete if no delivery can create another one', async () => {
        expect(await rolledBack({ more: { isCreationOver: async () => true }, budget: invocation.budget(0) })).toEqual(done());
      });

      test('compares the current resource first if the creation may have overwritten a part of it', async () => {
        const isCreationOver = async () => {
          service.lamps.get(id)!.color = 'blue';
          return true;
        };
        expect(await rolledBack({ more: { isCreationOver } })).toEqual({ pending: 'color is blue, desired red' });
        expect(service.lamps.size).toBe(2);
      });

      test('compares the current resource once if the creation can have overwritten nothing', async () => {
        const changes = jest.fn(async function* () {});
        await rolledBack({ more: { changes } });
        expect(changes).toHaveBeenCalledTimes(1);
      });

      test('deletes several', async () => {
        const second = add('shelf', tagsFor(FORMER, 'shelf'));
        expect(await rolledBack({ more: { delete: async (lamp) => ({ pending: `${lamp.id} is on` }) } }))
          .toEqual({ pending: `found ${orphan}, ${second} of the rolled-back replacement: ${orphan} is on; ${second} is on` });
      });
    });
  });

  describe('of a resource that this request created, if the declaration resolves uniqueness', () => {
    const findRecorded = async () => undefined;

    test('deletes the resources that other deliveries created', async () => {
      const id = add(GENERATED, tagsFor(OWNER));
      add(GENERATED, tagsFor(OWNER));
      const others = [add(GENERATED, tagsFor(EARLIER)), add(GENERATED, tagsFor(OWNER, undefined, true))];
      expect(await reconcile(id, {}, { more: { findRecorded } })).toEqual(done());
      expect([...service.lamps.keys()]).toEqual([id, ...others]);
    });

    test('searches nothing for a resource of an earlier request, or without such a declaration', async () => {
      expect(await reconcile(add(GENERATED, tagsFor(EARLIER)), {}, { more: { findRecorded } })).toEqual(done());
      expect(await reconcile(add(GENERATED, tagsFor(OWNER)))).toEqual(done());
      expect(service.calls).toEqual(['describe', 'describe']);
    });

    test('searches its own region and that of a rolled-back replacement', async () => {
      const search = jest.fn(async (_region: string) => [] as Lamp[]);
      const id = add(GENERATED, tagsFor(OWNER));
      const onEventOutcome = { physicalId: id, sweep: { region: 'eu-west-1', attempted: 'x', except: id } };
      await reconcile(id, {}, { more: { findRecorded, search }, onEventOutcome });
      const inItsRegion = { ...onEventOutcome, sweep: { ...onEventOutcome.sweep, region: REGION } };
      await reconcile(id, {}, { more: { findRecorded, search }, onEventOutcome: inItsRegion });
      expect(search.mock.calls.map(([region]) => region)).toEqual([REGION, 'eu-west-1', REGION]);
    });
  });
});

describe('delete', () => {
  const remove = (physicalId: string, { more, budget = invocation.budget(20), properties }: Circumstances = {}) =>
    handlerOf(more).delete(requestOf(properties, { physicalId }), budget);
  const GONE = { gone: true };

  test('deletes the resource and waits until it is gone', async () => {
    const id = add(GENERATED, tagsFor(EARLIER));
    expect(await remove(id)).toEqual(GONE);
    expect([service.lamps.size, service.calls, invocation.waited]).toEqual([0, ['describe', 'delete', 'describe'], 1]);
  });

  test('deletes a resource with its owner tag under any name', async () => {
    expect(await remove(add('other', tagsFor(EARLIER)))).toEqual(GONE);
    expect(service.lamps.size).toBe(0);
  });

  test('tells the declaration that the resource is no orphan, and how to search', async () => {
    const id = add(GENERATED, tagsFor(EARLIER));
    const other = add(GENERATED, tagsFor(EARLIER));
    const found: string[][] = [];
    const observe = jest.fn(async (lamp: Lamp) => lamp);
    await remove(id, {
      more: {
        observe,
        delete: async (_, { request: { physicalId } }, mode, search) => {
          const idsOf = async (options: SearchOptions) => (await search(REGION, options)).map(({ listed }) => listed.id);
          found.push([physicalId, String(mode.isOrphan)], await idsOf({}), await idsOf({ except: id }));
          return { gone: true };
        },
      },
    });
    expect(found).toEqual([[id, 'false'], [id, other], [other]]);
    expect((observe.mock.calls as unknown[][])[0]![1]).toBeUndefined();
  });

  test('waits on what the declaration waits on', async () => {
    const id = add(GENERATED, tagsFor(EARLIER));
    expect(await remove(id, { more: { delete: async () => ({ pending: 'its stream is unlinked' }) } })).toEqual({ pending: 'its stream is unlinked' });
    expect(invocation.waited).toBe(0);
  });

  test('deletes again if the service did not take the delete', async () => {
    const id = add(GENERATED, tagsFor(EARLIER));
    let calls = 0;
    const accept = async () => ({ accepted: (calls += 1) === 2 && service.lamps.delete(id) });
    expect(await remove(id, { more: { delete: accept } })).toEqual(GONE);
    expect([calls, invocation.waited]).toEqual([2, 2]);
  });

  test('deletes once if the service took the delete, and waits for it', async () => {
    const id = add(GENERATED, tagsFor(EARLIER));
    const accept = jest.fn(async () => ({ accepted: true }));
    expect(await remove(id, { more: { delete: accept } })).toEqual({ pending: `${id} is not deleted yet` });
    expect([accept.mock.calls.length, invocation.waited]).toEqual([1, 9]);
  });

  test('is complete at once if the resource is gone after the delete', async () => {
    const id = add(GENERATED, tagsFor(EARLIER));
    expect(await remove(id, { budget: invocation.budget() })).toEqual(GONE);
    expect(invocation.waited).toBe(1);
  });

  test.each([['that is being deleted', { deleting: true }, 'not deleted yet'], ['in a transition', { transition: 'UPDATING' }, 'UPDATING']])('waits for a resource %s', async (_, state, status) => {
    const id = add(GENERATED, tagsFor(EARLIER), state);
    expect(await remove(id)).toEqual({ pending: `${id} is ${status}` });
    expect(service.calls).not.toContain('delete');
  });

  test('waits for the read lag if the resource is not found', async () => {
    const id = `lamp/${REGION}/desk/9`;
    expect(await remove(id, { budget: invocation.budget(0, 5) })).toEqual({ pending: `${id} is not found, which must be so for a while` });
    expect(invocation.waited).toBe(5);
    expect(await remove(id, { budget: invocation.budget(10) })).toEqual(GONE);
    expect(invocation.waited).toBe(5);
  });

  test.each([['of another stack', GENERATED, tagsFor(OTHER)], ['without an owner tag and a name of this resource', 'foreign', {}]])('leaves a resource %s', async (_, name, tags) => {
    const id = add(name, tags);
    expect(await remove(id)).toEqual(GONE);
    expect([service.lamps.get(id)!.tags, service.calls]).toEqual([tags, ['describe']]);
  });

  test('tags a resource whose owner tags were removed, so that policies allow the delete', async () => {
    const id = add('desk');
    expect(await remove(id, { properties: { LampName: 'desk' } })).toEqual({ pending: `${id}: tagged again, to be deleted` });
    expect([service.lamps.get(id)!.tags, service.calls]).toEqual([tagsFor(OWNER, 'desk'), ['describe', 'tag']]);
  });

  describe('with an ID that CloudFormation invented', () => {
    const running = (seconds: number) => ({ pending: `found nothing; a create may still be running for ${seconds} s` });

    test('waits until no create can run any more', async () => {
      expect(await remove(INVENTED, { budget: invocation.budget(10.5) })).toEqual(running(170));
      expect(await remove(INVENTED, { budget: invocation.budget(180) })).toEqual(GONE);
      expect([service.calls, invocation.waited]).toEqual([['list', 'list'], 0]);
    });

    test('waits for the read lag if the handler gave the ID, after an unknown outcome', async () => {
      expect(await remove(unconfirmedId(OWNER), { budget: invocation.budget(9.5) })).toEqual(running(1));
      expect(await remove(unconfirmedId(OWNER), { budget: invocation.budget(10) })).toEqual(GONE);
    });

    test('deletes the resource, and is complete if no other one appears', async () => {
      add(GENERATED, tagsFor(EARLIER));
      expect(await remove(INVENTED, { budget: invocation.budget() })).toEqual(GONE);
      expect([service.lamps.size, service.calls, invocation.waited]).toEqual([0, ['list', 'describe', 'delete', 'describe', 'list'], 7]);
    });

    test('waits on if another one appears', async () => {
      const id = add(GENERATED, tagsFor(EARLIER));
      const more = {
        isCreationOver: async () => {
          add(GENERATED, tagsFor(EARLIER));
          return true;
        },
      };
      expect(await remove(INVENTED, { more })).toEqual({ pending: `found ${id}, deleting` });
    });

    test('waits on if the creation is not over', async () => {
      const id = add(GENERATED, tagsFor(EARLIER));
      const isCreationOver = jest.fn(async () => false);
      expect(await remove(INVENTED, { more: { isCreationOver } })).toEqual({ pending: `found ${id}, deleting` });
      expect(isCreationOver.mock.calls).toMatchObject([[[{ listed: { id } }], { request: { physicalId: INVENTED } }]]);
      expect(invocation.waited).toBe(1);
    });

    test('waits on if no time is left for another look', async () => {
      const id = add(GENERATED, tagsFor(EARLIER));
      expect(await remove(INVENTED, { budget: invocation.budget(0, 5) })).toEqual({ pending: `found ${id}, deleting` });
      expect(service.calls.filter((call) => call === 'list')).toHaveLength(1);
    });

    test('waits for the deletion, before it asks whether the creation is over', async () => {
      const ids = [add(GENERATED, tagsFor(EARLIER)), add(GENERATED, tagsFor(OWNER))];
      const isCreationOver = jest.fn();
      expect(await remove(INVENTED, { more: { isCreationOver, delete: async () => ({ pending: 'on' }) } })).toEqual({ pending: `found ${ids.join(', ')}, deleting` });
      expect(isCreationOver).not.toHaveBeenCalled();
    });

    test('leaves retained resources', async () => {
      add(GENERATED, tagsFor(EARLIER, undefined, true));
      expect(await remove(INVENTED, { budget: invocation.budget(180) })).toEqual(GONE);
      expect(service.lamps.size).toBe(1);
    });

    test('leaves the resources of other requests if the handler gave the ID', async () => {
      const other = add(GENERATED, tagsFor(EARLIER));
      add(GENERATED, tagsFor(OWNER));
      expect(await remove(unconfirmedId(OWNER))).toEqual(GONE);
      expect([...service.lamps.keys()]).toEqual([other]);
    });

    test('searches the region of the properties', async () => {
      const search = jest.fn(async (_region: string) => [] as Lamp[]);
      await remove(INVENTED, { more: { search, createOnlyOf: ({ LampName }) => createOnly(undefined, `region of ${LampName}`) }, properties: { LampName: 'desk' } });
      expect(search.mock.calls.map(([region]) => region)).toEqual(['region of desk']);
    });

    test('has nothing to do in a region without the service, when no create can run any more', async () => {
      const failing = (name: string): Partial<Declaration> => ({ errorClasses: { Unreachable: 'unreachable' }, search: async () => { throw error(name); } });
      expect(await remove(INVENTED, { more: failing('Unreachable'), budget: invocation.budget(180) })).toEqual(GONE);
      expect((await failureOf(remove(INVENTED, { more: failing('Unreachable'), budget: invocation.budget(179) }))).name).toBe('Unreachable');
      expect((await failureOf(remove(INVENTED, { more: failing('Busy'), budget: invocation.budget(180) }))).name).toBe('Busy');
    });
  });
});

describe('drift', () => {
  const drift = (physicalId: string, properties?: Properties) => handlerOf().detectDrift(requestOf(properties, { physicalId }), invocation.budget());

  test('is unknown if the resource does not exist, or is being deleted', async () => {
    expect(await drift(`lamp/${REGION}/desk/9`)).toBeUndefined();
    expect(await drift(add(GENERATED, tagsFor(OWNER), { deleting: true }))).toBeUndefined();
  });

  test('cannot be read during a transition', async () => {
    const id = add(GENERATED, tagsFor(OWNER), { transition: 'UPDATING' });
    const thrown = await failureOf(drift(id));
    expect(thrown).toBeInstanceOf(TransientError);
    expect(thrown.message).toBe(`${id} is UPDATING`);
  });

  test('is every difference, and changes nothing', async () => {
    const id = add('foreign', {}, { color: 'blue' });
    expect((await drift(id, { Tags: [{ Key: 'room', Value: 'hall' }] }))!.map(({ propertyPath }) => propertyPath)).toEqual(['/Tags/cdk-rtc:stack', '/Tags/room', '/Color']);
    expect(service.calls).toEqual(['describe']);
    expect(await drift(add(GENERATED, tagsFor(OWNER)))).toEqual([]);
  });
});

test('a resource is created by a request if its owner tag names the request', () => {
  const created = (tags: Record<string, string>) => isCreatedBy(invocation.request({}), { tags } as Lamp);
  expect([created(tagsFor(OWNER)), created(tagsFor(EARLIER)), created(tagsFor(SAME_STACK)), created({})]).toEqual([true, false, false, false]);
});
