import { CfnOutput, CfnWaitConditionHandle, type Stack, Tags } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { EXPECTED_FAILURE, failsAfter } from './failing';
import { type CaseContext, differencesOf, type Existing, type State, type Subject, type Variant } from './subject';
import type { CallLog } from '../calls';
import { type Deployed, type Deployments, failedResources, reasonsOf } from '../deployments';
import { RUN_TAG } from '../names';
import type { StackPlan } from '../plan';
import { describeProblem, problemOf } from '../problems';
import type { CaseResult } from '../report';
import type { Round } from '../rounds';

export interface LifecycleOptions {
  readonly context: CaseContext;
  readonly deployments: Deployments;
  readonly log: CallLog;
  readonly runId: string;
  /** Seconds between two reads of a state that isn't as expected yet. */
  readonly pollSeconds: number;
  readonly onResult: (result: CaseResult) => void;
  /** Throws after Ctrl-C. */
  readonly throwIfInterrupted: () => void;
  /** Whether the stack stays as it is, because a case failed and the person wants to look at it. */
  readonly isKept: () => boolean;
}

/** The seconds within which a service must report the deployed state. */
const STATE_SECONDS = 60;

/** A resource as the last successful deployment left it. */
interface Current {
  readonly variant: Variant;
  readonly id: string;
  readonly state?: State;
}

interface Expectation {
  readonly expected: string;
  check(): Promise<string>;
}

/** Deploys one stack in all its versions, and checks each construct after each deployment. */
export class Lifecycle {
  private readonly stackName: string;
  private active: Subject[];
  private readonly current = new Map<Subject, Current>();
  private isRetaining = false;
  private outputs: Record<string, string> = {};

  constructor(private readonly plan: StackPlan, private readonly options: LifecycleOptions) {
    this.stackName = `${options.context.namePrefix}-${plan.name}`;
    this.active = [...plan.subjects];
  }

  async run(): Promise<void> {
    // The last cleanup runs first: the stack is deleted before the resources that it retained.
    for (const subject of this.plan.subjects.filter((each) => this.has(each, 'retained'))) {
      this.options.context.onCleanup(`retained ${subject.construct}`, () => this.deleteRetained(subject));
    }
    this.options.context.onCleanup(`stack ${this.stackName}`, () => this.options.deployments.destroy(this.stackName));
    for (const round of this.plan.rounds) {
      this.options.throwIfInterrupted();
      if (this.options.isKept()) this.skip(round, 'A case failed, and --keep-on-failure keeps the stack.');
      else if (this.active.length === 0) this.skip(round, 'An earlier deployment failed.');
      else await this.play(round);
    }
    // The next stack needs the quota. If a deletion fails, the cleanup tries it again.
    if (!this.options.isKept()) await Promise.allSettled(this.plan.subjects.map((subject) => this.deleteRetained(subject)));
  }

  /** From the round `retain` on, the resource can remain after the deletion of the stack. */
  private async deleteRetained(subject: Subject): Promise<void> {
    const id = this.current.get(subject)?.id;
    if (this.isRetaining && id !== undefined) await subject.deleteRetained?.(this.options.context, id, this.outputs);
  }

  private async play(round: Round): Promise<void> {
    switch (round) {
      case 'create rolled back': return this.createRolledBack();
      case 'create': return this.change(round, 'created');
      case 'update without a change': return this.updateWithoutChange();
      case 'update': return this.change(round, 'updated').then(() => this.use());
      case 'update rolled back': return this.rolledBack(round, 'created');
      case 'replacement rolled back': return this.rolledBack(round, 'replaced');
      case 'replacement': return this.change(round, 'replaced');
      case 'rename': return this.change(round, 'renamed');
      case 'conflict': return this.conflict();
      case 'retain':
        this.isRetaining = true;
        return this.change(round, 'retained');
      case 'destroy': return this.destroy();
      case 'adopt': return this.adopt();
    }
  }

  /** The version that a subject has in a round: its own version of the round, or the version that it has. */
  private variantIn(subject: Subject, variant: Variant): Variant {
    return this.has(subject, variant) ? variant : this.current.get(subject)?.variant ?? 'created';
  }

  private has(subject: Subject, variant: Variant): boolean {
    return subject.expected(variant, this.options.context.namePrefix) !== undefined;
  }

