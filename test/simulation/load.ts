import { eventOf } from './cloudformation';
import { Coverage } from './coverage';
import { type Answer, Framework } from './framework';
import { playWith } from './functions';
import { compileHandlers, freshHandlers, type Handlers } from './handlers';
import { ACCOUNT, type Kind, KINDS, REGION, type Wish } from './kinds';
import { Time } from './time';
import { chime, chimeSdkVoice, Emulator, ivsRealtime, kinesisVideo, type Rate, realClock, secretsManager } from '../../local/emulator';
import { synthesisedPolicies } from '../synthesised-policies';

/** What one stack is loaded with, each at the service's documented rates. */
const LOADS: readonly { readonly kind: string; readonly count: number; readonly wish: Wish; readonly changed: Wish }[] = [
  { kind: 'signalingChannel', count: 400, wish: {}, changed: { messageTtl: 90 } },
  { kind: 'ingestConfiguration', count: 60, wish: { redundantIngest: false, stage: '1' }, changed: { redundantIngest: false, stage: '2' } },
  { kind: 'voiceConnectorStreaming', count: 100, wish: { connector: '1', enabled: true, targets: [] }, changed: { connector: '1', enabled: true, hours: 48, targets: ['SNS'] } },
];

/** How many requests CloudFormation has under way at once. */
const CONCURRENCY = 100;

/** At most so many times what the rates allow. */
const ALLOWED = 1.5;

