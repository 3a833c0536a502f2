import { failureOf, Invocation, OTHER, OTHER_STACK, OWNER, ownerFor, SAME_STACK } from './invocation';
import { error, ToyService } from './toy-service';
import { type Dimmer, toyDimmer } from './toy-setting';
import { isOutcomeUnknown, TerminalError, TransientError } from '../../lambda/engine/error-classes';
import type { OnEventOutcome, Properties, Request } from '../../lambda/engine/lifecycle';
import { unconfirmedId } from '../../lambda/engine/ownership';
import { type Parent, type ParentSetting, ParentSettingHandler } from '../../lambda/engine/parent-setting';
import { formerTag, jsonEncoding, settingOwnerTag } from '../../lambda/engine/setting-ownership';

const [ONE, TWO] = ['arn:aws:toy:us-east-1:123456789012:lamp/one', 'arn:aws:toy:us-east-1:123456789012:lamp/two'] as const;
const INVENTED = 'Home-Dimmer-1ABCDEFGHIJKL';
const [OWNER_KEY, FORMER_KEY] = ['toy:dimmer', 'toy:dimmer-before'] as const;
const FREE = `free it with \`toy untag ${ONE}\``;

let invocation: Invocation;
let service: ToyService;
beforeEach(() => {
  invocation = new Invocation();
  service = new ToyService();
  for (const id of [ONE, TWO]) service.lamps.set(id, { id, name: id, color: 'white', tags: {} });
});

const handlerOf = (more: Partial<ParentSetting<Dimmer>> = {}) => new ParentSettingHandler({ ...toyDimmer(service), ...more });
const tagsOf = (arn: string) => service.lamps.get(arn)!.tags;
const mark = (arn: string, owner = OWNER, state?: 'retained' | 'deleting') => { tagsOf(arn)[OWNER_KEY] = settingOwnerTag(owner, state); };
const remember = (arn: string, { resource }: { readonly resource: string }, document: Dimmer) => {
  tagsOf(arn)[FORMER_KEY] = formerTag({ resource, document }, jsonEncoding());
};
const tagged = (owner = OWNER, state?: 'retained' | 'deleting') => ({ [OWNER_KEY]: settingOwnerTag(owner, state) });
const properties = (Level: number, more: object = {}) => ({ LampArn: ONE, Level: String(Level), ...more });
const create = (more: object = {}, budget = invocation.budget(0, 150), handler = handlerOf()) =>
  handler.create(invocation.request({ properties: properties(5, more) }), budget);

/** A parent whose calls can be replaced one by one. */
const parentWith = (more: (parent: Parent<Dimmer>) => Partial<Parent<Dimmer>>): Partial<ParentSetting<Dimmer>> => ({
  connect: (arn, budget, log) => {
    const parent = toyDimmer(service).connect(arn, budget, log);
    return { ...parent, ...more(parent) };
  },
});
const failing = (name: string, property: 'list' | 'set' | 'delete' = 'list') =>
  parentWith(({ tags }) => ({ tags: { ...tags, [property]: async () => { throw error(name); } } }));
/** The toy service, in a region that has none. */
const UNREACHABLE = { errorClasses: { Unreachable: 'unreachable' }, ...failing('Unreachable') } as const;

