import { failureOf, Invocation } from './invocation';
import { TerminalError } from '../../lambda/engine/error-classes';
import { type Change, differencesIn, firstOf, type PropertyChange, type Reconcilable, reconcile, type Unready } from '../../lambda/engine/reconcile';

interface Lamp {
  readonly color: string;
  readonly isSecond?: boolean;
}

let invocation: Invocation;
beforeEach(() => { invocation = new Invocation(); });

const RED: Lamp = { color: 'red' };
const BLUE: Lamp = { color: 'blue' };
const toRed = (more: Partial<Change<Lamp>> = {}): Change<Lamp> => ({ kind: 'color', text: 'color is blue, desired red', apply: async () => undefined, ...more });

/** Reads the states one after another, the last one again and again, and offers the changes while the state is not red. */
class Script implements Reconcilable<Lamp> {
  reads = 0;
  applied: (Change<Lamp> | undefined)[] = [];
  stale: string | undefined;
  staleReads: (Change<Lamp> | undefined)[] = [];

  constructor(private readonly states: (Lamp | Unready)[], private readonly offered: Change<Lamp>[] = [toRed()]) {}

  readonly read = async () => this.states[Math.min(this.reads++, this.states.length - 1)]!;

  async* changesOf(observed: Lamp, applied: Change<Lamp> | undefined): AsyncIterable<Change<Lamp>> {
    this.applied.push(applied);
    if (observed.color !== 'red') yield* this.offered;
  }

  changes = (observed: Lamp, applied: Change<Lamp> | undefined) => this.changesOf(observed, applied);

  readonly staleRead = (_: Lamp, applied: Change<Lamp> | undefined) => {
    this.staleReads.push(applied);
    return this.stale;
  };

  run(elapsed = 0, seconds?: number) {
    return reconcile(this, { request: invocation.request({}), budget: invocation.budget(elapsed, seconds) });
  }
}

test('a resource that is as desired is read once', async () => {
  const script = new Script([RED]);
  expect(await script.run()).toEqual({ observed: RED });
  expect([script.reads, script.applied, script.staleReads, invocation.waited]).toEqual([1, [undefined], [undefined], 0]);
});

describe('a read that may be stale', () => {
  test('is repeated when the read lag is over', async () => {
    const script = Object.assign(new Script([RED, { color: 'red', isSecond: true }]), { stale: 'may not be readable yet' });
    expect(await script.run(4)).toEqual({ observed: { color: 'red', isSecond: true } });
    expect([script.reads, script.staleReads, invocation.waited]).toEqual([2, [undefined], 6]);
  });

  test('is pending if the read lag outlasts the time budget', async () => {
    const script = Object.assign(new Script([RED]), { stale: 'may not be readable yet' });
    expect(await script.run(0, 9)).toEqual({ pending: 'may not be readable yet' });
    expect([script.reads, invocation.waited]).toEqual([1, 0]);
  });

  test('is none after the read lag', async () => {
    const script = Object.assign(new Script([RED]), { stale: 'may not be readable yet' });
    expect(await script.run(10)).toEqual({ observed: RED });
    expect(script.staleReads).toEqual([]);
  });

  test('knows the change that was applied', async () => {
    const change = toRed();
    const script = new Script([BLUE, RED], [change]);
    await script.run();
    expect(script.staleReads).toEqual([change]);
  });
});

describe('a resource that is not ready', () => {
  test('is read again each second', async () => {
    const script = new Script([{ unready: 'it is CREATING' }, { unready: 'it is CREATING' }, RED]);
    expect(await script.run()).toEqual({ observed: RED });
    expect([script.reads, invocation.waited]).toEqual([3, 2]);
  });

  test('is pending at the end of the time budget', async () => {
    const script = new Script([{ unready: 'it is CREATING' }]);
    expect(await script.run(0, 2)).toEqual({ pending: 'it is CREATING' });
    expect([script.reads, invocation.waited]).toEqual([3, 2]);
  });
});

describe('a change', () => {
  test('is applied once, and awaited until it shows', async () => {
    const apply = jest.fn(async () => undefined);
    const change = toRed({ apply });
    const script = new Script([BLUE, BLUE, BLUE, RED], [change]);
    expect(await script.run()).toEqual({ observed: RED });
    expect([apply.mock.calls.length, script.reads, invocation.waited]).toEqual([1, 4, 3]);
    expect(script.applied).toEqual([undefined, change, change, change]);
  });

  test('is pending if it does not show', async () => {
    expect(await new Script([BLUE]).run(0, 2)).toEqual({ pending: 'color is blue, desired red' });
    expect(invocation.waited).toBe(2);
  });

  test('costs no read and no time if the service returns the state after it', async () => {
    const script = new Script([BLUE], [toRed({ apply: async () => RED })]);
    expect(await script.run(0, 0)).toEqual({ observed: RED });
    expect(script.reads).toBe(1);
  });

  test('leaves the next one, of another kind, to the next invocation', async () => {
    const next = jest.fn();
    const script = new Script([BLUE, BLUE], [toRed()]);
    script.changes = (_, applied) => (async function* () { yield applied ? toRed({ kind: 'brightness', text: 'too dark', apply: next }) : toRed(); })();
    expect(await script.run()).toEqual({ pending: 'too dark' });
    expect([next.mock.calls.length, invocation.waited]).toEqual([0, 1]);
  });

  test('is not applied while it is blocked', async () => {
    const apply = jest.fn();
    expect(await new Script([BLUE], [toRed({ apply, blockedBy: () => 'a publisher is live' })]).run()).toEqual({ pending: 'a publisher is live' });
    expect([apply.mock.calls.length, invocation.waited]).toEqual([0, 0]);
    expect(await new Script([BLUE, RED], [toRed({ blockedBy: () => undefined })]).run()).toEqual({ observed: RED });
  });

  test('that the service does not keep fails, if its time is over', async () => {
    const kept = (keptBy?: number) => new Script([BLUE], [toRed({ keptBy })]);
    const error = await failureOf(kept(90).run(90, 0));
    expect(error).toBeInstanceOf(TerminalError);
    expect(error.message).toBe('the service does not keep what was put: color is blue, desired red');
    expect(await kept(90).run(89.9, 0)).toEqual({ pending: 'color is blue, desired red' });
    expect(await kept().run(500, 0)).toEqual({ pending: 'color is blue, desired red' });
  });
});

describe('a list of changes', () => {
  const difference = (propertyPath: string) => ({ propertyPath, expectedValue: 'a', actualValue: 'b' });

  test('is evaluated up to the first one', async () => {
    let produced = 0;
    const changes = async function* () {
      for (const kind of ['a', 'b']) {
        produced += 1;
        yield toRed({ kind });
      }
    };
    expect(await firstOf(changes())).toMatchObject({ kind: 'a' });
    expect(produced).toBe(1);
    expect(await firstOf((async function* () {})())).toBeUndefined();
  });

  test('has the differences of all for the drift monitor', async () => {
    const changes = async function* (): AsyncIterable<PropertyChange<Lamp>> {
      yield { ...toRed(), properties: [difference('/A'), difference('/B')] };
      yield { ...toRed(), properties: [difference('/C')] };
    };
    expect(await differencesIn(changes())).toEqual(['/A', '/B', '/C'].map(difference));
  });
});
