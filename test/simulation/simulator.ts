import { isDeepStrictEqual } from 'node:util';
import { type Declaration, type Deployed, Stack, type Template } from './cloudformation';
import { Coverage, faultOf } from './coverage';
import { Framework } from './framework';
import { createdTooLate, planTerminations, playWith } from './functions';
import { printed } from './handlers';
import type { Desired, Disturbance, History, Operation, Resource, TargetedFault } from './history';
import { InvariantViolation } from './invariant-violation';
import { KINDS } from './kinds';
import { ACCOUNT, type Kind, type Remote } from './kinds/kind';
import { NUMBERS, watchOrders } from './kinds/phone-number';
import { ASSOCIATED } from './kinds/phone-number-association';
import { PASSWORD } from './kinds/voice-connector-settings';
import { existingMeetings } from './pool-state';
import { poolPrincipal, Pools } from './pools';
import { Time } from './time';
import {
  chime, chimeSdkMeetings, chimeSdkVoice, dynamoDb, Emulator, type Fault, ivsRealtime, kinesisVideo, realClock, secretsManager, streamKeys,
} from '../../local/emulator';
import { seededRandom } from '../../local/emulator/random';
import type { PolicyDocument } from '../synthesised-policies';

const stackId = (name: string, uuid: number) => `arn:aws:cloudformation:us-east-1:${ACCOUNT}:stack/${name}/${uuid}`;
const STACKS = [stackId('Played', 1), stackId('Other', 3)];
/** A stack with the same logical IDs and names, which nothing may touch. */
const NEIGHBOR = stackId('Neighbor', 2);
/** A stack that was deleted. */
const FORMER_STACK = stackId('Past', 4);
/** The delay of DynamoDB's TTL, in milliseconds: a pool must not rely on it. */
const DAYS = 3 * 86_400_000;
/** The longest delay of a request, in milliseconds. */
const LONGEST_DELAY = 6000;
/** Milliseconds until every read shows a new resource. */
const VISIBLE = 12_000;
/** Seconds within which a refused change is rolled back: no request waits for a resource that can't have been created. */
const REFUSED_WITHIN = 60;
const UNDISTURBED: Disturbance = { rollback: 'new', duplicates: [] };

/** Plays one history after the other, and checks the invariants. */
export class Simulator {
  readonly coverage = new Coverage();
  private readonly time = new Time();
  private readonly framework = new Framework(this.time);
  private readonly policies = new Map<string, PolicyDocument[]>();
  private readonly attached = new Map<string, PolicyDocument[]>();
  private stacks = new Map<string, Stack>();
  /** The tags of the neighbor's resources, by kind. */
  private neighborTags?: ReadonlyMap<Kind, Record<string, string>>;
  /** Conflicting resources that no resource may adopt. */
  private conflicts: { readonly kind: Kind; readonly id: string }[] = [];
  /** Tags that were removed out of band. */
  private stripped: { readonly kind: Kind; readonly id: string; readonly tags: Record<string, string> }[] = [];
  /** A resource is removed out of band in this operation, which reads may show late. */
  private isRemoved = false;
  /** Throws if a request ordered two phone numbers. */
  private checkOrders?: () => void;
  /** After an out-of-band change, an operation may fail. */
  private isUndisturbed = true;

  constructor() {
    for (const kind of Object.values(KINDS)) for (const id of [...STACKS, NEIGHBOR]) this.policyOf(kind, id);
  }

  /** Loads the modules, which takes real time, before the first history. */
  async warmUp(): Promise<void> {
    for (let round = 0; round < 2; round += 1) await this.play({ operations: [] });
  }

  /** The events of the current history. */
  transcript(): string {
    return [...this.stacks.values()].filter(({ id }) => id !== NEIGHBOR).map(({ id, transcript }) => `${id}\n${transcript.join('\n')}`).join('\n');
  }

