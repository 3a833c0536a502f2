import { Broken, Stack, type Template, type Trouble } from './cloudformation';
import { Framework } from './framework';
import { playWith } from './functions';
import { printed } from './handlers';
import { ACCOUNT, type Kind, KINDS, type Wish } from './kinds';
import { livingMeetings } from './meeting-pool';
import { type PoolEvent, poolPrincipal, Pools } from './pools';
import { Time } from './time';
import {
  chime, chimeSdkMeetings, chimeSdkVoice, dynamoDb, Emulator, type Fault, ivsRealtime, kinesisVideo, realClock, secretsManager, streamKeys,
} from '../../local/emulator';
import { seededRandom } from '../../local/emulator/random';
import { type PolicyDocument, synthesisedPolicies } from '../synthesised-policies';

/** One resource of a stack's template, in words that shrink well. */
export interface Resource {
  readonly id: string;
  readonly kind: string;
  readonly wish: Wish;
}

export interface Operation extends Trouble {
  readonly resources: readonly Resource[];
  readonly faults: readonly Fault[];
  /** Somebody else does something to the n-th of the stack's resources, so many seconds after the operation began. */
  readonly edits: readonly { readonly resource: number; readonly edit: string; readonly after: number }[];
  /** What people do with the meeting pools. */
  readonly people?: readonly PoolEvent[];
  /** Seconds until the next operation. */
  readonly pause?: number;
}

export type History = readonly Operation[];

const STACK_ID = `arn:aws:cloudformation:us-east-1:${ACCOUNT}:stack/Played/1`;
const NEIGHBOUR_ID = `arn:aws:cloudformation:us-east-1:${ACCOUNT}:stack/Neighbour/2`;
/** Nothing that a pool keeps in its table may need to go by itself. */
const DAYS = 3 * 86_400_000;
const QUIET: Trouble = { rollback: 'new', duplicates: [], kills: [] };

/** Plays one history after the other, and tells what an invariant is broken by. */
export class World {
  private readonly time = new Time();
  private readonly framework = new Framework(this.time);
  private readonly policies = new Map<string, PolicyDocument[]>();
  private readonly attached = new Map<string, PolicyDocument[]>();
  readonly injected: Record<string, number> = {};
  private stacks = new Map<string, Stack>();

  constructor() {
    for (const kind of Object.values(KINDS)) for (const id of [STACK_ID, NEIGHBOUR_ID]) this.policyOf(kind, id);
  }

  /** Modules are loaded when they are first needed, which takes real time: so that is before any history. */
  async warmUp(): Promise<void> {
    for (let round = 0; round < 2; round += 1) await this.play([{ resources: [], faults: [], edits: [], ...QUIET }]).catch(() => undefined);
  }

  /** What has happened so far in the history that is played. */
  story(): string {
    return `${new Date().toISOString()}\n${[...this.stacks.values()].map(({ story }) => story.join('\n')).join('\n\n')}\n${printed.slice(-8).join('')}`;
  }