  private build(variant: Variant, { isFailing = false, hasMore = false } = {}) {
    return (stack: Stack): void => {
      Tags.of(stack).add(RUN_TAG, this.options.runId);
      const scopes = this.active.map((subject) => {
        const scope = new Construct(stack, subject.id);
        const value = subject.build(scope, this.variantIn(subject, variant), this.options.context.namePrefix);
        new CfnOutput(scope, 'Id', { value }).overrideLogicalId(`${subject.id}Id`);
        return scope;
      });
      if (isFailing) failsAfter(stack, ...scopes);
      if (hasMore) new CfnWaitConditionHandle(stack, 'Nothing');
    };
  }

  /** Deploys a version that must succeed. A construct whose resource fails leaves the stack, so that the others go on. */
  private async deployed(round: Round, variant: Variant, options?: { hasMore?: boolean }): Promise<boolean> {
    while (this.active.length > 0) {
      this.options.throwIfInterrupted();
      const started = performance.now();
      const run = await this.options.deployments.deploy(this.stackName, this.build(variant, options));
      this.options.throwIfInterrupted();
      if (run.exitCode === 0) {
        this.outputs = run.outputs;
        return true;
      }
      throwIfSignedOut(run);
      const failed = this.active.filter(({ id }) => failedResources(run.events).some((logicalId) => logicalId.startsWith(id)));
      const concerned = failed.length > 0 ? failed : [...this.active];
      for (const subject of concerned) this.report(round, subject, 'failed', 'The deployment succeeds.', failureOf(run), started);
      this.active = this.active.filter((subject) => !concerned.includes(subject));
    }
    return false;
  }

  private async change(round: Round, variant: Variant): Promise<void> {
    const concerned = this.active.filter((subject) => this.has(subject, variant));
    if (!await this.deployed(round, variant)) return;
    for (const subject of concerned.filter((each) => this.active.includes(each))) {
      const { state, isReplaced = false } = subject.expected(variant, this.options.context.namePrefix)!;
      const before = this.current.get(subject);
      const id = this.outputs[`${subject.id}Id`];
      const identity = before ? (isReplaced ? ', in another resource. The former resource is deleted' : ', in the same resource') : '';
      await this.check(round, subject, {
        expected: `The state contains ${JSON.stringify(state)}${identity}.`,
        check: async () => {
          this.current.set(subject, { variant, id });
          if (before?.id !== id) subject.onCreated?.(this.options.context, id);
          const observed = await this.observed(subject, id, state);
          this.current.set(subject, { variant, id, state: observed });
          if (before && isReplaced !== (before.id !== id)) throw new Error(`The ID is ${id}, and was ${before.id}.`);
          if (before && isReplaced) await this.gone(subject, before.id);
          return `The state is ${JSON.stringify(observed)}.`;
        },
      });
    }
  }

  private async updateWithoutChange(): Promise<void> {
    if (!await this.deployed('update without a change', 'created', { hasMore: true })) return;
    for (const subject of this.active) await this.unchanged('update without a change', subject, 'The state is the same as before the update.');
  }

  /** A deployment that fails after all resources of the version are ready. */
  private async rolledBack(round: Round, variant: Variant): Promise<void> {
    const concerned = this.active.filter((subject) => this.has(subject, variant));
    const run = await this.options.deployments.deploy(this.stackName, this.build(variant, { isFailing: true }));
    this.options.throwIfInterrupted();
    throwIfSignedOut(run);
    for (const subject of concerned) {
      for (const id of idsIn(run, subject)) subject.onCreated?.(this.options.context, id);
      await this.unchanged(round, subject, 'The deployment fails, and the state is the same as before the deployment, in the same resource.', () => assertRolledBack(run));
    }
  }

  private async createRolledBack(): Promise<void> {
    const run = await this.options.deployments.deploy(this.stackName, this.build('created', { isFailing: true }));
    this.options.throwIfInterrupted();
    throwIfSignedOut(run);
    for (const subject of this.active) {
      await this.check('create rolled back', subject, {
        expected: 'The deployment fails, and the created resource is deleted.',
        check: async () => {
          assertRolledBack(run);
          const ids = idsIn(run, subject);
          for (const id of ids) subject.onCreated?.(this.options.context, id);
          if (ids.length === 0) throw new Error('The deployment created no resource of this construct.');
          for (const id of ids) await this.gone(subject, id);
          return `The deployment failed, and ${ids.join(', ')} was deleted.`;
        },
      });
    }
    if (!this.options.isKept()) await this.options.deployments.destroy(this.stackName);
  }