describe('a claim', () => {
  test('comes before the document', async () => {
    expect(await create()).toEqual({ physicalId: ONE, claimed: true });
    expect(service.calls).toEqual(['get', 'tag', 'put']);
    expect([tagsOf(ONE), service.dimmers.get(ONE)]).toEqual([tagged(), { level: 5 }]);
    expect(invocation.waited).toBe(0);
  });

  test('is found by a second delivery, which changes nothing', async () => {
    await create();
    service.calls.length = 0;
    expect(await create()).toEqual({ physicalId: ONE, claimed: true });
    expect(service.calls).toEqual(['get']);
  });

  test('whose document was not put is completed by a second delivery', async () => {
    mark(ONE);
    expect(await create()).toEqual({ physicalId: ONE, claimed: true });
    expect(service.calls).toEqual(['get', 'put']);
  });

  test('of a parent that moves is an update with another physical ID', async () => {
    const outcome = await handlerOf().update(invocation.request({ physicalId: TWO, properties: properties(5), oldProperties: { LampArn: TWO, Level: '5' } }), invocation.budget());
    expect(outcome).toEqual({ physicalId: ONE, claimed: true });
    expect(tagsOf(ONE)).toEqual(tagged());
  });

  test('whose tag has an unknown outcome says so', async () => {
    service.faults.set('tag', { name: 'Busy', isDone: true, times: 1 });
    expect(isOutcomeUnknown(await failureOf(create()))).toBe(true);
  });

  test('checks the access to the document first', async () => {
    const check = async () => { throw new TerminalError('the account has no access'); };
    const handler = handlerOf({ access: async (_, parent) => ({ get: () => parent.get(), put: (document) => parent.put(document), check }) });
    expect((await failureOf(create({}, undefined, handler))).message).toBe('the account has no access');
    expect(service.calls).toEqual([]);
  });

  test('puts the document by the access of the declaration', async () => {
    const put = jest.fn(async (document: Dimmer) => document);
    await create({}, undefined, handlerOf({ access: async (_, parent) => ({ get: () => parent.get(), put }) }));
    expect(put.mock.calls).toEqual([[{ level: 5, note: undefined }]]);
    expect(service.calls).toEqual(['get', 'tag']);
  });

  describe('of a parent that does not exist', () => {
    const absent = 'arn:aws:toy:us-east-1:123456789012:lamp/absent';

    test('waits a minute for it', async () => {
      const thrown = await failureOf(create({ LampArn: absent }, invocation.budget(59.9)));
      expect(thrown).toBeInstanceOf(TransientError);
      expect(thrown.message).toBe(`${absent} is not found, as a lamp just created may be for a while`);
    });

    test('then fails', async () => {
      const thrown = await failureOf(create({ LampArn: absent }, invocation.budget(60)));
      expect(thrown).toBeInstanceOf(TerminalError);
      expect(thrown.message).toBe(`lamp: there is no ${absent}`);
    });
  });

  test('of a parent that becomes visible only after the first read leaves its document', async () => {
    service.dimmers.set(ONE, { level: 1 });
    let isVisible = false;
    const visible = async <T>(read: () => Promise<T>) => {
      const found = isVisible ? await read() : undefined;
      isVisible = true;
      return found;
    };
    const handler = handlerOf(parentWith(({ get, tags }) => ({ get: () => visible(get), tags: { ...tags, list: () => visible(tags.list) } })));
    expect(await failureOf(create({}, undefined, handler))).toBeInstanceOf(TransientError);
    expect(await failureOf(create({}, undefined, handler))).toBeInstanceOf(TerminalError);
    expect([tagsOf(ONE), service.dimmers.get(ONE)]).toEqual([{}, { level: 1 }]);
  });

  describe('of a parent with a document that has no owner', () => {
    beforeEach(() => service.dimmers.set(ONE, { level: 1 }));

    test('is refused after another look', async () => {
      const thrown = await failureOf(create());
      expect(thrown).toBeInstanceOf(TerminalError);
      expect(thrown.message).toBe(`adoptExisting: the dimmer of ${ONE} is not this stack's; delete it there, or set adoptExisting to replace it`);
      expect([tagsOf(ONE), service.calls, invocation.waited]).toEqual([{}, ['get'], 5]);
    });

    test('is refused at once if no time is left', async () => {
      expect((await failureOf(create({}, invocation.budget(0, 4)))).message).toContain('is not this stack\'s');
      expect(invocation.waited).toBe(0);
    });

    test('belongs to another delivery of this request if its tag shows meanwhile', async () => {
      invocation.whileWaiting(() => mark(ONE));
      expect(await create()).toEqual({ physicalId: ONE, claimed: true });
      expect(service.calls).toEqual(['get', 'put']);
    });

    test('replaces it if it may be adopted', async () => {
      expect(await create({ AdoptExisting: 'true' })).toEqual({ physicalId: ONE, claimed: true, overwritten: [] });
      expect([tagsOf(ONE), service.dimmers.get(ONE)]).toEqual([tagged(), { level: 5 }]);
    });

    test('remembers its optional members', async () => {
      service.dimmers.set(ONE, { level: 1, note: 'evening' });
      expect(await create({ AdoptExisting: 'true' })).toEqual({ physicalId: ONE, claimed: true, overwritten: ['note'] });
    });

    test('fails if the service keeps its optional members', async () => {
      service.dimmers.set(ONE, { level: 1, note: 'evening' });
      const keeping = handlerOf(parentWith(() => ({ put: async (document) => ({ ...document, note: 'evening' }) })));
      const failure = 'the service did not take what was put: note is "evening", desired none';
      expect(await create({ AdoptExisting: 'true' }, undefined, keeping)).toEqual({ physicalId: ONE, failure });
    });

    test.each([['an empty list as no member', [], []], ['a list as a member', ['evening'], ['note']]])('counts %s', async (_, note, overwritten) => {
      service.dimmers.set(ONE, { level: 1, note: note as never });
      expect(await create({ AdoptExisting: 'true' })).toMatchObject({ overwritten });
    });

    test('takes a blank document for none', async () => {
      expect(await create({}, undefined, handlerOf({ isBlank: ({ level }) => level === 1 }))).toEqual({ physicalId: ONE, claimed: true });
      expect([service.calls, invocation.waited]).toEqual([['get', 'tag', 'put'], 0]);
    });
  });

  test('of a parent of another stack is refused', async () => {
    mark(ONE, OTHER);
    expect((await failureOf(create({ AdoptExisting: 'true' }))).message).toBe(`the dimmer of ${ONE} belongs to the stack ${OTHER_STACK} by the lamp's tag toy:dimmer, `
      + `so it is left as it is; if that stack is gone, ${FREE}`);
    expect([tagsOf(ONE), service.calls]).toEqual([tagged(OTHER), []]);
  });

  test('of a parent that this resource is deleting is refused', async () => {
    mark(ONE, OWNER, 'deleting');
    expect((await failureOf(create())).message).toBe(`${ONE} is being deleted by this very resource; if no deletion is in progress any more, ${FREE}`);
    expect(service.calls).toEqual(['get']);
  });

  describe('of a parent of another resource of this stack', () => {
    test('remembers that resource and its document', async () => {
      service.dimmers.set(ONE, { level: 1 });
      mark(ONE, SAME_STACK);
      const claim = { ...tagged(), [FORMER_KEY]: formerTag({ resource: SAME_STACK.resource, document: { level: 1 } }, jsonEncoding()) };
      expect(await create()).toEqual({ physicalId: ONE, claimed: true, claim });
      expect([tagsOf(ONE), service.dimmers.get(ONE), invocation.waited]).toEqual([claim, { level: 5 }, 0]);
    });

    test('remembers them in the encoding of the declaration', async () => {
      service.dimmers.set(ONE, { level: 1 });
      mark(ONE, SAME_STACK);
      await create({}, undefined, handlerOf({ encoding: { encode: ({ level }) => ['L', String(level)], decode: ([, level]) => ({ level: Number(level) }) } }));
      expect(tagsOf(ONE)[FORMER_KEY]).toBe(`${SAME_STACK.resource}+L+1`);
    });

    test('remembers its document although another delivery of this request replaces it between the reads', async () => {
      service.dimmers.set(ONE, { level: 1 });
      mark(ONE, SAME_STACK);
      let first: Promise<unknown> | undefined;
      const handler = handlerOf(parentWith(({ get }) => ({
        get: async () => {
          await (first ??= create());
          return get();
        },
      })));
      await create({}, undefined, handler);
      expect(tagsOf(ONE)[FORMER_KEY]).toBe(formerTag({ resource: SAME_STACK.resource, document: { level: 1 } }, jsonEncoding()));
    });

    test('remembers no retained document', async () => {
      service.dimmers.set(ONE, { level: 1 });
      mark(ONE, SAME_STACK, 'retained');
      expect(await create()).toEqual({ physicalId: ONE, claimed: true });
      expect([tagsOf(ONE), service.dimmers.get(ONE)]).toEqual([tagged(), { level: 5 }]);
    });

    test.each([undefined, 'deleting'] as const)('remembers nothing if there is no document (owner tag: %s)', async (state) => {
      mark(ONE, SAME_STACK, state);
      expect(await create()).toEqual({ physicalId: ONE, claimed: true });
      expect(tagsOf(ONE)).toEqual(tagged());
    });
  });

  describe('whose document', () => {
    test('is refused reports the failure, so that a Delete follows', async () => {
      service.faults.set('put', { name: 'Refused', isDone: false, times: 1 });
      expect(await create()).toEqual({ physicalId: ONE, failure: 'Refused: Refused of the toy service' });
      expect(tagsOf(ONE)).toEqual(tagged());
    });

    test('meets a transient error is put again by isComplete', async () => {
      service.faults.set('put', { name: 'Busy', isDone: false, times: 1 });
      expect(await create()).toEqual({ physicalId: ONE, claimed: true });
      expect(service.dimmers.has(ONE)).toBe(false);
    });

    test('is read back if the response has no body', async () => {
      const handler = handlerOf(parentWith(({ put }) => ({ put: async (document) => { await put(document); return undefined; } })));
      expect(await create({}, undefined, handler)).toEqual({ physicalId: ONE, claimed: true });
      expect(service.dimmers.get(ONE)).toEqual({ level: 5, note: undefined });
    });

    test('is taken in part reports the failure', async () => {
      const handler = handlerOf(parentWith(() => ({ put: async () => ({ level: 4 }) })));
      expect(await create({}, undefined, handler)).toEqual({ physicalId: ONE, failure: 'the service did not take what was put: level is 4, desired 5' });
    });

    test('gets an optional member from the service, which is no failure', async () => {
      const handler = handlerOf(parentWith(() => ({ put: async ({ level }) => ({ level, note: 'default' }) })));
      expect(await create({}, undefined, handler)).toEqual({ physicalId: ONE, claimed: true });
    });

    test('gets another value of a desired member, which is one', async () => {
      const handler = handlerOf(parentWith(() => ({ put: async ({ level }) => ({ level, note: 'default' }) })));
      expect(await create({ Note: 'mine' }, undefined, handler)).toEqual({ physicalId: ONE, failure: 'the service did not take what was put: note is "default", desired "mine"' });
    });
  });
});