  /** Throws Broken, with the story, where an invariant does not hold. */
  async play(history: History): Promise<string[]> {
    printed.length = 0;
    this.framework.forget();
    const { log } = console;
    const { random } = Math;
    // A history is the same whenever it is played.
    Math.random = seededRandom(1);
    // The framework's functions log with it.
    console.log = (...words: unknown[]) => { printed.push(words.map(String).join(' ')); };
    const stacks = this.stacks = new Map<string, Stack>();
    const emulator = new Emulator({
      clock: realClock,
      account: ACCOUNT,
      latency: 30,
      services: [
        kinesisVideo(), ivsRealtime(), chimeSdkVoice({ quotas: { voiceConnectors: 20 } }), chime(), secretsManager(), chimeSdkMeetings(),
        dynamoDb({ indexLag: 300, ttlDelay: DAYS }),
      ],
      principals: async (accessKeyId) => {
        const id = Buffer.from(accessKeyId, 'hex').toString();
        const policies = poolPrincipal(id) as never ?? this.policiesOf(stacks.get(id)?.kinds ?? new Set(), id) as never;
        return { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/HandlerRole/function`, policies };
      },
    });
    playWith(emulator);
    for (const id of [STACK_ID, NEIGHBOUR_ID]) stacks.set(id, new Stack(id, this.framework, this.time));
    try {
      await this.time.run(this.run(history, emulator, stacks.get(STACK_ID)!, stacks.get(NEIGHBOUR_ID)!));
    } catch (error) {
      throw new Broken(`${(error as Error).message}\n${stacks.get(STACK_ID)!.story.join('\n')}${error instanceof Broken ? '' : `\n${(error as Error).stack}`}`);
    } finally {
      console.log = log;
      Math.random = random;
      this.time.startAgain();
    }
    return stacks.get(STACK_ID)!.story;
  }

  private async run(history: History, emulator: Emulator, stack: Stack, neighbour: Stack): Promise<void> {
    // Somebody else's, with the same logical ids and names.
    const theirWishes = Object.entries(WISH_OF_NEIGHBOUR).map(([kind, wish], index) => ({ id: `A${index}`, kind, wish }));
    await neighbour.deploy(this.template(emulator, neighbour.id, theirWishes), QUIET);
    await this.framework.quiet();
    // Meetings in which nobody is end by themselves.
    for (const { id, service } of livingMeetings(emulator)) emulator.edit({ service, resource: id, connect: '*' } as never);
    const remotes = () => Object.values(KINDS).flatMap((kind) => kind.remotes(emulator));
    const theirs = () => JSON.stringify(remotes().filter(({ stackId }) => stackId === neighbour.id));
    const before = theirs();
    const pools = new Pools(emulator, this.time, this.framework.written);
    const wishes = (resources: readonly Resource[]) => resources.filter(({ kind }) => kind === 'chimeMeetingPool').map(({ id, kind, wish }) => ({ id: `${id}${kind}`, wish }));

    for (const operation of history) {
      stack.story.push(`deploy ${JSON.stringify(operation)}`);
      for (const fault of operation.faults) {
        emulator.addFault(fault);
        this.injected[fault.kind] = (this.injected[fault.kind] ?? 0) + 1;
      }
      const template = this.template(emulator, stack.id, operation.resources);
      const edited = this.edit(emulator, stack, operation);
      const people = pools.begin(stack, wishes(operation.resources), operation.people ?? [], operation.faults.length > 0);
      await stack.deploy(template, operation);
      pools.dropTables(stack);
      await edited;
      await people;
      emulator.removeFaults();
      await this.framework.quiet();
      await this.time.sleep((operation.pause ?? 0) * 1000);
      await pools.quiet();
      await pools.recover(stack);
      pools.check(stack);
      if (operation.edits.length === 0) this.check(emulator, stack);
      if (theirs() !== before) throw new Broken('a neighbour was touched');
    }

    // The faults are over: what is wished can be had.
    const last = history.at(-1)!;
    stack.story.push('deploy the last again, without trouble');
    const again = last.resources.map((resource) => ({ ...resource, wish: { ...resource.wish, ...AGAIN[resource.kind] } }));
    const people = pools.begin(stack, wishes(again), [], false);
    if (!await stack.deploy(this.template(emulator, stack.id, again), QUIET)) throw new Broken('a deployment without trouble failed');
    pools.dropTables(stack);
    await people;
    await this.framework.quiet();
    await pools.quiet();
    pools.check(stack);
    await pools.recover(stack, 130);
    pools.check(stack);
    this.check(emulator, stack);
    stack.story.push('delete');
    await stack.delete();
    pools.dropTables(stack);
    await this.framework.quiet();
    await pools.quiet();
    pools.check(stack);
    this.check(emulator, stack);
    if (theirs() !== before) throw new Broken('a neighbour was touched');
    this.checkSecrets(emulator);
    pools.checkSecrets([...printed, ...stack.story].join('\n'));
  }

  private template(emulator: Emulator, stackId: string, resources: readonly Resource[]): Template {
    return new Map(resources.map(({ id, kind: name, wish }) => {
      const kind = KINDS[name];
      return [`${id}${name}`, { kind, wish, properties: kind.properties(emulator, `${stackId.split('/')[1]}-${id}`, stackId, wish) }];
    }));
  }

  private async edit(emulator: Emulator, stack: Stack, { edits }: Operation): Promise<void> {
    for (const { resource, edit, after } of edits) {
      if (after > 0) await this.time.sleep(after * 1000);
      const victim = [...stack.deployed.values()][resource];
      if (!victim?.kind.edits[edit] || !victim.kind.remotes(emulator).some(({ id }) => id === victim.physicalId)) continue;
      stack.story.push(`  somebody: ${edit} ${victim.physicalId}`);
      emulator.edit({ service: victim.kind.service, resource: victim.physicalId, ...victim.kind.edits[edit] } as never);
    }
  }

  private check(emulator: Emulator, stack: Stack): void {
    for (const kind of Object.values(KINDS)) {
      const remotes = kind.remotes(emulator);
      const known = [...stack.deployed].filter(([, deployed]) => deployed.kind === kind);
      for (const [id, { physicalId, wish, properties }] of known) {
        const remote = remotes.find((one) => one.id === physicalId);
        if (!remote) throw new Broken(`${id} (${physicalId}) is missing`);
        if (stack.unsettled.has(id)) continue;
        const difference = kind.difference(remote, wish, properties);
        if (difference) throw new Broken(`${id} (${physicalId}) is not as wished: ${difference}`);
      }
      const orphan = remotes.find(({ id, stackId }) => stackId === stack.id && !known.some(([, { physicalId }]) => physicalId === id));
      if (orphan) throw new Broken(`${orphan.id} is left, and CloudFormation does not know it`);
    }
  }

  private checkSecrets(emulator: Emulator): void {
    const everything = [...printed, ...this.framework.written].join('\n');
    const leaked = streamKeys(emulator).find((key) => everything.includes(key));
    if (leaked) throw new Broken('a stream key was written');
  }

  /** Always the same for the same, so that IAM need not read them again. */
  private policiesOf(kinds: ReadonlySet<Kind>, stackId: string): PolicyDocument[] {
    const key = `${[...kinds].map(({ type }) => type).sort().join()} ${stackId}`;
    if (!this.attached.has(key)) this.attached.set(key, [...kinds].flatMap((kind) => this.policyOf(kind, stackId)));
    return this.attached.get(key)!;
  }

  private policyOf(kind: Kind, stackId: string): PolicyDocument[] {
    const key = `${kind.type} ${stackId}`;
    const policies = this.policies.get(key) ?? kind.policies?.(stackId)
      ?? synthesisedPolicies((stack) => kind.build(stack), { stackId, account: ACCOUNT });
    this.policies.set(key, policies);
    return policies;
  }
}

const WISH_OF_NEIGHBOUR: Record<string, Wish> = {
  signalingChannel: { name: 'x' },
  ingestConfiguration: { name: 'x', redundantIngest: false },
  voiceConnectorStreaming: { connector: '1', enabled: true, targets: [] },
  // IAM guards the meetings of the other namespace.
  chimeMeetingPool: { size: 2, attendees: ['host', 'bot'], endLeased: true, keepWarm: false, namespace: 'CHIME' },
};

/** So that the last deployment changes something of each. */
const AGAIN: Record<string, Wish> = {
  signalingChannel: { messageTtl: 45 },
  ingestConfiguration: { tags: { last: 'one' } },
  voiceConnectorStreaming: { hours: 12 },
  chimeMeetingPool: { minimum: 90 },
};