  /** Throws an InvariantViolation, with the transcript. */
  async play(history: History): Promise<string> {
    printed.length = 0;
    this.framework.forget();
    this.coverage.beginHistory(history);
    const { log } = console;
    const { random } = Math;
    // A replay is identical.
    Math.random = seededRandom(1);
    // The framework's functions log with it.
    console.log = (...words: unknown[]) => { printed.push(words.map(String).join(' ')); };
    const stacks = this.stacks = new Map<string, Stack>();
    const emulator = new Emulator({
      clock: realClock,
      account: ACCOUNT,
      latency: 30,
      services: [
        kinesisVideo(), ivsRealtime(), chime(), secretsManager(),
        chimeSdkVoice({ quotas: { voiceConnectors: 90, callsPerSecond: 10, phoneNumbers: 50 }, numbers: { forSale: [...NUMBERS, ...ASSOCIATED] } }),
        chimeSdkMeetings(),
        dynamoDb({ indexLag: 300, ttlDelay: DAYS }),
      ],
      principals: async (accessKeyId) => {
        const id = Buffer.from(accessKeyId, 'hex').toString();
        const policies = (poolPrincipal(id) ?? this.policiesOf(stacks.get(id)?.kinds ?? new Set(), id)) as never;
        return { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/HandlerRole/function`, policies };
      },
    });
    playWith(emulator, this.coverage, history.clockErrors);
    this.checkOrders = watchOrders(emulator);
    this.conflicts = [];
    this.stripped = [];
    this.isUndisturbed = true;
    for (const id of [...STACKS, NEIGHBOR]) {
      stacks.set(id, new Stack(id, this.framework, this.time, this.coverage, () => this.unblock(emulator), () => endFaults(emulator, 'throttle')));
    }
    try {
      await this.time.run(this.run(history, emulator));
    } catch (error) {
      throw new InvariantViolation(`${(error as Error).message}\n${this.transcript()}${error instanceof InvariantViolation ? '' : `\n${(error as Error).stack}`}`);
    } finally {
      console.log = log;
      Math.random = random;
      this.time.startAgain();
    }
    return this.transcript();
  }

  private async run({ operations, adopted, targets = [], clockErrors }: History, emulator: Emulator): Promise<void> {
    this.coverage.beginOperation(-1);
    const [first, second] = STACKS.map((id) => this.stacks.get(id)!);
    const hasPools = operations.some(({ resources }) => resources.some(isPool));
    await this.deployNeighbor(emulator, hasPools);
    const pools = new Pools(emulator, this.time, this.framework.written, clockErrors);
    const others = () => resourcesOf(emulator, [NEIGHBOR, FORMER_STACK], this.conflicts);
    let before = others();

    for (const [index, operation] of operations.entries()) {
      const stack = [first, second][operation.stack];
      stack.transcript.push(`deploy ${JSON.stringify(operation)}`);
      const template = this.template(emulator, stack.id, operation.resources);
      if (operation.conflict) {
        this.createConflict(emulator, stack, template, operation.conflict);
        await this.time.sleep(VISIBLE);
      }
      const adopters = operation.resources.filter(({ desired }) => desired.adopt || desired.overwrite).map(({ kind }) => kind);
      this.conflicts = this.conflicts.filter(({ kind }) => !adopters.includes(kind.name));
      before = others();
      this.coverage.beginOperation(index);
      for (const fault of operation.faults) emulator.addFault(fault);
      planTerminations(operation.terminations);
      this.framework.forgetWaiters();
      const edited = this.edit(emulator, stack, operation);
      const operationTargets = targets.filter((target) => target.operation === index);
      const tagUpdate = operationTargets.length > 0 ? undefined : operation.tagUpdate;
      const tagsUpdated = this.updateTags(emulator, stack, template, tagUpdate);
      const mayFail = tagUpdate !== undefined && !staysOnParents(stack, template);
      if (operation.conflict || operation.edits.length > 0 || mayFail) this.isUndisturbed = false;
      this.isRemoved = operation.edits.some(({ edit }) => edit === 'remove');
      const mustSucceed = this.isUndisturbed && isHarmless(operation, operationTargets);
      const isFaulty = operationTargets.length + operation.faults.length + operation.terminations.length > 0;
      const played = pools.play(stack, desiredPools(operation.resources), operation.poolEvents ?? [], isFaulty);
      const deployedBefore = new Map(stack.deployed);
      const staleSecrets = [...operation.faults, ...operationTargets.flatMap((target) => faultOf(target) ?? [])].some(isStaleSecret);
      const from = this.time.now();
      const succeeded = await stack.deploy(template, { ...operation, staleSecrets });
      const seconds = Math.round((this.time.now() - from) / 1000);
      // The previous version always waits.
      if (!succeeded && stack.version === 'current' && isOnlyRefused(operation, operationTargets) && seconds > REFUSED_WITHIN) {
        throw new InvariantViolation(`a refused deployment and its rollback took ${seconds} s`);
      }
      // Each resource keeps its ID.
      const replaced = [...stack.deployed].find(([id, { physicalId }]) => (deployedBefore.get(id)?.physicalId ?? physicalId) !== physicalId);
      if (replaced && this.isUndisturbed) checkReplacement(replaced[0], deployedBefore.get(replaced[0])!, replaced[1], succeeded);
      pools.checkComplete(stack);
      pools.dropTables(stack);
      if (mustSucceed && !succeeded) throw new InvariantViolation('the deployment failed, although there were only transient errors');
      await edited;
      await tagsUpdated;
      await played;
      await stack.deliveriesEnded();
      // No request is delayed beyond its operation.
      await this.time.sleep(LONGEST_DELAY);
      planTerminations([]);
      emulator.removeFaults();
      await this.framework.waitersEnded();
      if (hasPools) await this.recoverPools(pools, stack, operation.pause ?? 0);
      if (operation.edits.length === 0) this.check(emulator, stack, this.isUndisturbed);
      const mayPollAgain = operation.pollAgain && tagUpdate === undefined && operation.duplicates.length === 0 && stack.unsettled.size === 0;
      if (mayPollAgain && this.isUndisturbed) await this.checkPolledAgain(emulator);
      // The owner of a resource that wasn't updated since is unknown.
      if (tagUpdate !== undefined) this.isUndisturbed = false;
      if (others() !== before) throw new InvariantViolation(`a resource of another owner was changed: ${firstDifference(before, others())}`);
    }
    this.coverage.beginOperation(-1);

    // The conflicting resources are deleted and the faults are over, so the desired state can be reached.
    this.conflicts = [];
    second.transcript.push('delete');
    await second.delete();
    pools.dropTables(second);
    await this.framework.waitersEnded();
    await pools.runsEnded();
    pools.check(second);
    this.check(emulator, second);
    this.deleteOthers(emulator, [first, second]);
    await this.finish(first, operations.filter(({ stack }) => stack === 0).at(-1), emulator, pools, adopted);
    if (resourcesOf(emulator, [NEIGHBOR]) !== JSON.stringify(JSON.parse(before).filter((one: Remote) => one.stackId === NEIGHBOR))) {
      throw new InvariantViolation('the neighbor was changed');
    }
    await pools.checkUnknown();
    this.checkSecrets(emulator);
    const [tooLong] = this.framework.tooLong;
    if (tooLong) throw new InvariantViolation(`a response to CloudFormation is too long: ${tooLong}`);
    pools.checkSecrets([...printed, this.transcript()].join('\n'));
  }

  /** Deploys the neighbor in the first history. In later histories, its resources are created again, with the same tags. */
  private async deployNeighbor(emulator: Emulator, hasPools: boolean): Promise<void> {
    const neighbor = this.stacks.get(NEIGHBOR)!;
    const kinds = Object.values(KINDS).filter(({ ownsNothing }) => !ownsNothing);
    const resources = kinds.map(({ name, neighbor: desired }, index) => ({ id: `A${index}`, kind: name, desired }));
    const { neighborTags } = this;
    if (neighborTags) {
      for (const { kind, properties } of this.template(emulator, neighbor.id, resources.filter((one) => !isPool(one))).values()) {
        kind.createConflict!(emulator, properties, neighborTags.get(kind)!);
      }
      await this.time.sleep(VISIBLE);
    }
    const template = this.template(emulator, neighbor.id, resources.filter((one) => (isPool(one) ? hasPools : !neighborTags)));
    await neighbor.deploy(template, UNDISTURBED);
    await this.framework.waitersEnded();
    const tagsOf = (kind: Kind) => kind.remotes(emulator).find(({ stackId: owner }) => owner === NEIGHBOR)!.state.tags;
    this.neighborTags ??= new Map([...template.values()].map(({ kind }) => [kind, tagsOf(kind)]));
    // Meetings without participants end by themselves.
    for (const { id, service } of existingMeetings(emulator)) emulator.edit({ service, resource: id, connect: '*' } as never);
  }

  /** Pauses, while the schedule runs, until the pools are full again. */
  private async recoverPools(pools: Pools, stack: Stack, pause: number): Promise<void> {
    await this.time.sleep(pause * 1000);
    await pools.runsEnded();
    await pools.recover(stack);
    pools.check(stack);
  }

  private async finish(stack: Stack, last: Operation | undefined, emulator: Emulator, pools: Pools, adopted?: number): Promise<void> {
    if (last) {
      stack.transcript.push('deploy the last again, without disturbances');
      const again = last.resources.map(({ desired, ...resource }) => (
        { ...resource, desired: { ...desired, ...KINDS[resource.kind].lastChange, retain: undefined } }
      ));
      const played = pools.play(stack, desiredPools(again), [], false);
      if (!await stack.deploy(this.template(emulator, stack.id, again), { ...UNDISTURBED, previousVersion: last.previousVersion })) throw new InvariantViolation('a deployment without disturbances failed');
      pools.checkComplete(stack);
      pools.dropTables(stack);
      await played;
      await this.framework.waitersEnded();
      pools.check(stack);
      if (again.some(isPool)) {
        await pools.recover(stack, 130);
        pools.check(stack);
      }
      this.check(emulator, stack);
    }
    const taken = adopted === undefined ? undefined : [...stack.deployed.values()][adopted];
    if (taken?.kind.ownerTagsOf) {
      stack.transcript.push(`  ${taken.physicalId} is adopted by ${FORMER_STACK}`);
      const change = retagging(taken.kind, taken.kind.ownerTagsOf(FORMER_STACK));
      changeOutOfBand(emulator, taken.kind, taken.physicalId, change);
    }
    const theirs = resourcesOf(emulator, [FORMER_STACK]);
    const leftByDesign = allRemotes(emulator).filter((remote) => KINDS[remote.kind].isLeft?.(remote)).map(({ id }) => id);
    stack.transcript.push('delete');
    await stack.delete();
    pools.dropTables(stack);
    await this.framework.waitersEnded();
    await pools.runsEnded();
    pools.check(stack);
    this.check(emulator, stack);
    const mayStay = [...leftByDesign, ...stack.retained.map(({ physicalId }) => physicalId), ...taken?.kind.ownerTagsOf ? [taken.physicalId] : []];
    const left = allRemotes(emulator).find(({ id }) => stack.known.has(id) && !mayStay.includes(id));
    if (left) throw new InvariantViolation(`${left.id} still exists, although CloudFormation deleted it`);
    if (resourcesOf(emulator, [FORMER_STACK]) !== theirs) throw new InvariantViolation('a resource that another stack adopted was changed');
  }

  private template(emulator: Emulator, id: string, resources: readonly Resource[]): Template {
    return new Map(resources.map(({ id: logicalId, kind: name, desired }) => {
      const kind = KINDS[name];
      return [`${logicalId}${name}`, { kind, desired, properties: kind.properties(emulator, `${id.split('/')[1]}-${logicalId}`, id, desired) }];
    }));
  }

  private async edit(emulator: Emulator, stack: Stack, { edits }: Operation): Promise<void> {
    for (const { resource, edit, after, lasts } of edits) {
      if (after > 0) await this.time.sleep(after * 1000);
      const [logicalId, victim] = [...stack.deployed][resource] ?? [];
      const change = (name: string) => {
        // The document of a waiter that outlives its operation has only its tag to identify it: a known gap in docs/reliability.md.
        if (name === 'strip' && stack.unsettled.has(logicalId!)) return;
        const found = victim?.kind.remotes(emulator).find(({ id }) => id === victim.physicalId);
        const given = victim?.kind.edits[name];
        const outOfBand = typeof given === 'function' ? given(victim!.properties) : given;
        if (!found || !outOfBand) return;
        stack.transcript.push(`  out-of-band change: ${name} ${victim.physicalId}`);
        if (name === 'strip') this.stripped.push({ kind: victim.kind, id: victim.physicalId, tags: found.state.tags });
        this.coverage.record(`${victim.kind.name}: out-of-band change`, 'edit', name);
        changeOutOfBand(emulator, victim.kind, victim.physicalId, outOfBand);
      };
      change(edit);
      if (edit !== 'live') continue;
      await this.time.sleep((lasts ?? 0) * 1000);
      change('end');
    }
  }

  /** Updates the tags of the parents that only one resource configures. On other parents, a rename would be lost. */
  private async updateTags(emulator: Emulator, stack: Stack, template: Template, tagUpdate?: number): Promise<void> {
    if (tagUpdate === undefined) return;
    if (tagUpdate > 0) await this.time.sleep(tagUpdate * 1000);
    const settings = [...template.values(), ...stack.deployed.values()].filter(({ kind, desired }) => kind.setting?.isOnlyOne(desired));
    const parents = new Map(settings.map(({ kind, properties }) => [kind.setting!.parentOf(properties), kind]));
    for (const [id, kind] of parents) {
      const found = kind.remotes(emulator).find((remote) => remote.id === id);
      // A resource of another owner must stay as it is.
      if (found && found.stackId !== stack.id) continue;
      stack.transcript.push(`  CloudFormation updates the tags of ${id}`);
      if (found) this.stripped.push({ kind, id, tags: found.state.tags });
      this.coverage.record(`${kind.name}: out-of-band change`, 'edit', 'tag update');
      emulator.edit({ service: kind.service, resource: id, replaceTags: { team: 'a' } } as never);
    }
  }

  /**
   * An operator continues a rollback: restores owner tags, because the library doesn't adopt an unowned resource, raises a quota, and waits until reads show
   * that a resource is deleted.
   *
   * @returns whether the rollback may succeed now
   */
  private unblock(emulator: Emulator): boolean {
    const stripped = this.stripped.splice(0);
    const reached = endFaults(emulator, 'error');
    for (const { kind, id, tags } of stripped) {
      const exists = kind.remotes(emulator).some((remote) => remote.id === id);
      if (exists) changeOutOfBand(emulator, kind, id, retagging(kind, tags));
    }
    return stripped.length + reached > 0 || this.isRemoved;
  }

  private createConflict(emulator: Emulator, stack: Stack, template: Template, { resource, owner }: NonNullable<Operation['conflict']>): void {
    const [logicalId, victim] = [...template][resource] ?? [];
    const current = stack.deployed.get(logicalId!);
    if (!victim?.kind.createConflict || (current && !isReplaced(current, victim))) return;
    try {
      const before = victim.kind.remotes(emulator).map(({ id }) => id);
      victim.kind.createConflict(emulator, victim.properties, owner === 'unowned' ? {} : victim.kind.ownerTagsOf!(FORMER_STACK));
      const created = victim.kind.remotes(emulator).filter(({ id }) => !before.includes(id));
      const mayAdopt = victim.desired.adopt || victim.desired.overwrite;
      if (!mayAdopt) this.conflicts.push(...created.map(({ id }) => ({ kind: victim.kind, id })));
      stack.transcript.push(`  a resource (${owner}) exists in the place of ${logicalId}`);
      this.coverage.record(`${victim.kind.name}: conflict`, 'create', owner);
    } catch {
      // It exists already.
    }
  }

  /** Deletes the retained and the conflicting resources. */
  private deleteOthers(emulator: Emulator, stacks: readonly Stack[]): void {
    const known = new Set(stacks.flatMap(({ deployed }) => [...deployed.values()].map(({ physicalId }) => physicalId)));
    for (const kind of Object.values(KINDS)) {
      for (const { id, stackId: owner } of kind.remotes(emulator)) {
        const removal = kind.edits.free ?? kind.edits.remove;
        if (removal && !known.has(id) && owner !== NEIGHBOR) changeOutOfBand(emulator, kind, id, removal as object);
      }
    }
    for (const stack of stacks) stack.retained.length = 0;
  }

  /** Compares the resources of a stack with the desired state. Out-of-band changes stay until the next update of their resource. */
  private check(emulator: Emulator, stack: Stack, isUndisturbed = true): void {
    this.checkOrders?.();
    for (const kind of Object.values(KINDS)) {
      const remotes = kind.remotes(emulator);
      const known = [...stack.deployed].filter(([, deployed]) => deployed.kind === kind);
      for (const [id, { physicalId, desired, properties, version, attributes }] of isUndisturbed ? known : []) {
        const remote = remotes.find((one) => one.id === physicalId);
        if (!remote && stack.unrestored.has(id)) continue;
        if (!remote) throw new InvariantViolation(`${id} (${physicalId}) is missing`);
        if (stack.unsettled.has(id)) continue;
        const difference = kind.difference(remote, desired, properties, emulator, version);
        if (difference) throw new InvariantViolation(`${id} (${physicalId}) differs from the desired state: ${difference}`);
        // The previous version may have had other attributes.
        const expected = version === 'current' ? kind.attributes?.(remote, properties, emulator) : undefined;
        if (expected && !isDeepStrictEqual(attributes, expected)) {
          throw new InvariantViolation(`the attributes of ${id} (${physicalId}) are ${JSON.stringify(attributes)}, and the service returns ${JSON.stringify(expected)}`);
        }
      }
      const kept = [...known.map(([, { physicalId }]) => physicalId), ...stack.retained.map(({ physicalId }) => physicalId)];
      const isExcused = (id: string) => kept.includes(id) || createdTooLate.get(emulator)!.has(id);
      const orphan = remotes.find(({ id, stackId: owner, isRetained }) => owner === stack.id && !isRetained && !isExcused(id));
      if (orphan) throw new InvariantViolation(`${orphan.id} is an orphan: CloudFormation does not know it`);
      const retained = stack.retained.filter((one) => one.kind === kind && kind.staysForGood(one.desired, one.properties));
      const lost = retained.find(({ physicalId }) => !remotes.some(({ id }) => id === physicalId));
      if (lost && this.isUndisturbed && !stack.deletedSince.has(lost.physicalId)) throw new InvariantViolation(`${lost.physicalId} was deleted, although it is retained`);
    }
  }

  /** A waiter that outlives its operation must change nothing. */
  private async checkPolledAgain(emulator: Emulator): Promise<void> {
    // A pool that is polled creates its missing meetings.
    const observed = () => JSON.stringify(allRemotes(emulator).filter(({ kind }) => !isPool({ kind })));
    const before = observed();
    await this.framework.pollAgain();
    const after = observed();
    if (before !== after) throw new InvariantViolation(`a waiter that polled again changed a resource\n${before}\n${after}`);
  }

  private checkSecrets(emulator: Emulator): void {
    const everything = [...printed, ...this.framework.written, this.transcript()].join('\n');
    const leaked = streamKeys(emulator).find((key) => everything.includes(key));
    if (leaked) throw new InvariantViolation('a stream key was written');
    // The ARN of a secret may name a SIP user; no password may be anywhere.
    if (everything.includes(PASSWORD)) throw new InvariantViolation('a SIP password was written');
  }

  /** The same object for the same kinds, so that the emulator parses it once. */
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

/** Pure: whether an update replaces the resource. */
function isReplaced({ kind, properties }: Declaration, desired: Declaration): boolean {
  return JSON.stringify(kind.createOnly(properties)) !== JSON.stringify(kind.createOnly(desired.properties));
}

/** Only an update of create-only properties replaces a resource. */
function checkReplacement(id: string, before: Deployed, replacement: Deployed, succeeded: boolean): void {
  if (!succeeded) throw new InvariantViolation(`the rollback of ${id} changed its ID to ${replacement.physicalId}`);
  if (!isReplaced(before, replacement)) throw new InvariantViolation(`the update of ${id} replaced it by ${replacement.physicalId}`);
}

/** @returns the number of faults that ended */
function endFaults(emulator: Emulator, kind: Fault['kind']): number {
  const ending = emulator.listFaults().filter((fault) => fault.kind === kind);
  for (const { id } of ending) emulator.removeFaults(id);
  return ending.length;
}

function changeOutOfBand(emulator: Emulator, kind: Kind, id: string, change: object): void {
  if (kind.edit) kind.edit(emulator, id, change);
  else emulator.edit({ service: kind.service, resource: id, ...change } as never);
}

/** The out-of-band change that replaces the tags of a resource. */
function retagging({ retag }: Kind, tags: Record<string, string>): object {
  return retag?.(tags) ?? { replaceTags: tags };
}

function allRemotes(emulator: Emulator): (Remote & { readonly kind: string })[] {
  return Object.values(KINDS).flatMap((kind) => kind.remotes(emulator).map((remote) => ({ ...remote, kind: kind.name })));
}

/** The first difference between two texts. */
function firstDifference(before: string, after: string): string {
  const at = [...before].findIndex((letter, index) => letter !== after[index]);
  return `…${before.slice(Math.max(0, at - 60), at + 60)}… is now …${after.slice(Math.max(0, at - 60), at + 60)}…`;
}

function isPool({ kind }: { readonly kind: string }): boolean {
  return kind === 'chimeMeetingPool';
}

/** Pure: whether no setting moves to a parent that may have a setting already, which only its owner tag identifies. */
function staysOnParents({ deployed, retained }: Stack, template: Template): boolean {
  const parentOf = ({ kind, properties }: Declaration) => kind.setting?.parentOf(properties);
  const taken = [...deployed.values(), ...retained].map(parentOf);
  const stays = (id: string, parent: string) => deployed.has(id) && parentOf(deployed.get(id)!) === parent;
  return [...template].every(([id, one]) => {
    const parent = parentOf(one);
    return parent === undefined || !taken.includes(parent) || stays(id, parent);
  });
}

function desiredPools(resources: readonly Resource[]): { readonly id: string; readonly desired: Desired }[] {
  return resources.filter(isPool).map(({ id, kind, desired }) => ({ id: `${id}${kind}`, desired }));
}

/** The resources of these stacks, and these resources, as comparable text. */
function resourcesOf(emulator: Emulator, owners: readonly string[], more: readonly { readonly id: string }[] = []): string {
  return JSON.stringify(allRemotes(emulator)
    .filter(({ id, stackId: owner }) => (owner !== undefined && owners.includes(owner)) || more.some((one) => one.id === id)));
}

function isStaleSecret({ kind, service, operation }: Fault): boolean {
  return kind.endsWith('Reads') && (service === 'secrets-manager' || operation === 'GetSecretValue');
}

const TRANSIENT = ['throttle', 'serverError', 'lostResponse', 'lostRequest', 'laggingReads', 'reorderedReads', 'delay'];

/** Pure: whether an existing resource of another owner is the only disturbance of an operation. */
function isOnlyRefused(operation: Operation, targets: readonly TargetedFault[]): boolean {
  const { conflict, faults, terminations, duplicates, edits, failsAfter, failsLast, tagUpdate, resources } = operation;
  const disturbances = [...targets, ...faults, ...terminations, ...duplicates, ...edits];
  return conflict !== undefined && resources.length === 1 && disturbances.length === 0
    && failsAfter === undefined && !failsLast && tagUpdate === undefined;
}

/** Pure: whether an operation meets only transient errors, so that it must succeed. */
function isHarmless(operation: Operation, targets: readonly TargetedFault[]): boolean {
  const { terminations, failsAfter, failsLast, resources, stack } = operation;
  const faults = [...operation.faults, ...targets.flatMap((target) => faultOf(target) ?? [])];
  const isTerminated = terminations.length > 0 || targets.some((target) => !faultOf(target));
  return stack === 0 && !isTerminated && !(resources.some(isPool) && faults.length > 0) && failsAfter === undefined && !failsLast
    && faults.every(({ kind }) => TRANSIENT.includes(kind)) && !JSON.stringify(resources).match(/"(shared|common)"/);
}