describe('an update in place', () => {
  const update = (oldProperties: Properties) =>
    handlerOf().update(invocation.request({ physicalId: ONE, properties: properties(5), oldProperties }), invocation.budget());

  test('leaves everything to reconcile', async () => {
    expect(await update(properties(4))).toEqual({ physicalId: ONE, sweep: undefined });
    expect(service.calls).toEqual([]);
  });

  test('looks for the document of a rolled-back move', async () => {
    expect(await update({ LampArn: TWO })).toEqual({ physicalId: ONE, sweep: { region: 'us-east-1', attempted: TWO, except: ONE } });
  });

  test.each([
    ['without a parent', {}],
    ['with a parent that is none', { LampArn: 'lamp/two' }],
    ['with a parent of another account', { LampArn: 'arn:aws:toy:us-east-1:210987654321:lamp/two' }],
  ])('knows that a move %s changed nothing', async (_, oldProperties) => {
    expect((await update(oldProperties)).sweep).toBeUndefined();
  });
});

describe('reconcile', () => {
  const reconcile = (request: Partial<Request>, budget = invocation.budget(20), handler = handlerOf()) =>
    handler.reconcile(invocation.request({ physicalId: ONE, properties: properties(5), oldProperties: properties(5), ...request }), budget);
  const DONE = { attributes: { LampArn: ONE } };
  const CLAIMED: OnEventOutcome = { physicalId: ONE, claimed: true };

  describe('of a document that is as desired', () => {
    beforeEach(() => service.dimmers.set(ONE, { level: 5 }));

    test('reads only', async () => {
      mark(ONE);
      expect(await reconcile({})).toEqual(DONE);
      expect(service.calls).toEqual(['get']);
    });

    test('reads by the access of the declaration', async () => {
      mark(ONE);
      const get = jest.fn(async () => ({ level: 5 }));
      const handler = handlerOf({ access: async (_, parent) => ({ get, put: (document) => parent.put(document) }) });
      expect(await reconcile({}, undefined, handler)).toEqual(DONE);
      expect([get.mock.calls.length, service.calls]).toEqual([1, []]);
    });

    test.each([
      ['is missing', undefined, undefined],
      ['names another resource of this stack', SAME_STACK, undefined],
      ['names a retained resource of this stack', SAME_STACK, 'retained'],
      ['says that it is being deleted', OWNER, 'deleting'],
    ] as const)('restores the owner tag if it %s', async (_, owner, state) => {
      if (owner) mark(ONE, owner, state);
      expect(await reconcile({})).toEqual(DONE);
      expect([tagsOf(ONE), service.calls]).toEqual([tagged(), ['tag', 'get']]);
    });

    test('retains a document of another resource of this stack only when the document is complete', async () => {
      mark(ONE, SAME_STACK, 'retained');
      expect(await reconcile({ properties: properties(5, { Retain: 'true' }) })).toEqual(DONE);
      expect([tagsOf(ONE), service.calls]).toEqual([tagged(OWNER, 'retained'), ['tag', 'get', 'tag', 'get']]);
    });

    test('forgets an earlier rename', async () => {
      mark(ONE);
      remember(ONE, SAME_STACK, { level: 1 });
      expect(await reconcile({})).toEqual(DONE);
      expect([tagsOf(ONE), service.calls]).toEqual([tagged(), ['untag', 'get']]);
    });

    test('is refused by the owner tag of another stack', async () => {
      mark(ONE, OTHER);
      expect((await failureOf(reconcile({}))).message).toContain(`belongs to the stack ${OTHER_STACK} by the lamp's tag toy:dimmer`);
      expect(service.calls).toEqual([]);
    });

    test.each([['sets', undefined, 'true', 'retained'], ['removes', 'retained', 'false', undefined]] as const)('%s the mark of a retained document', async (_, before, Retain, after) => {
      mark(ONE, OWNER, before);
      expect(await reconcile({ properties: properties(5, { Retain }) })).toEqual(DONE);
      expect([tagsOf(ONE), service.calls]).toEqual([tagged(OWNER, after), ['get', 'tag', 'get']]);
    });

    test('waits until the mark shows', async () => {
      mark(ONE);
      const handler = handlerOf(parentWith(({ tags }) => ({ tags: { ...tags, set: async () => undefined } })));
      expect(await reconcile({ properties: properties(5, { Retain: 'true' }) }, undefined, handler)).toEqual({ pending: 'retained is false, desired true' });
    });

    describe('that this request claimed', () => {
      test('reads only, also the mark of a retained document', async () => {
        mark(ONE, OWNER, 'retained');
        expect(await reconcile({ onEventOutcome: CLAIMED, properties: properties(5, { Retain: 'true' }) })).toEqual(DONE);
        expect(service.calls).toEqual(['get']);
      });

      test('waits until the claim shows', async () => {
        const thrown = await failureOf(reconcile({ onEventOutcome: CLAIMED }, invocation.budget(9.9)));
        expect(thrown).toBeInstanceOf(TransientError);
        expect(thrown.message).toBe(`the claim on ${ONE} does not show yet`);
        expect(tagsOf(ONE)).toEqual({});
      });

      test('restores the claim, with the former resource of a rename', async () => {
        const claim = { ...tagged(), [FORMER_KEY]: 'former' };
        expect(await reconcile({ onEventOutcome: { ...CLAIMED, claim } }, invocation.budget(10))).toEqual(DONE);
        expect(tagsOf(ONE)).toEqual(claim);
      });

      test('restores the claim of a document to be retained before its mark', async () => {
        expect(await reconcile({ onEventOutcome: CLAIMED, properties: properties(5, { Retain: 'true' }) })).toEqual(DONE);
        expect([tagsOf(ONE), service.calls]).toEqual([tagged(OWNER, 'retained'), ['get', 'tag', 'get', 'tag', 'get']]);
      });

      test('restores the claim although a member that was in the tags is gone', async () => {
        const request = { onEventOutcome: CLAIMED, properties: properties(5, { Note: 'in a tag' }) };
        expect(await reconcile(request, undefined, handlerOf({ membersInTags: ['note'] }))).toEqual(DONE);
        expect([tagsOf(ONE), service.dimmers.get(ONE)]).toEqual([tagged(), { level: 5, note: 'in a tag' }]);
      });

      test('restores the claim although the service added a default', async () => {
        service.dimmers.set(ONE, { level: 5, note: 'default' });
        expect(await reconcile({ onEventOutcome: CLAIMED, oldProperties: {} })).toEqual(DONE);
        expect(tagsOf(ONE)).toEqual(tagged());
      });

      test.each([
        ['another document is there', undefined, undefined, 4, 20],
        ['another resource of this stack claimed it', SAME_STACK, undefined, 5, 20],
        ['this resource is being deleted', OWNER, 'deleting', 5, 0],
      ] as const)('fails if %s', async (_, owner, state, level, elapsed) => {
        if (owner) mark(ONE, owner, state);
        service.dimmers.set(ONE, { level });
        const before = { ...tagsOf(ONE) };
        const thrown = await failureOf(reconcile({ onEventOutcome: CLAIMED }, invocation.budget(elapsed)));
        expect(thrown).toBeInstanceOf(TerminalError);
        expect(thrown.message).toBe(`the claim on ${ONE} was taken away during this deployment`);
        expect(tagsOf(ONE)).toEqual(before);
      });
    });
  });

  describe('of a document that is not as desired', () => {
    beforeEach(() => mark(ONE));

    test('puts it before the mark of a retained one', async () => {
      expect(await reconcile({ properties: properties(5, { Retain: 'true' }) })).toEqual({ pending: 'retained is false, desired true' });
      expect([tagsOf(ONE), service.dimmers.get(ONE), service.calls]).toEqual([tagged(), { level: 5 }, ['get', 'put', 'get']]);
    });

    test('puts it by the access of the declaration', async () => {
      const put = jest.fn(async (document: Dimmer) => service.dimmers.set(ONE, document).get(ONE));
      expect(await reconcile({}, undefined, handlerOf({ access: async (_, parent) => ({ get: () => parent.get(), put }) }))).toEqual(DONE);
      expect(put).toHaveBeenCalledTimes(1);
      expect(service.calls).toEqual(['get', 'get']);
    });

    test.each([0, 200])('waits for it, and fails 90 s after the first put (first put after %s s)', async (firstPut) => {
      service.dimmers.set(ONE, { level: 4 });
      const handler = handlerOf(parentWith(() => ({ put: async (document) => document })));
      const poll = (elapsed: number) => reconcile({}, invocation.budget(firstPut + elapsed), handler);
      for (const elapsed of [0, 40, 80]) expect(await poll(elapsed)).toEqual({ pending: 'level is 4, desired 5' });
      expect((await failureOf(poll(85))).message).toBe('the service does not keep what was put: level is 4, desired 5');
    });

    describe('that replaces one that was taken from another parent', () => {
      const restored: unknown[] = [];
      const restoring = (isNamed: boolean, restore: () => Promise<void> = async () => undefined) => handlerOf({
        tagKeys: { owner: OWNER_KEY, former: FORMER_KEY, others: ['more'] },
        restoreSource: async (arn, document) => {
          restored.push([arn, document, service.dimmers.get(arn)]);
          await restore();
          return isNamed;
        },
      });
      beforeEach(() => {
        restored.length = 0;
        service.dimmers.set(ONE, { level: 4 });
        mark(ONE);
        tagsOf(ONE).more = 'x';
      });

      test.each([
        [true, tagged()], [false, { ...tagged(), more: 'x' }],
      ])('restores the source, and deletes the tags that named it (%s)', async (isNamed, tags) => {
        expect(await reconcile({ oldProperties: properties(4) }, undefined, restoring(isNamed))).toEqual(DONE);
        expect(restored).toEqual([[ONE, { level: 4 }, { level: 5 }]]);
        expect(tagsOf(ONE)).toEqual(tags);
      });

      test('keeps the tags until the source is restored', async () => {
        const pending = new TransientError('not yet');
        const unrestored = restoring(true, async () => { throw pending; });
        expect(await failureOf(reconcile({ oldProperties: properties(4) }, undefined, unrestored))).toBe(pending);
        expect(tagsOf(ONE)).toEqual({ ...tagged(), more: 'x' });
      });

      test.each([
        ['the document was the same', properties(5)], ['it was on another parent', { LampArn: TWO, Level: '4' }], ['the former properties can\'t be read', {}],
      ])('restores nothing if %s', async (_, oldProperties) => {
        expect(await reconcile({ oldProperties }, undefined, restoring(true))).toEqual(DONE);
        expect(restored).toEqual([]);
      });
    });

    test('counts the time of each request apart', async () => {
      service.dimmers.set(ONE, { level: 4 });
      const handler = handlerOf(parentWith(() => ({ put: async (document) => document })));
      await reconcile({}, invocation.budget(0), handler);
      expect(await reconcile({ owner: { ...OWNER, request: 'next' } }, invocation.budget(100), handler)).toEqual({ pending: 'level is 4, desired 5' });
    });

    test('fails if the service takes it in part', async () => {
      const handler = handlerOf(parentWith(() => ({ put: async () => ({ level: 4 }) })));
      expect((await failureOf(reconcile({}, undefined, handler))).message).toBe('the service did not take what was put: level is 4, desired 5');
    });

    test('fails if there is no parent', async () => {
      service.lamps.delete(ONE);
      expect((await failureOf(reconcile({}, invocation.budget(60)))).message).toBe(`lamp: there is no ${ONE}`);
    });

    describe('because of an optional member that is not desired', () => {
      const keeping = (note: string) => handlerOf(parentWith(({ put }) => ({ put: (document) => put({ ...document, note }) })));
      beforeEach(() => service.dimmers.set(ONE, { level: 5, note: 'out of band' }));

      test('puts it without the member', async () => {
        expect(await reconcile({})).toEqual(DONE);
        expect(service.dimmers.get(ONE)).toEqual({ level: 5, note: undefined });
      });

      test('leaves it to the service if the service adds the member again', async () => {
        expect(await reconcile({}, undefined, keeping('default'))).toEqual(DONE);
      });

      test('fails if the service keeps a member that the former properties had', async () => {
        const thrown = await failureOf(reconcile({ oldProperties: properties(5, { Note: 'former' }) }, undefined, keeping('former')));
        expect(thrown.message).toBe('the service did not take what was put: note is "former", desired none');
      });

      test('leaves it to the service if the former properties had the member on another parent', async () => {
        expect(await reconcile({ oldProperties: { LampArn: TWO, Level: '5', Note: 'former' } }, undefined, keeping('default'))).toEqual(DONE);
      });

      test('fails if the service keeps a member of an adopted document', async () => {
        const thrown = await failureOf(reconcile({ onEventOutcome: { ...CLAIMED, overwritten: ['note'] } }, undefined, keeping('adopted')));
        expect(thrown.message).toBe('the service did not take what was put: note is "adopted", desired none');
      });

      test('puts a setting without optional members as it is', async () => {
        expect((await failureOf(reconcile({}, undefined, handlerOf({ optionalMembers: undefined, ...parentWith(() => ({ put: async () => ({ level: 5, note: 'kept' }) })) })))).message)
          .toBe('the service did not take what was put: note is "kept", desired none');
        service.dimmers.set(ONE, { level: 5 });
        expect(await reconcile({}, undefined, handlerOf({ optionalMembers: undefined }))).toEqual(DONE);
      });
    });
  });

  describe('in a rollback, within the read lag', () => {
    const STALE = { pending: 'whether the rolled-back change was put may not be readable yet' };
    beforeEach(() => {
      mark(ONE);
      service.dimmers.set(ONE, { level: 5 });
    });

    test('waits for the document of the rolled-back change', async () => {
      expect(await reconcile({ oldProperties: properties(9) }, invocation.budget(0))).toEqual(STALE);
      expect(await reconcile({ oldProperties: properties(9) }, invocation.budget(1))).toEqual(DONE);
      expect(invocation.waited).toBe(9);
    });

    test('waits after its own Put for the members that are kept in tags', async () => {
      service.dimmers.set(ONE, { level: 9 });
      const rollback = { properties: properties(5, { Note: 'mine' }), oldProperties: properties(9, { Note: 'theirs' }) };
      const handler = handlerOf({ membersInTags: ['note'] });
      expect(await reconcile(rollback, invocation.budget(0), handler)).toEqual(STALE);
      service.dimmers.set(ONE, { level: 9, note: 'mine' });
      const before = invocation.waited;
      expect(await reconcile({ ...rollback, oldProperties: properties(9, { Note: 'mine' }) }, invocation.budget(0), handler)).toEqual(DONE);
      expect(invocation.waited - before).toBe(1);
    });

    test.each([
      ['the former properties are the same', { oldProperties: properties(5) }],
      ['the former properties cannot be read', { oldProperties: { LampArn: ONE } }],
      ['this request claimed the parent', { oldProperties: properties(9), onEventOutcome: CLAIMED }],
    ])('does not wait if %s', async (_, request) => {
      expect(await reconcile(request, invocation.budget(0))).toEqual(DONE);
      expect(invocation.waited).toBe(0);
    });

    test('does not wait after a Put of its own', async () => {
      service.dimmers.set(ONE, { level: 9 });
      expect(await reconcile({ oldProperties: properties(9) }, invocation.budget(0))).toEqual(DONE);
      expect(invocation.waited).toBe(1);
    });
  });

  describe('after a rolled-back move', () => {
    const onEventOutcome: OnEventOutcome = { physicalId: ONE, sweep: { region: 'us-east-1', attempted: TWO, except: ONE } };
    const LOOKING = { pending: 'looking for a document that the rolled-back move may have left, or may still put' };
    const rolledBack = (more: object = {}): Partial<Request> => ({ onEventOutcome, oldProperties: { LampArn: TWO, Level: '5', ...more } });
    beforeEach(() => {
      mark(ONE);
      service.dimmers.set(ONE, { level: 5 });
    });

    test('deletes the document that was put, and the claim if the document stays away', async () => {
      mark(TWO);
      service.dimmers.set(TWO, { level: 5 });
      expect(await reconcile(rolledBack())).toEqual(DONE);
      expect([tagsOf(TWO), service.dimmers.has(TWO), invocation.waited]).toEqual([{}, false, 7]);
    });

    test('waits on if the document comes back', async () => {
      mark(TWO);
      service.dimmers.set(TWO, { level: 5 });
      invocation.whileWaiting(() => service.dimmers.set(TWO, { level: 5 }));
      expect(await reconcile(rolledBack())).toEqual(LOOKING);
      expect(tagsOf(TWO)).toEqual(tagged(OWNER, 'deleting'));
      expect(await reconcile(rolledBack())).toEqual(DONE);
      expect([tagsOf(TWO), service.dimmers.has(TWO)]).toEqual([{}, false]);
    });

    test('restores the document of another resource of this stack, and is complete', async () => {
      mark(TWO);
      remember(TWO, SAME_STACK, { level: 1 });
      service.dimmers.set(TWO, { level: 5 });
      expect(await reconcile(rolledBack())).toEqual(DONE);
      expect([tagsOf(TWO), service.dimmers.get(TWO), invocation.waited]).toEqual([tagged(SAME_STACK), { level: 1 }, 7]);
    });

    test('leaves a retained document', async () => {
      mark(TWO, OWNER, 'retained');
      service.dimmers.set(TWO, { level: 5 });
      expect(await reconcile(rolledBack())).toEqual(DONE);
      expect([tagsOf(TWO), service.dimmers.get(TWO), invocation.waited]).toEqual([tagged(OWNER, 'retained'), { level: 5 }, 0]);
    });

    test('keeps a claim without a document, which may still be put', async () => {
      mark(TWO);
      expect(await reconcile(rolledBack(), invocation.budget(179.9))).toEqual(LOOKING);
      expect(tagsOf(TWO)).toEqual(tagged(OWNER, 'deleting'));
    });

    test('takes a blank document for none', async () => {
      mark(TWO);
      service.dimmers.set(TWO, { level: 0 });
      expect(await reconcile(rolledBack(), undefined, handlerOf({ isBlank: ({ level }) => level === 0 }))).toEqual(LOOKING);
      expect(tagsOf(TWO)).toEqual(tagged(OWNER, 'deleting'));
    });

    test('deletes the claim when no delivery can put a document any more', async () => {
      mark(TWO);
      expect(await reconcile(rolledBack(), invocation.budget(180))).toEqual(DONE);
      expect(tagsOf(TWO)).toEqual({});
    });

    test('waits while nothing is there', async () => {
      expect(await reconcile(rolledBack())).toEqual(LOOKING);
      expect([tagsOf(TWO), invocation.waited]).toEqual([{}, 0]);
    });

    test('waits for a deletion', async () => {
      mark(TWO);
      service.dimmers.set(TWO, { level: 5 });
      expect(await reconcile(rolledBack(), undefined, handlerOf(parentWith(() => ({ clear: async () => undefined }))))).toEqual({ pending: `the dimmer of ${TWO} is still there` });
    });

    test('waits if the parent is gone', async () => {
      service.lamps.delete(TWO);
      expect(await reconcile(rolledBack(), invocation.budget(5))).toEqual({ pending: `${TWO} is not found, which must be so for a while` });
      expect(await reconcile(rolledBack(), invocation.budget(20))).toEqual(LOOKING);
    });

    describe('to a parent that the move had to leave', () => {
      test.each([
        ['of another stack', () => mark(TWO, OTHER), {}],
        ['with a document without an owner', () => service.dimmers.set(TWO, { level: 5 }), {}],
      ])('%s, waits for the read lag only', async (_, prepare, more) => {
        prepare();
        const before = [{ ...tagsOf(TWO) }, service.dimmers.get(TWO)];
        expect(await reconcile(rolledBack(more), invocation.budget(4))).toEqual(DONE);
        expect(invocation.waited).toBe(6);
        expect(await reconcile(rolledBack(more), invocation.budget(10))).toEqual(DONE);
        expect(invocation.waited).toBe(6);
        expect(await reconcile(rolledBack(more), invocation.budget(0))).toEqual(LOOKING);
        expect([tagsOf(TWO), service.dimmers.get(TWO)]).toEqual(before);
      });

      test.each([
        ['a document that was to be adopted', () => service.dimmers.set(TWO, { level: 1 }), { AdoptExisting: 'true' }],
        ['another resource of this stack', () => { mark(TWO, SAME_STACK); service.dimmers.set(TWO, { level: 1 }); }, {}],
      ])('not for %s', async (_, prepare, more) => {
        prepare();
        expect(await reconcile(rolledBack(more))).toEqual(LOOKING);
      });

      test('as far as the former properties can be read', async () => {
        service.dimmers.set(TWO, { level: 1 });
        expect(await reconcile({ onEventOutcome, oldProperties: { LampArn: TWO } })).toEqual(DONE);
      });
    });

    test('takes a region without the service for one without a document, when no delivery can run any more', async () => {
      const handler = handlerOf({
        ...UNREACHABLE,
        connect: (arn, budget, log) => (arn === TWO ? UNREACHABLE.connect! : toyDimmer(service).connect)(arn, budget, log),
      });
      expect((await failureOf(reconcile(rolledBack(), invocation.budget(179), handler))).name).toBe('Unreachable');
      expect(await reconcile(rolledBack(), invocation.budget(180), handler)).toEqual(DONE);
      const other = handlerOf({ ...failing('Busy'), connect: (arn, budget, log) => (arn === TWO ? failing('Busy') : parentWith(() => ({}))).connect!(arn, budget, log) });
      expect((await failureOf(reconcile(rolledBack(), invocation.budget(180), other))).name).toBe('Busy');
    });
  });
});