  private async use(): Promise<void> {
    for (const subject of this.active) {
      for (const { title, expected, skipped, run } of subject.uses ?? []) {
        this.options.throwIfInterrupted();
        const reason = skipped?.(this.options.context);
        if (reason === undefined) await this.check('use', subject, { expected, check: () => run(this.options.context, this.outputs) }, title);
        else this.report('use', subject, 'skipped', expected, reason, performance.now(), title);
      }
    }
  }

  private async conflict(): Promise<void> {
    const concerned = this.active.filter((subject) => subject.conflict);
    const runs = await Promise.allSettled(concerned.map(async (subject) => {
      const name = this.otherStack(subject, 'Conflict');
      const run = await this.options.deployments.deploy(name, this.buildOther(subject, subject.conflict!.build));
      await this.options.deployments.destroy(name);
      return run;
    }));
    this.options.throwIfInterrupted();
    for (const [index, subject] of concerned.entries()) {
      await this.unchanged('conflict', subject, 'The deployment of another stack that wants the resource fails and says why. The resource stays unchanged.', () => {
        const run = valueOf(runs[index]);
        if (run.exitCode === 0) throw new Error('The deployment succeeded.');
        const failure = failureOf(run);
        if (!subject.conflict!.reason.test(failure)) throw new Error(failure);
      });
    }
  }

  private async destroy(): Promise<void> {
    const started = performance.now();
    try {
      await this.options.deployments.destroy(this.stackName);
    } catch (error) {
      if (problemOf(error).kind === 'interrupted') throw error;
      for (const subject of this.active) this.report('destroy', subject, 'failed', 'The deletion of the stack succeeds.', describeProblem(error), started);
      return;
    }
    for (const subject of this.active) {
      const { id, variant } = this.current.get(subject)!;
      const isRetained = variant === 'retained';
      await this.check('destroy', subject, {
        expected: isRetained ? 'The stack is deleted, and the resource remains.' : 'The stack and the resource are deleted.',
        check: async () => {
          if (!isRetained) return this.gone(subject, id).then(() => `${id} was deleted.`);
          if (!await subject.observe(this.options.context, id, this.outputs)) throw new Error(`${id} was deleted.`);
          return `${id} remains.`;
        },
      });
    }
  }

  private async adopt(): Promise<void> {
    const concerned = this.active.filter(({ adoption }) => adoption);
    const runs = await Promise.allSettled(concerned.map(async (subject) => {
      const { release, build } = subject.adoption!;
      await release(this.options.context, this.existing(subject).id);
      return this.options.deployments.deploy(this.otherStack(subject, 'Adopting'), this.buildOther(subject, build));
    }));
    this.options.throwIfInterrupted();
    for (const [index, subject] of concerned.entries()) {
      const { state, observe } = subject.adoption!;
      const { id } = this.existing(subject);
      await this.check('adopt', subject, {
        expected: `Another stack adopts the retained resource, whose state then contains ${JSON.stringify(state)}. The deletion of this stack also deletes the adopted resource.`,
        check: async () => {
          const run = valueOf(runs[index]);
          if (run.exitCode !== 0) throw new Error(failureOf(run));
          if (run.outputs.Id !== id) throw new Error(`The ID is ${run.outputs.Id}, and was ${id}.`);
          const adopted = await this.observed(subject, id, state);
          await this.options.deployments.destroy(this.otherStack(subject, 'Adopting'));
          await this.gone(subject, id, observe);
          return `The other stack adopted ${id}, whose state was ${JSON.stringify(adopted)}. The deletion of the stack also deleted it.`;
        },
      });
    }
  }

  private otherStack(subject: Subject, purpose: 'Conflict' | 'Adopting'): string {
    return `${this.stackName}-${subject.id}-${purpose}`;
  }

  private buildOther(subject: Subject, build: (scope: Construct, existing: Existing) => string | void) {
    const existing = this.existing(subject);
    return (stack: Stack): void => {
      this.options.context.onCleanup(`stack ${stack.stackName}`, () => this.options.deployments.destroy(stack.stackName));
      Tags.of(stack).add(RUN_TAG, this.options.runId);
      const scope = new Construct(stack, subject.id);
      const value = build(scope, existing);
      if (value) new CfnOutput(scope, 'Id', { value }).overrideLogicalId('Id');
    };
  }

  /** The state, as soon as the service reports the expected members. */
  private async observed(subject: Subject, id: string, expected: State): Promise<State> {
    let differences: string[] = [];
    const state = await this.eventually(async () => {
      const reported = await subject.observe(this.options.context, id, this.outputs);
      differences = differencesOf(expected, reported);
      return differences.length === 0 ? reported : undefined;
    });
    if (!state) throw new Error(`After ${STATE_SECONDS} seconds, ${differences.join('; ')}.`);
    return state;
  }

