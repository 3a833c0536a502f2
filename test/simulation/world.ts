import { Broken, Stack, type Template, type Trouble } from './cloudformation';
import { type Aim, Coverage, faultOf } from './coverage';
import { Framework } from './framework';
import { type Kill, killAt, playWith, unheard } from './functions';
import { printed } from './handlers';
import { ACCOUNT, type Kind, KINDS, type Remote, type Wish } from './kinds';
import { livingMeetings } from './meeting-pool';
import { type PoolEvent, poolPrincipal, Pools } from './pools';
import { Time } from './time';
import {
  chime, chimeSdkMeetings, chimeSdkVoice, dynamoDb, Emulator, type Fault, ivsRealtime, kinesisVideo, realClock, secretsManager, streamKeys,
} from '../../local/emulator';
import { seededRandom } from '../../local/emulator/random';
import type { PolicyDocument } from '../synthesised-policies';

/** One resource of a stack's template, in words that shrink well. */
export interface Resource {
  readonly id: string;
  readonly kind: string;
  readonly wish: Wish;
}

export interface Operation extends Trouble {
  /** Which of the two stacks. */
  readonly stack: 0 | 1;
  readonly resources: readonly Resource[];
  readonly faults: readonly Fault[];
  readonly kills: readonly Kill[];
  /** Somebody else does something to the n-th of the stack's resources, so many seconds after the operation began; `live` ends again after `lasts`. */
  readonly edits: readonly { readonly resource: number; readonly edit: string; readonly after: number; readonly lasts?: number }[];
  /** So many seconds after it began, CloudFormation updates the tags of the stack's voice connectors, and removes those that the template doesn't name. */
  readonly tagUpdate?: number;
  /** Before it begins, somebody else has made what the n-th resource would be, without owner tags or with those of a stack of the past. */
  readonly squatter?: { readonly resource: number; readonly owner: 'nobody' | 'stranger' };
  /** Every waiter of it asks once more when all is over. */
  readonly askAgain?: boolean;
  /** What people do with the meeting pools. */
  readonly people?: readonly PoolEvent[];
  /** Seconds until the next operation. */
  readonly pause?: number;
}

export interface History {
  readonly operations: readonly Operation[];
  /** Single calls that something happens to. */
  readonly aims?: readonly Aim[];
  /** At the end another stack has put its owner tags on the n-th resource. */
  readonly seized?: number;
}

const stackId = (name: string, uuid: number) => `arn:aws:cloudformation:us-east-1:${ACCOUNT}:stack/${name}/${uuid}`;
const STACKS = [stackId('Played', 1), stackId('Other', 3)];
const NEIGHBOUR = stackId('Neighbour', 2);
const STRANGER = stackId('Past', 4);
/** Nothing that a pool keeps in its table may need to go by itself. */
const DAYS = 3 * 86_400_000;
/** Of a request. */
const LONGEST_DELAY = 6000;
/** Until every read shows what was made. */
const SEEN = 12_000;
const QUIET: Trouble = { rollback: 'new', duplicates: [] };

/** Plays one history after the other, and tells what an invariant is broken by. */
export class World {
  readonly coverage = new Coverage();
  private readonly time = new Time();
  private readonly framework = new Framework(this.time);
  private readonly policies = new Map<string, PolicyDocument[]>();
  private readonly attached = new Map<string, PolicyDocument[]>();
  private stacks = new Map<string, Stack>();
  /** The tags of what a neighbour owns, by kind. */
  private remembered?: ReadonlyMap<Kind, Record<string, string>>;
  /** What somebody without owner tags has made, and nobody may take. */
  private squatted: { readonly kind: Kind; readonly id: string }[] = [];
  /** What somebody has taken off. */
  private stripped: { readonly kind: Kind; readonly id: string; readonly tags: Record<string, string> }[] = [];
  /** In this operation somebody removes something, which may be seen late. */
  private isRemoved = false;
  /** Since somebody else has changed something, what the library does about it may be a failure. */
  private isUndisturbed = true;

  constructor() {
    for (const kind of Object.values(KINDS)) for (const id of [...STACKS, NEIGHBOUR]) this.policyOf(kind, id);
  }

  /** Modules are loaded when they are first needed, which takes real time: so that is before any history. */
  async warmUp(): Promise<void> {
    for (let round = 0; round < 2; round += 1) await this.play({ operations: [] });
  }