describe('delete', () => {
  const remove = (physicalId: string, budget = invocation.budget(10), more: Partial<Request> = {}, handler = handlerOf()) =>
    handler.delete(invocation.request({ physicalId, properties: properties(5), ...more }), budget);
  const GONE = { gone: true };
  const running = (seconds: number) => ({ pending: `nothing of this resource is on ${ONE}; a create may still be running for ${seconds} s` });

  test('deletes the document, then the tags', async () => {
    service.dimmers.set(ONE, { level: 5 });
    mark(ONE);
    remember(ONE, OWNER, { level: 1 });
    expect(await remove(ONE)).toEqual(GONE);
    expect([tagsOf(ONE), service.dimmers.size, service.calls]).toEqual([{}, 0, ['clear', 'get', 'untag']]);
  });

  test('deletes the tags of the declaration with those of the owner', async () => {
    mark(ONE);
    tagsOf(ONE).more = 'x';
    expect(await remove(ONE, undefined, {}, handlerOf({ tagKeys: { owner: OWNER_KEY, former: FORMER_KEY, others: ['more'] } }))).toEqual(GONE);
    expect(tagsOf(ONE)).toEqual({});
  });

  test('deletes until the document is gone', async () => {
    service.dimmers.set(ONE, { level: 5 });
    mark(ONE);
    let calls = 0;
    const slow = handlerOf(parentWith(({ clear }) => ({ clear: async () => { if ((calls += 1) === 3) await clear(); } })));
    expect(await remove(ONE, undefined, {}, slow)).toEqual(GONE);
    expect([calls, invocation.waited, tagsOf(ONE)]).toEqual([3, 2, {}]);
  });

  test('ends if the service can\'t delete the document, and deletes the tags', async () => {
    service.dimmers.set(ONE, { level: 5 });
    mark(ONE);
    expect(await remove(ONE, undefined, {}, handlerOf(parentWith(() => ({ clear: async () => 'left' as const }))))).toEqual(GONE);
    expect([tagsOf(ONE), service.dimmers.get(ONE), invocation.waited]).toEqual([{}, { level: 5 }, 0]);
  });

  test('keeps the tags while the document is there', async () => {
    service.dimmers.set(ONE, { level: 5 });
    mark(ONE);
    expect(await remove(ONE, undefined, {}, handlerOf(parentWith(() => ({ clear: async () => undefined }))))).toEqual({ pending: `the dimmer of ${ONE} is still there` });
    expect([tagsOf(ONE), invocation.waited]).toEqual([tagged(), 9]);
  });

  describe('of a document that was taken from another parent', () => {
    const restored: unknown[] = [];
    const restoring = (restore: () => Promise<void> = async () => undefined) => handlerOf({
      restoreSource: async (arn, document) => {
        restored.push([arn, document, service.dimmers.has(arn), tagsOf(arn)[OWNER_KEY]]);
        await restore();
        return true;
      },
    });
    beforeEach(() => {
      restored.length = 0;
      service.dimmers.set(ONE, { level: 5 });
      mark(ONE);
    });

    test('restores the source between the document and the tags', async () => {
      expect(await remove(ONE, undefined, {}, restoring())).toEqual(GONE);
      expect(restored).toEqual([[ONE, { level: 5 }, false, settingOwnerTag(OWNER)]]);
      expect(tagsOf(ONE)).toEqual({});
    });

    test('keeps the tags until the source is restored', async () => {
      const pending = new TransientError('not yet');
      expect(await failureOf(remove(ONE, undefined, {}, restoring(async () => { throw pending; })))).toBe(pending);
      expect(tagsOf(ONE)).toEqual(tagged());
    });

    test('restores nothing if the properties can\'t be read', async () => {
      expect(await remove(ONE, undefined, { properties: { LampArn: ONE } }, restoring())).toEqual(GONE);
      expect(restored).toEqual([]);
    });
  });

  test('resets a document that becomes blank', async () => {
    service.dimmers.set(ONE, { level: 5 });
    mark(ONE);
    const clear = async () => { service.dimmers.set(ONE, { level: 0 }); };
    const handler = handlerOf({ isBlank: ({ level }) => level === 0, ...parentWith(() => ({ clear })) });
    expect(await remove(ONE, undefined, {}, handler)).toEqual(GONE);
    expect(tagsOf(ONE)).toEqual({});
  });

  test('waits for the read lag if the parent is not found', async () => {
    service.lamps.delete(ONE);
    expect(await remove(ONE, invocation.budget(9.9))).toEqual({ pending: `${ONE} is not found, which must be so for a while` });
    expect(await remove(ONE, invocation.budget(10))).toEqual(GONE);
  });

  test.each([
    ['is missing', () => undefined],
    ['is that of another resource of the stack', () => mark(ONE, SAME_STACK)],
    ['is that of another stack', () => mark(ONE, OTHER)],
  ])('waits for the read lag if the owner tag %s', async (_, prepare) => {
    service.dimmers.set(ONE, { level: 5 });
    prepare();
    expect(await remove(ONE, invocation.budget(9.9))).toEqual({ pending: `the claim on ${ONE} may not be readable yet` });
    expect(service.calls).toEqual([]);
    mark(ONE);
    expect(await remove(ONE, invocation.budget(9.9))).toEqual(GONE);
    expect([tagsOf(ONE), service.dimmers.size]).toEqual([{}, 0]);
  });

  test('waits for the read lag before the former document is restored', async () => {
    service.dimmers.set(ONE, { level: 1 });
    mark(ONE);
    remember(ONE, SAME_STACK, { level: 1 });
    expect(await remove(ONE, invocation.budget(9.9))).toEqual({ pending: 'whether the rename put the dimmer may not be readable yet' });
    service.dimmers.set(ONE, { level: 5 });
    expect(await remove(ONE)).toEqual(GONE);
    expect([service.dimmers.get(ONE), tagsOf(ONE)]).toEqual([{ level: 1 }, tagged(SAME_STACK)]);
  });

  test('leaves the document of another stack', async () => {
    service.dimmers.set(ONE, { level: 5 });
    mark(ONE, OTHER);
    remember(ONE, OWNER, { level: 1 });
    const before = { ...tagsOf(ONE) };
    expect(await remove(ONE)).toEqual(GONE);
    expect([tagsOf(ONE), service.calls]).toEqual([before, []]);
  });

  describe('of a resource whose document another resource of this stack has', () => {
    beforeEach(() => {
      service.dimmers.set(ONE, { level: 5 });
      mark(ONE, SAME_STACK);
    });

    test('leaves the document', async () => {
      expect(await remove(ONE)).toEqual(GONE);
      expect([tagsOf(ONE), service.calls]).toEqual([tagged(SAME_STACK), []]);
    });

    test.each([['this resource', OWNER], ['the present owner', SAME_STACK]])('ends the rename from %s', async (_, former) => {
      remember(ONE, former, { level: 1 });
      expect(await remove(ONE)).toEqual(GONE);
      expect([tagsOf(ONE), service.calls]).toEqual([tagged(SAME_STACK), ['untag']]);
    });

    test('leaves the rename of other resources', async () => {
      remember(ONE, ownerFor('Third'), { level: 1 });
      expect(await remove(ONE)).toEqual(GONE);
      expect(service.calls).toEqual([]);
    });
  });

  describe('of a document whose tag was removed', () => {
    test('deletes the document if it is as this resource put it', async () => {
      service.dimmers.set(ONE, { level: 5 });
      expect(await remove(ONE)).toEqual(GONE);
      expect([service.dimmers.size, service.calls]).toEqual([0, ['get', 'clear', 'get']]);
    });

    test('restores no former document', async () => {
      service.dimmers.set(ONE, { level: 5 });
      remember(ONE, SAME_STACK, { level: 1 });
      expect(await remove(ONE)).toEqual(GONE);
      expect(service.calls).toEqual(['get', 'clear', 'get']);
    });

    test('tolerates that a member that was in the tags is gone', async () => {
      service.dimmers.set(ONE, { level: 5 });
      expect(await remove(ONE, undefined, { properties: properties(5, { Note: 'in a tag' }) }, handlerOf({ membersInTags: ['note'] }))).toEqual(GONE);
      expect(service.dimmers.size).toBe(0);
    });

    test('tolerates a default of the service', async () => {
      service.dimmers.set(ONE, { level: 5, note: 'default' });
      expect(await remove(ONE)).toEqual(GONE);
      expect(service.dimmers.size).toBe(0);
    });

    test.each([
      ['it is another one', { level: 4 }, {}],
      ['a desired member is another one', { level: 5, note: 'other' }, { Note: 'mine' }],
      ['the properties cannot be read', { level: 5 }, { Level: 'x' }],
    ])('leaves the document if %s', async (_, document, more) => {
      service.dimmers.set(ONE, document);
      expect(await remove(ONE, undefined, { properties: properties(5, more) })).toEqual(GONE);
      expect([service.dimmers.get(ONE), service.calls]).toEqual([document, ['get']]);
    });
  });

  describe('of a renamed resource, in a rollback', () => {
    beforeEach(() => {
      service.dimmers.set(ONE, { level: 5 });
      mark(ONE);
      remember(ONE, SAME_STACK, { level: 1 });
    });

    test('restores the former document and its owner', async () => {
      expect(await remove(ONE)).toEqual(GONE);
      expect([tagsOf(ONE), service.dimmers.get(ONE), service.calls]).toEqual([tagged(SAME_STACK), { level: 1 }, ['get', 'put', 'tag', 'untag']]);
    });

    test('puts no document that is there', async () => {
      service.dimmers.set(ONE, { level: 1 });
      expect(await remove(ONE)).toEqual(GONE);
      expect([tagsOf(ONE), service.calls]).toEqual([tagged(SAME_STACK), ['get', 'tag', 'untag']]);
    });

    test('deletes the document if the service refuses the former one', async () => {
      service.faults.set('put', { name: 'Refused', isDone: false, times: 1 });
      expect(await remove(ONE)).toEqual(GONE);
      expect([tagsOf(ONE), service.dimmers.size]).toEqual([{}, 0]);
    });

    test('waits if the service is busy', async () => {
      service.faults.set('put', { name: 'Busy', isDone: false, times: 1 });
      expect((await failureOf(remove(ONE))).name).toBe('Busy');
      expect(service.dimmers.get(ONE)).toEqual({ level: 5 });
    });
  });

  describe('with an ID that CloudFormation invented', () => {
    test.each([['no parent', {}], ['a parent that is none', { LampArn: 'lamp/one' }]])('has nothing to do for properties with %s', async (_, LampArn) => {
      expect(await remove(INVENTED, undefined, { properties: LampArn }, handlerOf(failing('Busy')))).toEqual(GONE);
    });

    test('waits until no create can run any more', async () => {
      expect(await remove(INVENTED, invocation.budget(10.5))).toEqual(running(170));
      expect(await remove(INVENTED, invocation.budget(180))).toEqual(GONE);
      expect(invocation.waited).toBe(0);
    });

    test('waits for the read lag if the handler gave the ID, after an unknown outcome', async () => {
      expect(await remove(unconfirmedId(OWNER), invocation.budget(9.5))).toEqual(running(1));
      expect(await remove(unconfirmedId(OWNER), invocation.budget(10))).toEqual(GONE);
    });

    test('keeps a claim without a document, which may still be put', async () => {
      mark(ONE);
      expect(await remove(INVENTED)).toEqual(running(170));
      expect([tagsOf(ONE), service.calls]).toEqual([tagged(OWNER, 'deleting'), ['get', 'clear', 'get', 'tag']]);
      expect(await remove(INVENTED)).toEqual(running(170));
      expect(service.calls.filter((call) => call === 'tag')).toHaveLength(1);
      expect(await remove(INVENTED, invocation.budget(180))).toEqual(GONE);
      expect(tagsOf(ONE)).toEqual({});
    });

    test('deletes the document, and the claim if the document stays away', async () => {
      service.dimmers.set(ONE, { level: 5 });
      mark(ONE);
      expect(await remove(INVENTED)).toEqual(GONE);
      expect([tagsOf(ONE), service.dimmers.size, invocation.waited]).toEqual([{}, 0, 7]);
    });

    test('waits on if the document comes back', async () => {
      service.dimmers.set(ONE, { level: 5 });
      mark(ONE);
      invocation.whileWaiting(() => service.dimmers.set(ONE, { level: 5 }));
      expect(await remove(INVENTED)).toEqual(running(163));
      expect(tagsOf(ONE)).toEqual(tagged(OWNER, 'deleting'));
    });

    test('waits on if no time is left for another look', async () => {
      service.dimmers.set(ONE, { level: 5 });
      mark(ONE);
      expect(await remove(INVENTED, invocation.budget(0, 4))).toEqual(running(180));
      expect(tagsOf(ONE)).toEqual(tagged(OWNER, 'deleting'));
    });

    test('waits for the deletion of the document', async () => {
      service.dimmers.set(ONE, { level: 5 });
      mark(ONE);
      expect(await remove(INVENTED, undefined, {}, handlerOf(parentWith(() => ({ clear: async () => undefined }))))).toEqual({ pending: `the dimmer of ${ONE} is still there` });
    });

    test.each([
      ['without an owner', () => undefined],
      ['that is retained', () => mark(ONE, OWNER, 'retained')],
      ['of another resource of this stack', () => mark(ONE, SAME_STACK)],
    ])('leaves a document %s', async (_, prepare) => {
      service.dimmers.set(ONE, { level: 5 });
      prepare();
      const before = { ...tagsOf(ONE) };
      expect(await remove(INVENTED, invocation.budget(180))).toEqual(GONE);
      expect([tagsOf(ONE), service.dimmers.get(ONE), service.calls]).toEqual([before, { level: 5 }, []]);
    });
  });

  describe('in a region without the service', () => {
    test('has nothing to do for a create that cannot run any more', async () => {
      expect(await remove(INVENTED, invocation.budget(180), {}, handlerOf(UNREACHABLE))).toEqual(GONE);
      expect((await failureOf(remove(INVENTED, invocation.budget(179), {}, handlerOf(UNREACHABLE)))).name).toBe('Unreachable');
    });

    test('fails for a known resource, and for another error', async () => {
      expect((await failureOf(remove(ONE, invocation.budget(180), {}, handlerOf(UNREACHABLE)))).name).toBe('Unreachable');
      expect((await failureOf(remove(INVENTED, invocation.budget(180), {}, handlerOf(failing('Busy'))))).name).toBe('Busy');
    });
  });
});

