import { eventOf } from './cloudformation';
import { Concurrency } from './concurrency';
import { Coverage } from './coverage';
import { Framework, type Response } from './framework';
import { ExecutionEnvironments, playWith } from './functions';
import { compileHandlers } from './handlers';
import type { Desired } from './history';
import { KINDS } from './kinds';
import { ACCOUNT, type Kind, REGION } from './kinds/kind';
import { existingMeetings, type PoolState, readyIds } from './pool-state';
import { Time } from './time';
import { chime, chimeSdkMeetings, chimeSdkVoice, dynamoDb, Emulator, ivsRealtime, kinesisVideo, type Rate, realClock, secretsManager } from '../../local/emulator';
import { planChains } from '../../src/provider/private/dependency-chains';

/** The resources of one stack, at the documented rates of their service: created with the first desired state, updated to each further one, and deleted. */
interface Load {
  readonly kind: string;
  readonly count: number;
  /** The number of resources whose calls and time are measured alone. */
  readonly alone: number;
  /** Whether all are one resource of the stack, such as the meetings of a pool. */
  readonly isOne?: boolean;
  steps(count: number): Record<string, Desired>;
}

const LOADS: readonly Load[] = [
  { kind: 'signalingChannel', count: 400, alone: 1, steps: () => ({ created: {}, changed: { messageTtl: 90 } }) },
  {
    kind: 'ingestConfiguration',
    count: 60,
    alone: 1,
    steps: () => ({ created: { redundantIngest: false, stage: '1' }, changed: { redundantIngest: false, stage: '2' } }),
  },
  {
    kind: 'voiceConnectorStreaming',
    count: 100,
    alone: 1,
    steps: () => ({ created: { connector: '1', enabled: true, targets: [] }, changed: { connector: '1', enabled: true, hours: 48, targets: ['SNS'] } }),
  },
  // The largest pool, and alone one of two meetings, so that both can be halved.
  ...['CHIME_SDK', 'CHIME'].map((namespace): Load => ({
    kind: 'chimeMeetingPool',
    count: 200,
    alone: 2,
    isOne: true,
    steps: (count) => {
      const created = { size: count, attendees: ['host'], namespace, endLeased: true };
      const changed = { ...created, mediaRegion: 'eu-central-1' };
      return { created, settings: changed, smaller: { ...changed, size: count / 2 }, larger: changed };
    },
  })),
];

/** A stack in an account with this quota of concurrent Lambda executions. */
interface Limited {
  readonly count: number;
  readonly quota: number;
  /** The option of `RtcProvider.configure`. */
  readonly maxConcurrency?: number;
  /** Without the option, the quota throttles. */
  readonly isThrottled?: boolean;
}

/** All resources are signaling channels. The failing stack is last, because some of its requests still run after the failure. */
const LIMITED: readonly Limited[] = [
  { count: 40, quota: 10, maxConcurrency: 4 },
  { count: 400, quota: 1000, maxConcurrency: 20 },
  { count: 400, quota: 1000 },
  { count: 40, quota: 10, isThrottled: true },
];

/** The setting of `RtcProvider.configure` with the option, and the default of the SDK without. */
const attemptsOf = ({ maxConcurrency }: Limited) => (maxConcurrency === undefined ? 3 : 10);

/** Each request in progress needs the framework's function and the handler. */
const EXECUTIONS_PER_RESOURCE = 2;

/** Milliseconds from a response until CloudFormation starts the dependent resources. The function that responded has ended by then. */
const RESPONSE_DELAY = 100;

/** The number of concurrent requests of CloudFormation. */
const CONCURRENCY = 100;

/** The longest allowed time, as a multiple of the time that the rates require. */
const ALLOWED = 1.5;

