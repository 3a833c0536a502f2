import { eventOf } from './cloudformation';
import { Concurrency } from './concurrency';
import { Coverage } from './coverage';
import { type Answer, Framework } from './framework';
import { Containers, playWith } from './functions';
import { compileHandlers } from './handlers';
import { ACCOUNT, type Kind, KINDS, REGION, type Wish } from './kinds';
import { livingMeetings, type PoolState, readyIds } from './meeting-pool';
import { Time } from './time';
import { chime, chimeSdkMeetings, chimeSdkVoice, dynamoDb, Emulator, ivsRealtime, kinesisVideo, type Rate, realClock, secretsManager } from '../../local/emulator';
import { planChains } from '../../src/provider/private/dependency-chains';

/** What one stack is loaded with, each at the service's documented rates: so many things, which are created as the first wish says, changed to each further one, and deleted. */
interface Load {
  readonly kind: string;
  readonly count: number;
  /** Of how many it is measured what they need alone. */
  readonly alone: number;
  /** Whether they all are one resource of the stack. */
  readonly isOne?: boolean;
  wishes(count: number): Record<string, Wish>;
}

const LOADS: readonly Load[] = [
  { kind: 'signalingChannel', count: 400, alone: 1, wishes: () => ({ created: {}, changed: { messageTtl: 90 } }) },
  {
    kind: 'ingestConfiguration',
    count: 60,
    alone: 1,
    wishes: () => ({ created: { redundantIngest: false, stage: '1' }, changed: { redundantIngest: false, stage: '2' } }),
  },
  {
    kind: 'voiceConnectorStreaming',
    count: 100,
    alone: 1,
    wishes: () => ({ created: { connector: '1', enabled: true, targets: [] }, changed: { connector: '1', enabled: true, hours: 48, targets: ['SNS'] } }),
  },
  // The largest pool there is, and one of two meetings beside it, so that both can be made half as large.
  ...['CHIME_SDK', 'CHIME'].map((namespace): Load => ({
    kind: 'chimeMeetingPool',
    count: 200,
    alone: 2,
    isOne: true,
    wishes: (count) => {
      const wish = { size: count, attendees: ['host'], namespace, endLeased: true };
      const others = { ...wish, mediaRegion: 'eu-central-1' };
      return { created: wish, settings: others, smaller: { ...others, size: count / 2 }, larger: others };
    },
  })),
];

/** A stack in an account whose quota of concurrent Lambda executions is small, or as large as usual. */
interface Limited {
  readonly count: number;
  readonly quota: number;
  /** As given to `RtcProvider.configure`. */
  readonly maxConcurrency?: number;
  /** Without the option the quota is felt. */
  readonly isThrottled?: boolean;
}

/** All are signaling channels. Those that fail come last: some of their requests still run when the failure is known. */
const LIMITED: readonly Limited[] = [
  { count: 40, quota: 10, maxConcurrency: 4 },
  { count: 400, quota: 1000, maxConcurrency: 20 },
  { count: 400, quota: 1000 },
  { count: 40, quota: 10, isThrottled: true },
];

/** What `RtcProvider.configure` gives the framework's functions with the option, and what the SDK has without. */
const attemptsOf = ({ maxConcurrency }: Limited) => (maxConcurrency === undefined ? 3 : 10);

/** Each resource in flight holds the framework's function and the handler. */
const EXECUTIONS_PER_RESOURCE = 2;

/** Milliseconds until CloudFormation starts what depends on a resource that has answered: the function that answered has ended by then. */
const HEARD = 100;

/** How many requests CloudFormation has under way at once. */
const CONCURRENCY = 100;

/** At most so many times what the rates allow. */
const ALLOWED = 1.5;