describe('drift', () => {
  const drift = (more: object = {}, handler = handlerOf()) =>
    handler.detectDrift(invocation.request({ physicalId: ONE, properties: properties(5, more) }), invocation.budget());
  beforeEach(() => {
    mark(ONE);
    service.dimmers.set(ONE, { level: 5 });
  });

  test('is none if all is as desired', async () => {
    expect(await drift()).toEqual([]);
    expect(service.calls).toEqual(['get']);
  });

  test('is unknown without a parent or a document', async () => {
    service.dimmers.clear();
    expect(await drift()).toBeUndefined();
    service.lamps.clear();
    service.calls.length = 0;
    expect(await drift()).toBeUndefined();
    expect(service.calls).toEqual([]);
  });

  test('is read by the access of the declaration', async () => {
    const access = async (_: unknown, { put }: Parent<Dimmer>) => ({ get: async () => ({ level: 3 }), put });
    expect(await drift({}, handlerOf({ access }))).toEqual([{ propertyPath: '/Level', expectedValue: '5', actualValue: '3' }]);
  });

  test('is in the owner tag, then in the document', async () => {
    tagsOf(ONE)[OWNER_KEY] = settingOwnerTag(SAME_STACK);
    service.dimmers.set(ONE, { level: 4, note: 'evening' });
    expect(await drift()).toEqual([
      { propertyPath: '/Tags/toy:dimmer', expectedValue: settingOwnerTag(OWNER), actualValue: settingOwnerTag(SAME_STACK) },
      { propertyPath: '/Level', expectedValue: '5', actualValue: '4' },
      { propertyPath: '/Note', expectedValue: 'none', actualValue: 'evening' },
    ]);
  });

  test('is in a missing tag, in the mark of a deletion, and in that of a retained document', async () => {
    mark(ONE, OWNER, 'deleting');
    expect(await drift()).toEqual([{ propertyPath: '/Tags/toy:dimmer', expectedValue: settingOwnerTag(OWNER), actualValue: settingOwnerTag(OWNER, 'deleting') }]);
    mark(ONE, OWNER, 'retained');
    expect(await drift()).toEqual([{ propertyPath: '/Retain', expectedValue: 'false', actualValue: 'true' }]);
    expect(await drift({ Retain: 'true' })).toEqual([]);
    delete tagsOf(ONE)[OWNER_KEY];
    expect(await drift()).toEqual([{ propertyPath: '/Tags/toy:dimmer', expectedValue: settingOwnerTag(OWNER), actualValue: 'none' }]);
  });
});