const STACK_ID = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Loaded/1`;

/** By service and operation. */
type Calls = Record<string, number>;

interface Outcome {
  readonly seconds: number;
  readonly calls: Calls;
}

/** A stack with resources of one kind. */
class LoadedStack {
  private readonly environments = new ExecutionEnvironments();
  private readonly policies: object[];
  private readonly emulator: Emulator;
  private requests = 0;

  /** `maxConcurrency`: the option of the stack's provider. */
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

  /** Creates, updates, and deletes all resources. */
  async play({ isOne, steps }: Pick<Load, 'isOne' | 'steps'>, count: number): Promise<Record<string, Outcome>> {
    playWith(this.emulator, new Coverage());
    const resources = isOne ? 1 : count;
    const propertiesOf = (desired: Desired) => Array.from({ length: resources }, (_, index) => this.kind.properties(this.emulator, `Loaded-R${index}`, STACK_ID, desired));
    const ids: string[] = [];
    const outcomes: Record<string, Outcome> = {};
    let before: object[] | undefined;
    for (const [name, desired] of Object.entries(steps(count))) {
      const properties = propertiesOf(desired);
      outcomes[name] = await this.all(resources, async (index) => {
        ids[index] = await this.request(before ? 'Update' : 'Create', index, { properties: properties[index], oldProperties: before?.[index], physicalId: ids[index] });
        this.check(ids[index], desired, properties[index]);
      });
      before = properties;
    }
    const remove = async (index: number) => { await this.request('Delete', index, { properties: before![index], physicalId: ids[index] }); };
    outcomes.deleted = await this.all(resources, remove, 'backwards');
    const left = [...this.kind.remotes(this.emulator).map(({ id }) => id), ...existingMeetings(this.emulator).map(({ id }) => id)];
    if (left.length > 0) throw new Error(`${left.join(', ')} still exist`);
    return outcomes;
  }

  /** Seconds that the documented rates require for the calls that a resource makes alone, or that it waits. */
  floor({ count, alone, isOne }: Load, outcome: Outcome): number {
    // The burst is not subtracted, because the previous step may have used it.
    const needed: Record<string, number> = {};
    for (const [operation, made] of Object.entries(outcome.calls)) {
      const { perAccount, shared }: Rate = this.rateOf(operation) ?? {};
      for (const [name, perSecond] of [[operation, perAccount], [shared?.name, shared?.perAccount]] as const) {
        // One list returns all meetings.
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

  /** Every resource exists once, in the desired state. */
  private check(id: string, desired: Desired, properties: object): void {
    const remote = this.kind.remotes(this.emulator).find((one) => one.id === id);
    const difference = remote ? this.kind.difference(remote, desired, properties, this.emulator) : 'is missing';
    if (difference) throw new Error(`${id} differs from the desired state: ${difference}`);
    if (desired.size === undefined) return;
    const { items, meetings } = remote!.state as PoolState;
    const ready = readyIds(items);
    const existing = existingMeetings(this.emulator).map((meeting) => meeting.id);
    const known = meetings.filter((meeting) => ready.has(meeting.id)).length;
    if (known === desired.size && existing.length === desired.size) return;
    throw new Error(`of ${desired.size} meetings of ${id}, ${known} are ready and ${existing.length} exist`);
  }

  private async all(count: number, work: (index: number) => Promise<void>, direction: 'forwards' | 'backwards' = 'forwards'): Promise<Outcome> {
    const [from, known] = [this.time.now(), this.emulator.calls.length];
    const needs = this.dependencies(count, direction);
    // A resource starts before its dependents.
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
    if (earlier.length > 0) await this.time.sleep(RESPONSE_DELAY);
    await work();
  }

  /** The resources that each resource waits for, by index. */
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
    const responded = this.framework.expect(requestId, { state: 'load', mayTerminate: false, environments: () => this.environments });
    void this.framework.deliver(eventOf({ type, requestId, stackId: STACK_ID, logicalId: `R${index}`, kind: this.kind, ...what }));
    const response: Response = await responded;
    if (response.Status !== 'SUCCESS') throw new Error(`${type} of R${index}: ${response.Reason}`);
    return response.PhysicalResourceId;
  }
}

const print = (text: string) => process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  await compileHandlers();
  const time = new Time();
  // Seconds are measured, so every poll is played.
  const framework = new Framework(time, () => 1);
  const { log } = console;
  console.log = () => undefined;
  let isTooSlow = false;
  for (const load of LOADS) {
    const kind = KINDS[load.kind];
    const play = (stack: LoadedStack, count: number) => {
      framework.forget();
      return time.run(stack.play(load, count));
    };
    // Loads the modules, which takes real time.
    await play(new LoadedStack(kind, time, framework), load.alone).catch(() => undefined);
    const alone = await play(new LoadedStack(kind, time, framework), load.alone);
    const stack = new LoadedStack(kind, time, framework);
    const loaded = await play(stack, load.count);
    print(`${load.count} ${load.kind}${load.isOne ? ` (${load.steps(load.count).created.namespace})` : ''}`);
    for (const [step, outcome] of Object.entries(loaded)) {
      const floor = stack.floor(load, alone[step]);
      const ratio = outcome.seconds / floor;
      isTooSlow ||= ratio > ALLOWED;
      // Calls to the table of a pool have no rate.
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

/** @returns the finding, if there is one */
async function playLimited(limited: Limited, time: Time, framework: Framework): Promise<string | undefined> {
  const { count, quota, maxConcurrency, isThrottled } = limited;
  const name = `${count} channels at a quota of ${quota}${maxConcurrency === undefined ? '' : ` with maxConcurrency ${maxConcurrency}`}`;
  const concurrency = new Concurrency(quota);
  framework.forget();
  framework.limits = { concurrency, attempts: attemptsOf(limited) };
  const stack = new LoadedStack(KINDS.signalingChannel, time, framework, maxConcurrency);
  const steps = () => ({ created: {}, changed: { messageTtl: 90 } });
  const failure = await time.run(stack.play({ steps }, count)).then(() => undefined, (error: Error) => error.message);
  print(`${name}: ${failure?.split('\n')[0] ?? 'created, updated, and deleted'}; at most ${concurrency.peak} executions at once, ${concurrency.throttled} throttled`);
  if (isThrottled) return concurrency.throttled > 0 ? undefined : `${name}: the quota should throttle it`;
  if (failure !== undefined) return `${name}: ${failure}`;
  const most = maxConcurrency === undefined ? Infinity : EXECUTIONS_PER_RESOURCE * maxConcurrency;
  return concurrency.peak > most ? `${name}: ${concurrency.peak} executions at once, at most ${most} are allowed` : undefined;
}

void main();