const STACK_ID = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Loaded/1`;

/** By service and operation. */
type Calls = Record<string, number>;

interface Outcome {
  readonly seconds: number;
  readonly calls: Calls;
}

/** One stack that has so many resources of one kind. */
class LoadedStack {
  private readonly containers = new Containers();
  private readonly policies: object[];
  private readonly emulator: Emulator;
  private requests = 0;

  /** `maxConcurrency`: as of the provider of the stack. */
  constructor(
    private readonly kind: Kind,
    private readonly time: Time,
    private readonly framework: Framework,
    private readonly maxConcurrency?: number,
  ) {
    this.policies = kind.policies(STACK_ID);
    this.emulator = new Emulator({
      clock: realClock,
      account: ACCOUNT,
      latency: 30,
      services: [
        kinesisVideo({ quotas: { channels: 1000 } }), ivsRealtime(), secretsManager(),
        chimeSdkVoice({ quotas: { voiceConnectors: 1000 } }), chimeSdkMeetings(), chime(), dynamoDb(),
      ],
      principals: async () => ({ arn: `arn:aws:sts::${ACCOUNT}:assumed-role/HandlerRole/function`, policies: this.policies as never }),
    });
  }

  /** Creates, changes and deletes them all. */
  async live({ isOne, wishes }: Pick<Load, 'isOne' | 'wishes'>, count: number): Promise<Record<string, Outcome>> {
    playWith(this.emulator, new Coverage());
    const resources = isOne ? 1 : count;
    const propertiesOf = (wished: Wish) => Array.from({ length: resources }, (_, index) => this.kind.properties(this.emulator, `Loaded-R${index}`, STACK_ID, wished));
    const ids: string[] = [];
    const outcomes: Record<string, Outcome> = {};
    let before: object[] | undefined;
    for (const [name, wish] of Object.entries(wishes(count))) {
      const properties = propertiesOf(wish);
      outcomes[name] = await this.all(resources, async (index) => {
        ids[index] = await this.request(before ? 'Update' : 'Create', index, { properties: properties[index], oldProperties: before?.[index], physicalId: ids[index] });
        this.check(ids[index], wish, properties[index]);
      });
      before = properties;
    }
    const remove = async (index: number) => { await this.request('Delete', index, { properties: before![index], physicalId: ids[index] }); };
    outcomes.deleted = await this.all(resources, remove, 'backwards');
    const left = [...this.kind.remotes(this.emulator).map(({ id }) => id), ...livingMeetings(this.emulator).map(({ id }) => id)];
    if (left.length > 0) throw new Error(`left are ${left.join(', ')}`);
    return outcomes;
  }

  /** Seconds that the documented rates need for the calls that it makes alone, or that its waiting needs. */
  floor({ count, alone, isOne }: Load, outcome: Outcome): number {
    // Of what is allowed at once nothing is taken off: the last step may have used it up.
    const needed: Record<string, number> = {};
    for (const [operation, made] of Object.entries(outcome.calls)) {
      const { perAccount, shared }: Rate = this.rateOf(operation) ?? {};
      for (const [name, perSecond] of [[operation, perAccount], [shared?.name, shared?.perAccount]] as const) {
        // A list is of them all.
        const calls = operation.includes(' List') && isOne ? made : made / alone * count;
        if (name !== undefined && perSecond !== undefined) needed[name] = (needed[name] ?? 0) + calls / perSecond;
      }
    }
    return Math.max(outcome.seconds * (isOne ? 1 : Math.ceil(count / CONCURRENCY)), ...Object.values(needed));
  }

  private rateOf(operation: string): Rate | undefined {
    const [service, name] = operation.split(' ');
    return this.emulator.service(service).rates[name];
  }

  /** Nothing of it is lost, and nothing is there twice. */
  private check(id: string, wish: Wish, properties: object): void {
    const remote = this.kind.remotes(this.emulator).find((one) => one.id === id);
    const difference = remote ? this.kind.difference(remote, wish, properties, this.emulator) : 'is missing';
    if (difference) throw new Error(`${id} is not as wished: ${difference}`);
    if (wish.size === undefined) return;
    const { items, meetings } = remote!.state as PoolState;
    const ready = readyIds(items);
    const living = livingMeetings(this.emulator).map((meeting) => meeting.id);
    const known = meetings.filter((meeting) => ready.has(meeting.id)).length;
    if (known === wish.size && living.length === wish.size) return;
    throw new Error(`of ${wish.size} meetings of ${id} ${known} are ready and ${living.length} live`);
  }

  private async all(count: number, work: (index: number) => Promise<void>, direction: 'forwards' | 'backwards' = 'forwards'): Promise<Outcome> {
    const [from, known] = [this.time.now(), this.emulator.calls.length];
    const needs = this.dependencies(count, direction);
    // What others wait for begins before them.
    const isReversed = direction === 'backwards' && this.maxConcurrency !== undefined;
    const order = Array.from({ length: count }, (_, index) => (isReversed ? count - 1 - index : index));
    const ended: Promise<void>[] = [];
    let next = 0;
    const worker = async () => {
      while (next < count) {
        const index = order[next++];
        await (ended[index] = this.after(needs[index].map((other) => ended[other]), () => work(index)));
      }
    };
    await Promise.all(Array.from({ length: Math.min(CONCURRENCY, count) }, worker));
    const calls: Calls = {};
    for (const { service, operation } of this.emulator.calls.slice(known)) calls[`${service} ${operation}`] = (calls[`${service} ${operation}`] ?? 0) + 1;
    return { seconds: (this.time.now() - from) / 1000, calls };
  }

  private async after(earlier: readonly Promise<void>[], work: () => Promise<void>): Promise<void> {
    await Promise.all(earlier);
    if (earlier.length > 0) await this.time.sleep(HEARD);
    await work();
  }

  /** By the index of each resource, those that it waits for. */
  private dependencies(count: number, direction: 'forwards' | 'backwards'): number[][] {
    const needs: number[][] = Array.from({ length: count }, () => []);
    if (this.maxConcurrency === undefined) return needs;
    const ids = needs.map((_, index) => `R${String(index).padStart(6, '0')}`);
    const members = ids.map((logicalId) => ({ logicalId, weight: 1 }));
    const planned = planChains(Object.fromEntries(ids.map((id) => [id, {}])), [{ members, chainCount: this.maxConcurrency }]);
    for (const [id, { always }] of planned) {
      for (const other of always) {
        const [later, earlier] = [ids.indexOf(id), ids.indexOf(other)];
        if (direction === 'forwards') needs[later].push(earlier);
        else needs[earlier].push(later);
      }
    }
    return needs;
  }

  private async request(type: string, index: number, what: { properties: object; oldProperties?: object; physicalId?: string }): Promise<string> {
    this.requests += 1;
    const requestId = `Loaded-${this.requests}`;
    const answered = this.framework.expect(requestId, { state: 'load', mortal: false, containers: this.containers });
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
  // What is measured here are seconds: no poll is left out.
  const framework = new Framework(time, () => 1);
  const { log } = console;
  console.log = () => undefined;
  let isTooSlow = false;
  for (const load of LOADS) {
    const kind = KINDS[load.kind];
    const live = (stack: LoadedStack, count: number) => {
      framework.forget();
      return time.run(stack.live(load, count));
    };
    // Modules are loaded when they are first needed, which takes real time.
    await live(new LoadedStack(kind, time, framework), load.alone).catch(() => undefined);
    const alone = await live(new LoadedStack(kind, time, framework), load.alone);
    const stack = new LoadedStack(kind, time, framework);
    const loaded = await live(stack, load.count);
    print(`${load.count} ${load.kind}${load.isOne ? ` (${load.wishes(load.count).created.namespace})` : ''}`);
    for (const [step, outcome] of Object.entries(loaded)) {
      const floor = stack.floor(load, alone[step]);
      const ratio = outcome.seconds / floor;
      isTooSlow ||= ratio > ALLOWED;
      // What a pool does to its own table has no rate.
      const calls = ({ calls: made }: Outcome, count: number) => (Object.entries(made).filter(([operation]) => !operation.startsWith('dynamodb '))
        .reduce((sum, [, one]) => sum + one, 0) / count).toFixed(1);
      print(`  ${step.padEnd(8)} ${outcome.seconds.toFixed(1).padStart(6)} s, ${ratio.toFixed(2)} times the floor of ${floor.toFixed(1)} s;`
        + ` ${calls(outcome, load.count)} calls for each, alone ${calls(alone[step], load.alone)}`);
    }
  }
  const wrong: string[] = [];
  for (const limited of LIMITED) {
    const finding = await playLimited(limited, time, framework);
    if (finding) wrong.push(finding);
  }
  console.log = log;
  for (const finding of wrong) print(finding);
  print(isTooSlow ? `more than ${ALLOWED} times the floor` : `nothing took more than ${ALLOWED} times the floor, and nothing is left`);
  process.exit(isTooSlow || wrong.length > 0 ? 1 : 0);
}

/** What is not as it must be. */
async function playLimited(limited: Limited, time: Time, framework: Framework): Promise<string | undefined> {
  const { count, quota, maxConcurrency, isThrottled } = limited;
  const name = `${count} channels at a quota of ${quota}${maxConcurrency === undefined ? '' : ` with maxConcurrency ${maxConcurrency}`}`;
  const concurrency = new Concurrency(quota);
  framework.forget();
  framework.limits = { concurrency, attempts: attemptsOf(limited) };
  const stack = new LoadedStack(KINDS.signalingChannel, time, framework, maxConcurrency);
  const wishes = () => ({ created: {}, changed: { messageTtl: 90 } });
  const failure = await time.run(stack.live({ wishes }, count)).then(() => undefined, (error: Error) => error.message);
  print(`${name}: ${failure?.split('\n')[0] ?? 'created, changed and deleted'}; at most ${concurrency.peak} executions at once, ${concurrency.throttled} throttled`);
  if (isThrottled) return concurrency.throttled > 0 ? undefined : `${name}: the quota should throttle it`;
  if (failure !== undefined) return `${name}: ${failure}`;
  const most = maxConcurrency === undefined ? Infinity : EXECUTIONS_PER_RESOURCE * maxConcurrency;
  return concurrency.peak > most ? `${name}: ${concurrency.peak} executions at once, at most ${most} are allowed` : undefined;
}

void main();