  /** What has happened so far in the history that is played. */
  story(): string {
    return [...this.stacks.values()].filter(({ id }) => id !== NEIGHBOUR).map(({ id, story }) => `${id}\n${story.join('\n')}`).join('\n');
  }

  /** Throws Broken, with the story, where an invariant does not hold. */
  async play(history: History): Promise<string> {
    printed.length = 0;
    this.framework.forget();
    this.coverage.begin(history);
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
        const policies = (poolPrincipal(id) ?? this.policiesOf(stacks.get(id)?.kinds ?? new Set(), id)) as never;
        return { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/HandlerRole/function`, policies };
      },
    });
    playWith(emulator, this.coverage);
    this.squatted = [];
    this.stripped = [];
    this.isUndisturbed = true;
    for (const id of [...STACKS, NEIGHBOUR]) {
      stacks.set(id, new Stack(id, this.framework, this.time, this.coverage, () => this.mend(emulator), () => endFaults(emulator, 'throttle')));
    }
    try {
      await this.time.run(this.run(history, emulator));
    } catch (error) {
      throw new Broken(`${(error as Error).message}\n${this.story()}${error instanceof Broken ? '' : `\n${(error as Error).stack}`}`);
    } finally {
      console.log = log;
      Math.random = random;
      this.time.startAgain();
    }
    return this.story();
  }

  private async run({ operations, seized, aims = [] }: History, emulator: Emulator): Promise<void> {
    this.coverage.enter(-1);
    const [first, second] = STACKS.map((id) => this.stacks.get(id)!);
    const hasPools = operations.some(({ resources }) => resources.some(isPool));
    await this.settleNeighbour(emulator, hasPools);
    const pools = new Pools(emulator, this.time, this.framework.written);
    const others = () => foreign(emulator, [NEIGHBOUR, STRANGER], this.squatted);
    let before = others();

    for (const [index, operation] of operations.entries()) {
      const stack = [first, second][operation.stack];
      stack.story.push(`deploy ${JSON.stringify(operation)}`);
      const template = this.template(emulator, stack.id, operation.resources, operation.older);
      if (operation.squatter) {
        this.squat(emulator, stack, template, operation.squatter);
        await this.time.sleep(SEEN);
      }
      const takers = operation.resources.filter(({ wish }) => wish.adopt || wish.overwrite).map(({ kind }) => kind);
      this.squatted = this.squatted.filter(({ kind }) => !takers.includes(kind.name));
      before = others();
      this.coverage.enter(index);
      for (const fault of operation.faults) emulator.addFault(fault);
      killAt(operation.kills);
      this.framework.askNobodyBefore();
      const edited = this.edit(emulator, stack, operation);
      const aimedAt = aims.filter((aim) => aim.operation === index);
      const tagUpdate = aimedAt.length > 0 ? undefined : operation.tagUpdate;
      const tagsUpdated = this.updateTags(emulator, stack, template, tagUpdate);
      const mayRefuse = tagUpdate !== undefined && !staysOnConnectors(stack, template);
      if (operation.squatter || operation.edits.length > 0 || mayRefuse) this.isUndisturbed = false;
      this.isRemoved = operation.edits.some(({ edit }) => edit === 'remove');
      const mustSucceed = this.isUndisturbed && isHarmless(operation, aimedAt);
      const isTroubled = aimedAt.length + operation.faults.length + operation.kills.length > 0;
      const people = pools.begin(stack, poolWishes(operation.resources), operation.people ?? [], isTroubled);
      const idsBefore = new Map([...stack.deployed].map(([id, { physicalId }]) => [id, physicalId]));
      const lateSecrets = [...operation.faults, ...aimedAt.flatMap((aim) => faultOf(aim) ?? [])].some(isLateSecret);
      const succeeded = await stack.deploy(template, { ...operation, lateSecrets });
      // Who knows a resource by its id knows it still.
      const another = [...stack.deployed].find(([id, { physicalId }]) => (idsBefore.get(id) ?? physicalId) !== physicalId);
      if (!succeeded && this.isUndisturbed && another) throw new Broken(`the rollback of ${another[0]} has made another one: ${another[1].physicalId}`);
      pools.checkComplete(stack);
      pools.dropTables(stack);
      if (mustSucceed && !succeeded) throw new Broken('nothing was in the way but what passes, and the deployment failed');
      await edited;
      await tagsUpdated;
      await people;
      await stack.delivered();
      // Between two deployments nothing stays on its way.
      await this.time.sleep(LONGEST_DELAY);
      killAt([]);
      emulator.removeFaults();
      await this.framework.quiet();
      if (hasPools) await this.settlePools(pools, stack, operation.pause ?? 0);
      if (operation.edits.length === 0) this.check(emulator, stack, this.isUndisturbed);
      const mayAskAgain = operation.askAgain && tagUpdate === undefined && operation.duplicates.length === 0 && stack.unsettled.size === 0;
      if (mayAskAgain && this.isUndisturbed) await this.checkAskedAgain(emulator);
      // Of what was not worked on since, the owner isn't known any more.
      if (tagUpdate !== undefined) this.isUndisturbed = false;
      if (others() !== before) throw new Broken(`somebody else was touched: ${difference(before, others())}`);
    }
    this.coverage.enter(-1);

    // What has collided with it goes, and the faults are over: what is wished can be had.
    this.squatted = [];
    second.story.push('delete');
    await second.delete();
    pools.dropTables(second);
    await this.framework.quiet();
    await pools.quiet();
    pools.check(second);
    this.check(emulator, second);
    this.clear(emulator, [first, second]);
    await this.endWell(first, operations.filter(({ stack }) => stack === 0).at(-1), emulator, pools, seized);
    if (foreign(emulator, [NEIGHBOUR]) !== JSON.stringify(JSON.parse(before).filter((one: Remote) => one.stackId === NEIGHBOUR))) {
      throw new Broken('a neighbour was touched');
    }
    await pools.checkUnheard();
    this.checkSecrets(emulator);
    const [tooLong] = this.framework.tooLong;
    if (tooLong) throw new Broken(`an answer to CloudFormation is too long: ${tooLong}`);
    pools.checkSecrets([...printed, this.story()].join('\n'));
  }

  /** Somebody else's stack, with the same logical ids and names. What the handlers once made for it stands there again, with the same tags. */
  private async settleNeighbour(emulator: Emulator, hasPools: boolean): Promise<void> {
    const neighbour = this.stacks.get(NEIGHBOUR)!;
    const wishes = Object.entries(WISH_OF_NEIGHBOUR).map(([kind, wish], index) => ({ id: `A${index}`, kind, wish }));
    const { remembered } = this;
    if (remembered) {
      for (const { kind, properties } of this.template(emulator, neighbour.id, wishes.filter((one) => !isPool(one))).values()) {
        kind.squat!(emulator, properties, remembered.get(kind)!);
      }
      await this.time.sleep(SEEN);
    }
    const template = this.template(emulator, neighbour.id, wishes.filter((one) => (isPool(one) ? hasPools : !remembered)));
    await neighbour.deploy(template, QUIET);
    await this.framework.quiet();
    const tagsOf = (kind: Kind) => kind.remotes(emulator).find(({ stackId: owner }) => owner === NEIGHBOUR)!.state.tags;
    this.remembered ??= new Map([...template.values()].map(({ kind }) => [kind, tagsOf(kind)]));
    // Meetings in which nobody is end by themselves.
    for (const { id, service } of livingMeetings(emulator)) emulator.edit({ service, resource: id, connect: '*' } as never);
  }

  /** People who come later, and what the schedule does until then. */
  private async settlePools(pools: Pools, stack: Stack, pause: number): Promise<void> {
    await this.time.sleep(pause * 1000);
    await pools.quiet();
    await pools.recover(stack);
    pools.check(stack);
  }

  private async endWell(stack: Stack, last: Operation | undefined, emulator: Emulator, pools: Pools, seized?: number): Promise<void> {
    if (last) {
      stack.story.push('deploy the last again, without trouble');
      const again = last.resources.map((resource) => ({ ...resource, wish: { ...resource.wish, ...AGAIN[resource.kind], retain: undefined } }));
      const people = pools.begin(stack, poolWishes(again), [], false);
      if (!await stack.deploy(this.template(emulator, stack.id, again), QUIET)) throw new Broken('a deployment without trouble failed');
      pools.checkComplete(stack);
      pools.dropTables(stack);
      await people;
      await this.framework.quiet();
      pools.check(stack);
      if (again.some(isPool)) {
        await pools.recover(stack, 130);
        pools.check(stack);
      }
      this.check(emulator, stack);
    }
    const taken = seized === undefined ? undefined : [...stack.deployed.values()][seized];
    if (taken?.kind.ownedBy) {
      stack.story.push(`  ${taken.physicalId} is taken by ${STRANGER}`);
      emulator.edit({ service: taken.kind.service, resource: taken.physicalId, replaceTags: taken.kind.ownedBy(STRANGER) } as never);
    }
    const theirs = foreign(emulator, [STRANGER]);
    stack.story.push('delete');
    await stack.delete();
    pools.dropTables(stack);
    await this.framework.quiet();
    await pools.quiet();
    pools.check(stack);
    this.check(emulator, stack);
    const mayStay = [...stack.retained.map(({ physicalId }) => physicalId), ...taken?.kind.ownedBy ? [taken.physicalId] : []];
    const left = allRemotes(emulator).find(({ id }) => stack.known.has(id) && !mayStay.includes(id));
    if (left) throw new Broken(`${left.id} is left, though CloudFormation has deleted it`);
    if (foreign(emulator, [STRANGER]) !== theirs) throw new Broken('what another stack has taken was touched');
  }

  private template(emulator: Emulator, id: string, resources: readonly Resource[], isOlder = false): Template {
    return new Map(resources.map(({ id: logicalId, kind: name, wish: wished }) => {
      const kind = KINDS[name];
      // The older version has no such property.
      const wish = isOlder ? { ...wished, retain: undefined } : wished;
      return [`${logicalId}${name}`, { kind, wish, properties: kind.properties(emulator, `${id.split('/')[1]}-${logicalId}`, id, wish) }];
    }));
  }

  private async edit(emulator: Emulator, stack: Stack, { edits }: Operation): Promise<void> {
    for (const { resource, edit, after, lasts } of edits) {
      if (after > 0) await this.time.sleep(after * 1000);
      const [logicalId, victim] = [...stack.deployed][resource] ?? [];
      const change = (name: string) => {
        // What a waiter that outlives its operation has put is known by its tag alone: both at once are limits that docs/reliability.md names.
        if (name === 'strip' && stack.unsettled.has(logicalId!)) return;
        const found = victim?.kind.remotes(emulator).find(({ id }) => id === victim.physicalId);
        if (!found || !victim.kind.edits[name]) return;
        stack.story.push(`  somebody: ${name} ${victim.physicalId}`);
        if (name === 'strip') this.stripped.push({ kind: victim.kind, id: victim.physicalId, tags: found.state.tags });
        this.coverage.struck(`${victim.kind.name}: an edit by somebody`, 'edit', name);
        emulator.edit({ service: victim.kind.service, resource: victim.physicalId, ...victim.kind.edits[name] } as never);
      };
      change(edit);
      if (edit !== 'live') continue;
      await this.time.sleep((lasts ?? 0) * 1000);
      change('end');
    }
  }

  /** The voice connectors that only this resource configures; of those of several, a rename would be lost. */
  private async updateTags(emulator: Emulator, stack: Stack, template: Template, tagUpdate?: number): Promise<void> {
    if (tagUpdate === undefined) return;
    if (tagUpdate > 0) await this.time.sleep(tagUpdate * 1000);
    const kind = KINDS.voiceConnectorStreaming;
    const declared = [...template.values(), ...stack.deployed.values()].filter((one) => one.kind === kind && isOwnConnector(one.wish));
    for (const id of new Set(declared.map(({ properties }) => String(properties.VoiceConnectorArn)))) {
      const found = kind.remotes(emulator).find((remote) => remote.id === id);
      // What has squatted there must not be touched by anybody.
      if (found && found.stackId !== stack.id) continue;
      stack.story.push(`  CloudFormation updates the tags of ${id}`);
      if (found) this.stripped.push({ kind, id, tags: found.state.tags });
      this.coverage.struck(`${kind.name}: an edit by somebody`, 'edit', 'tag update');
      emulator.edit({ service: kind.service, resource: id, replaceTags: { team: 'a' } } as never);
    }
  }

  /** So that a rollback can be continued: somebody puts back the tags that were taken off, as the library takes nothing that nobody owns; has a quota raised; and waits until what is gone is seen to be. */
  private mend(emulator: Emulator): boolean {
    const mended = this.stripped.splice(0);
    const reached = endFaults(emulator, 'error');
    for (const { kind, id, tags } of mended) {
      const isThere = kind.remotes(emulator).some((remote) => remote.id === id);
      if (isThere) emulator.edit({ service: kind.service, resource: id, replaceTags: tags } as never);
    }
    return mended.length + reached > 0 || this.isRemoved;
  }

  private squat(emulator: Emulator, stack: Stack, template: Template, { resource, owner }: NonNullable<Operation['squatter']>): void {
    const [logicalId, victim] = [...template][resource] ?? [];
    if (!victim?.kind.squat || stack.deployed.has(logicalId!)) return;
    try {
      const before = victim.kind.remotes(emulator).map(({ id }) => id);
      victim.kind.squat(emulator, victim.properties, owner === 'nobody' ? {} : victim.kind.ownedBy!(STRANGER));
      const made = victim.kind.remotes(emulator).filter(({ id }) => !before.includes(id));
      const mayTake = victim.wish.adopt || victim.wish.overwrite;
      if (!mayTake) this.squatted.push(...made.map(({ id }) => ({ kind: victim.kind, id })));
      stack.story.push(`  somebody (${owner}) has made what ${logicalId} would be`);
      this.coverage.struck(`${victim.kind.name}: a squatter`, 'make', owner);
    } catch {
      // It is there already.
    }
  }

  /** Somebody removes what was retained and what has squatted. */
  private clear(emulator: Emulator, stacks: readonly Stack[]): void {
    const known = new Set(stacks.flatMap(({ deployed }) => [...deployed.values()].map(({ physicalId }) => physicalId)));
    for (const kind of Object.values(KINDS)) {
      for (const { id, stackId: owner } of kind.remotes(emulator)) {
        const removal = kind.edits.free ?? kind.edits.remove;
        if (removal && !known.has(id) && owner !== NEIGHBOUR) emulator.edit({ service: kind.service, resource: id, ...removal } as never);
      }
    }
    for (const stack of stacks) stack.retained.length = 0;
  }

  /** What somebody has changed stays so until the resource is worked on. */
  private check(emulator: Emulator, stack: Stack, isUndisturbed = true): void {
    for (const kind of Object.values(KINDS)) {
      const remotes = kind.remotes(emulator);
      const known = [...stack.deployed].filter(([, deployed]) => deployed.kind === kind);
      for (const [id, { physicalId, wish, properties }] of isUndisturbed ? known : []) {
        const remote = remotes.find((one) => one.id === physicalId);
        if (!remote) throw new Broken(`${id} (${physicalId}) is missing`);
        if (stack.unsettled.has(id)) continue;
        const unlike = kind.difference(remote, wish, properties, emulator);
        if (unlike) throw new Broken(`${id} (${physicalId}) is not as wished: ${unlike}`);
      }
      const kept = [...known.map(([, { physicalId }]) => physicalId), ...stack.retained.map(({ physicalId }) => physicalId)];
      const isExcused = (id: string) => kept.includes(id) || unheard.get(emulator)!.has(id);
      const orphan = remotes.find(({ id, stackId: owner, isRetained }) => owner === stack.id && !isRetained && !isExcused(id));
      if (orphan) throw new Broken(`${orphan.id} is left, and CloudFormation does not know it`);
      const lost = stack.retained.find((one) => one.kind === kind && staysForGood(one) && !remotes.some(({ id }) => id === one.physicalId));
      if (lost && this.isUndisturbed && !stack.leaving.has(lost.physicalId)) throw new Broken(`${lost.physicalId} is gone, and was to be retained`);
    }
  }

  /** What a waiter does that has outlived its operation. */
  private async checkAskedAgain(emulator: Emulator): Promise<void> {
    // A pool that is asked makes what it lacks.
    const observed = () => JSON.stringify(allRemotes(emulator).filter(({ kind }) => !isPool({ kind })));
    const before = observed();
    await this.framework.askAgain();
    const after = observed();
    if (before !== after) throw new Broken(`a waiter that asked again has changed something\n${before}\n${after}`);
  }

  private checkSecrets(emulator: Emulator): void {
    const everything = [...printed, ...this.framework.written, this.story()].join('\n');
    const leaked = streamKeys(emulator).find((key) => everything.includes(key));
    if (leaked) throw new Broken('a stream key was written');
  }

  /** Always the same for the same, so that IAM need not read them again. */
  private policiesOf(kinds: ReadonlySet<Kind>, id: string): PolicyDocument[] {
    const key = `${[...kinds].map(({ type }) => type).sort().join()} ${id}`;
    if (!this.attached.has(key)) this.attached.set(key, [...kinds].flatMap((kind) => this.policyOf(kind, id)));
    return this.attached.get(key)!;
  }

  private policyOf(kind: Kind, id: string): PolicyDocument[] {
    const key = `${kind.type} ${id}`;
    const policies = this.policies.get(key) ?? kind.policies(id);
    this.policies.set(key, policies);
    return policies;
  }
}

/** @returns how many there were of this kind */
function endFaults(emulator: Emulator, kind: Fault['kind']): number {
  const ending = emulator.listFaults().filter((fault) => fault.kind === kind);
  for (const { id } of ending) emulator.removeFaults(id);
  return ending.length;
}

function allRemotes(emulator: Emulator): (Remote & { readonly kind: string })[] {
  return Object.values(KINDS).flatMap((kind) => kind.remotes(emulator).map((remote) => ({ ...remote, kind: kind.name })));
}

/** Where two texts begin to differ. */
function difference(before: string, after: string): string {
  const at = [...before].findIndex((letter, index) => letter !== after[index]);
  return `…${before.slice(Math.max(0, at - 60), at + 60)}… is now …${after.slice(Math.max(0, at - 60), at + 60)}…`;
}

function isPool({ kind }: { readonly kind: string }): boolean {
  return kind === 'chimeMeetingPool';
}

/** Where its name is fixed, whoever has the same may take it back, and lose it then; and a pool without meetings is nothing that could be seen. */
function staysForGood({ kind, wish }: { readonly kind: Kind; readonly wish: Wish }): boolean {
  return wish.name === undefined && wish.connector === undefined && kind !== KINDS.chimeMeetingPool;
}

function isOwnConnector({ connector }: Wish): boolean {
  return connector === '1' || connector === '2';
}

/** Pure: whether no resource goes to a voice connector that may have a configuration already, which it takes only by its owner tag. */
function staysOnConnectors({ deployed, retained }: Stack, template: Template): boolean {
  const arnOf = ({ properties }: { readonly properties: Record<string, unknown> }) => properties.VoiceConnectorArn;
  const taken = [...deployed.values(), ...retained].map(arnOf);
  const stays = (id: string, arn: unknown) => deployed.has(id) && arnOf(deployed.get(id)!) === arn;
  return [...template].every(([id, one]) => arnOf(one) === undefined || !taken.includes(arnOf(one)) || stays(id, arnOf(one)));
}

function poolWishes(resources: readonly Resource[]): { readonly id: string; readonly wish: Wish }[] {
  return resources.filter(isPool).map(({ id, kind, wish }) => ({ id: `${id}${kind}`, wish }));
}

/** What belongs to these stacks, and these things, to be compared. */
function foreign(emulator: Emulator, owners: readonly string[], things: readonly { readonly id: string }[] = []): string {
  return JSON.stringify(allRemotes(emulator)
    .filter(({ id, stackId: owner }) => (owner !== undefined && owners.includes(owner)) || things.some((thing) => thing.id === id)));
}

function isLateSecret({ kind, service, operation }: Fault): boolean {
  return kind.endsWith('Reads') && (service === 'secrets-manager' || operation === 'GetSecretValue');
}

const PASSES = ['throttle', 'serverError', 'lostResponse', 'lostRequest', 'laggingReads', 'reorderedReads', 'delay'];

/** Pure: whether all that goes wrong in an operation passes, so that it must succeed in spite of it. */
function isHarmless({ faults: drawn, kills, failsAfter, failsLast, resources, stack }: Operation, aims: readonly Aim[]): boolean {
  const faults = [...drawn, ...aims.flatMap((aim) => faultOf(aim) ?? [])];
  const isDeadly = kills.length > 0 || aims.some((aim) => !faultOf(aim));
  return stack === 0 && !isDeadly && !(resources.some(isPool) && faults.length > 0) && failsAfter === undefined && !failsLast
    && faults.every(({ kind }) => PASSES.includes(kind)) && !JSON.stringify(resources).match(/"(shared|common)"/);
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
  signalingChannel: { messageTtl: 45, mesh: undefined },
  ingestConfiguration: { tags: { last: 'one' } },
  voiceConnectorStreaming: { hours: 12 },
  chimeMeetingPool: { minimum: 90 },
};