  private existing(subject: Subject): Existing {
    return { id: this.current.get(subject)!.id, namePrefix: this.options.context.namePrefix, outputs: this.outputs };
  }

  private async gone(subject: Subject, id: string, observe: Subject['observe'] = subject.observe): Promise<void> {
    const isGone = await this.eventually(async () => !await observe(this.options.context, id, this.outputs) || undefined);
    if (!isGone) throw new Error(`${id} still exists after ${STATE_SECONDS} seconds.`);
  }

  /** The first defined value of repeated reads, or undefined. */
  private async eventually<T>(read: () => Promise<T | undefined>): Promise<T | undefined> {
    const attempts = Math.ceil(STATE_SECONDS / this.options.pollSeconds);
    for (let attempt = 1; ; attempt += 1) {
      this.options.throwIfInterrupted();
      const value = await read().catch((error) => {
        if (problemOf(error).kind === 'throttled account') return undefined;
        throw error;
      });
      if (value !== undefined || attempt === attempts) return value;
      await new Promise((resolve) => setTimeout(resolve, 1000 * this.options.pollSeconds));
    }
  }

  private async unchanged(round: Round, subject: Subject, expected: string, assert: () => void = () => {}): Promise<void> {
    await this.check(round, subject, {
      expected,
      check: async () => {
        assert();
        const { id, state } = this.current.get(subject) ?? {};
        if (id === undefined || state === undefined) throw new Error('An earlier check of this construct failed, so its state is unknown.');
        // A version number can change in an update that was rolled back.
        const { version, ...rest } = state;
        const isSame = round === 'update without a change' || round === 'conflict';
        return `The state is ${JSON.stringify(await this.observed(subject, id, isSame ? state : rest))}.`;
      },
    });
  }

  private async check(kind: Round | 'use', subject: Subject, { expected, check }: Expectation, title?: string): Promise<void> {
    const started = performance.now();
    const start = this.options.log.length;
    try {
      const observed = await check();
      this.report(kind, subject, 'passed', expected, observed, started, title, start);
    } catch (error) {
      if (problemOf(error).kind === 'interrupted') throw error;
      this.report(kind, subject, 'failed', expected, describeProblem(error), started, title, start);
    }
  }

  private report(kind: Round | 'use', subject: Subject, status: CaseResult['status'], expected: string, observed: string, started: number, title: string = kind, start = this.options.log.length): void {
    this.options.onResult({
      area: subject.area,
      title: `${subject.construct}: ${title}`,
      kind,
      status,
      expected,
      observed,
      seconds: Math.round((performance.now() - started) / 100) / 10,
      evidence: this.options.log.since(start),
    });
  }

  private skip(round: Round, reason: string): void {
    for (const subject of this.plan.subjects) this.report(round, subject, 'skipped', 'The round takes place.', reason, performance.now());
  }
}

/** Throws what the work threw. */
function valueOf<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === 'rejected') throw settled.reason;
  return settled.value;
}

/** The physical IDs of the resources of a construct that a deployment created. */
function idsIn({ events }: Deployed, { id, type }: Subject): string[] {
  const created = events.filter(({ LogicalResourceId, ResourceType, ResourceStatus }) => (
    LogicalResourceId!.startsWith(id) && ResourceType === type && ResourceStatus === 'CREATE_COMPLETE'
  ));
  return [...new Set(created.map(({ PhysicalResourceId }) => PhysicalResourceId!))];
}

/** Without valid credentials, no later deployment can succeed. */
function throwIfSignedOut(run: Deployed): void {
  const error = new Error(run.output.slice(-5).join('; '));
  if (['expired session', 'missing credentials'].includes(problemOf(error).kind)) throw error;
}

function assertRolledBack(run: Deployed): void {
  if (run.exitCode === 0) throw new Error('The deployment succeeded.');
  if (!reasonsOf(run.events).join('\n').includes(EXPECTED_FAILURE)) throw new Error(failureOf(run));
}

/** Why a deployment failed: the reasons of its resources, or the last lines of the CLI. */
function failureOf(run: Deployed): string {
  const reasons = reasonsOf(run.events);
  return describeProblem(new Error(`The deployment failed: ${(reasons.length > 0 ? reasons : run.output.slice(-5)).join('; ')}`));
}