const STACK_ID = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Loaded/1`;

type Calls = Record<string, number>;

interface Outcome {
  readonly seconds: number;
  readonly calls: Calls;
}

/** As Lambda does: each invocation has a container to itself, which is used again when it is free. */
class Containers implements Handlers {
  private readonly idle: Handlers[] = [];

  onEvent(event: unknown): Promise<unknown> {
    return this.run((handlers) => handlers.onEvent(event));
  }

  isComplete(event: unknown): Promise<unknown> {
    return this.run((handlers) => handlers.isComplete(event));
  }

  checkout(event: unknown, context: unknown): Promise<unknown> {
    return this.run((handlers) => handlers.checkout(event, context));
  }

  maintain(event: unknown, context: unknown): Promise<unknown> {
    return this.run((handlers) => handlers.maintain(event, context));
  }

  private async run(work: (handlers: Handlers) => Promise<unknown>): Promise<unknown> {
    const handlers = this.idle.pop() ?? freshHandlers();
    try {
      return await work(handlers);
    } finally {
      this.idle.push(handlers);
    }
  }
}

/** One stack that has so many resources of one kind. */
class LoadedStack {
  private readonly containers = new Containers();
  private readonly policies: object[];
  private readonly emulator: Emulator;
  private requests = 0;

  constructor(private readonly kind: Kind, private readonly time: Time, private readonly framework: Framework) {
    this.policies = synthesisedPolicies((stack) => kind.build(stack))({ stackId: STACK_ID, account: ACCOUNT });
    this.emulator = new Emulator({
      clock: realClock,
      account: ACCOUNT,
      latency: 30,
      services: [
        kinesisVideo({ quotas: { channels: 1000 } }), ivsRealtime(), chimeSdkVoice({ quotas: { voiceConnectors: 1000 } }), chime(), secretsManager(),
      ],
      principals: async () => ({ arn: `arn:aws:sts::${ACCOUNT}:assumed-role/HandlerRole/function`, policies: this.policies as never }),
    });
  }

  /** Creates, changes and deletes them all. */
  async live(count: number, wish: Wish, changed: Wish): Promise<{ created: Outcome; changed: Outcome; deleted: Outcome }> {
    playWith(this.emulator, new Coverage());
    const propertiesOf = (wished: Wish) => Array.from({ length: count }, (_, index) => this.kind.properties(this.emulator, `Loaded-R${index}`, STACK_ID, wished));
    const [before, after] = [propertiesOf(wish), propertiesOf(changed)];
    const ids: string[] = [];
    const outcomes = {
      created: await this.all(count, async (index) => { ids[index] = await this.request('Create', index, { properties: before[index] }); }),
      changed: await this.all(count, async (index) => {
        ids[index] = await this.request('Update', index, { properties: after[index], oldProperties: before[index], physicalId: ids[index] });
        const remote = this.kind.remotes(this.emulator).find(({ id }) => id === ids[index]);
        const difference = remote ? this.kind.difference(remote, changed, after[index], this.emulator) : 'is missing';
        if (difference) throw new Error(`${ids[index]} is not as wished: ${difference}`);
      }),
      deleted: await this.all(count, async (index) => { await this.request('Delete', index, { properties: after[index], physicalId: ids[index] }); }),
    };
    const left = this.kind.remotes(this.emulator);
    if (left.length > 0) throw new Error(`${left.length} are left`);
    return outcomes;
  }

  /** Seconds that the documented rates need for the calls that one resource makes alone, or that its waiting needs. */
  floor(count: number, alone: Outcome): number {
    const byRate = Object.entries(alone.calls).map(([operation, calls]) => {
      const rate = this.emulator.service(this.kind.service).rates[operation] as Rate | undefined;
      return rate?.perAccount === undefined ? 0 : (count * calls) / rate.perAccount;
    });
    return Math.max(alone.seconds * Math.ceil(count / CONCURRENCY), ...byRate);
  }

  private async all(count: number, work: (index: number) => Promise<void>): Promise<Outcome> {
    const [from, known] = [this.time.now(), this.emulator.calls.length];
    let next = 0;
    const worker = async () => { while (next < count) await work(next++); };
    await Promise.all(Array.from({ length: Math.min(CONCURRENCY, count) }, worker));
    const calls: Calls = {};
    for (const { operation } of this.emulator.calls.slice(known)) calls[operation] = (calls[operation] ?? 0) + 1;
    return { seconds: (this.time.now() - from) / 1000, calls };
  }

  private async request(type: string, index: number, what: { properties: object; oldProperties?: object; physicalId?: string }): Promise<string> {
    this.requests += 1;
    const requestId = `Loaded-${this.requests}`;
    const answered = this.framework.expect(requestId, { state: 'load', mortal: false, handlers: this.containers });
    void this.framework.deliver(eventOf({ type, requestId, stackId: STACK_ID, logicalId: `R${index}`, kind: this.kind, ...what }));
    const answer: Answer = await answered;
    if (answer.Status !== 'SUCCESS') throw new Error(`${type} of R${index}: ${answer.Reason}`);
    return answer.PhysicalResourceId;
  }
}

const print = (text: string) => process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  await compileHandlers();
  const time = new Time();
  const framework = new Framework(time);
  const { log } = console;
  console.log = () => undefined;
  const live = (stack: LoadedStack, count: number, wish: Wish, changed: Wish) => time.run(stack.live(count, wish, changed));
  let isTooSlow = false;
  for (const { kind: name, count, wish, changed } of LOADS) {
    const kind = KINDS[name];
    framework.forget();
    // Modules are loaded when they are first needed, which takes real time.
    await live(new LoadedStack(kind, time, framework), 1, wish, changed).catch(() => undefined);
    framework.forget();
    const alone = await live(new LoadedStack(kind, time, framework), 1, wish, changed);
    framework.forget();
    const stack = new LoadedStack(kind, time, framework);
    const loaded = await live(stack, count, wish, changed);
    print(`${count} ${name}`);
    for (const step of ['created', 'changed', 'deleted'] as const) {
      const floor = stack.floor(count, alone[step]);
      const ratio = loaded[step].seconds / floor;
      isTooSlow ||= ratio > ALLOWED;
      const calls = (outcome: Outcome) => Object.values(outcome.calls).reduce((sum, one) => sum + one, 0);
      print(`  ${step.padEnd(8)} ${loaded[step].seconds.toFixed(1).padStart(6)} s, ${ratio.toFixed(2)} times the floor of ${floor.toFixed(1)} s;`
        + ` ${(calls(loaded[step]) / count).toFixed(1)} calls for each, alone ${calls(alone[step])}`);
    }
  }
  console.log = log;
  print(isTooSlow ? `more than ${ALLOWED} times the floor` : `nothing took more than ${ALLOWED} times the floor, and nothing is left`);
  process.exit(isTooSlow ? 1 : 0);
}

void main();
