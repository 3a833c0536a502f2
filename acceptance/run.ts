import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { type Account, adviceFor, readAccount, refusalsOf } from './account';
import { CallLog } from './calls';
import { Lifecycle } from './cases/lifecycle';
import type { CaseContext, Subject } from './cases/subject';
import { Cleanup, type FailedDeletion } from './cleanup';
import { Clients } from './clients';
import type { Cloud } from './cloud';
import { Deployments } from './deployments';
import { type Encoder, ffmpegEncoder, ffmpegOnPath } from './encoder';
import type { Fact } from './fact';
import { askFacts, notAsked, type PolicyDocuments } from './facts-run';
import { leftoverResult, leftoverSentence, removeLeftovers, searchEverything } from './leftovers';
import { markdownOf, usageText } from './markdown';
import { namePrefixOf, RUN_TAG } from './names';
import type { Options } from './options';
import { exceededOf, type Plan, planOf, planText, PROBES_AT_ONCE, type Usage } from './plan';
import { describeProblem, Interrupted, problemOf } from './problems';
import { maskedAccount, Redactor } from './redaction';
import type { CaseResult, FactResult, LeftoverResult, Report } from './report';

export interface RunOptions {
  readonly cloud: Cloud;
  readonly options: Options;
  readonly subjects: readonly Subject[];
  readonly facts: readonly Fact[];
  readonly policiesOf: PolicyDocuments;
  /** Distinguishes this run from others, for example k3f9. */
  readonly runId: string;
  readonly versions: Readonly<Record<string, string>>;
  /** The arguments of the command, for the report. */
  readonly args: readonly string[];
  /** The folder in which the report gets a folder of its own. */
  readonly reportsFolder: string;
  readonly write: (line: string) => void;
  /** Asks the person a question that a yes answers. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

export const EXIT_CODES = { passed: 0, failed: 1, refused: 2, interrupted: 130 } as const;

export interface RunResult {
  readonly exitCode: number;
  readonly report?: Report;
  /** The folder with report.json and report.md. */
  readonly folder?: string;
}

const SEARCH_ATTEMPTS = 5;
const SECONDS_BETWEEN_SEARCHES = 30;

/** The whole run: checks of the account, confirmation, cases, probes, cleanup, search for leftovers, and report. */
export async function runAcceptance(options: RunOptions): Promise<RunResult> {
  const run = new Run(options);
  try {
    return await run.run();
  } finally {
    run.close();
  }
}

class Run {
  private readonly startedAt = new Date().toISOString();
  private start = 0;
  private deploymentsBefore = 0;
  private readonly log = new CallLog();
  private readonly cleanup: Cleanup;
  private readonly cases: CaseResult[] = [];
  private readonly answers: FactResult[] = [];
  private redactor = new Redactor();
  private clients: Clients;
  private deployments: Deployments;
  private isCleaning = false;
  private readonly namePrefix: string;

  constructor(private readonly options: RunOptions) {
    this.namePrefix = namePrefixOf(options.runId);
    this.cleanup = new Cleanup(options.cloud.pollSeconds);
    this.clients = new Clients(options.cloud, this.redactor);
    this.deployments = new Deployments(options.cloud.cli, { pollSeconds: options.cloud.pollSeconds, throwIfInterrupted: this.throwIfInterrupted });
  }

  close(): void {
    this.clients.destroy();
    this.deployments.close();
  }

  async run(): Promise<RunResult> {
    const { options } = this;
    let account: Account;
    try {
      account = await readAccount(this.searchContext);
    } catch (error) {
      return this.refuse([describeProblem(error), adviceFor(error)]);
    }
    const before = await searchEverything(this.searchContext);
    const refusals = refusalsOf(account, options.cloud.region, before.found, options.options);
    if (refusals.length > 0) return this.refuse(refusals);
    // From here on, no output needs the account ID.
    const plan = planOf(options.options, options.subjects, options.facts);
    const lines = options.options.cleanUp ? [] : planText(plan, account, options.cloud.region, this.namePrefix);
    for (const line of lines) options.write(line);
    const left = leftoverResult(before).left;
    for (const { type, id } of left) options.write(`Left by an earlier run: ${type} ${id}`);
    if (!options.options.yes && !await options.confirm(questionOf(options.options, left.length))) return this.refuse(['Nothing was created.']);
    this.redactor.mask(account.id);
    if (left.length > 0 && !await this.removeEarlier()) return this.refuse(['Resources of an earlier run could not be deleted.']);
    if (options.options.cleanUp) return { exitCode: EXIT_CODES.passed };
    return this.execute(plan, account);
  }

  private async execute(plan: Plan, account: Account): Promise<RunResult> {
    const { options } = this;
    const concurrency = account.lambdaConcurrency === undefined ? 'unknown' : String(account.lambdaConcurrency);
    let error: unknown;
    this.start = options.cloud.now();
    this.deploymentsBefore = this.deployments.count;
    try {
      await this.play(plan, account);
    } catch (thrown) {
      error = thrown;
      this.write(describeProblem(thrown));
    }
    this.isCleaning = true;
    if (this.isKept()) this.write('A case failed, and --keep-on-failure keeps the resources. To delete them, run the command with --clean-up.');
    const failedDeletions = this.isKept() ? [] : await this.cleanup.run((description) => this.write(`Deleting ${description}`));
    const leftovers = await this.searchForLeftovers();
    this.write(leftoverSentence(leftovers));
    const isInterrupted = options.signal.aborted || problemOf(error ?? '').kind === 'interrupted';
    const usage: Usage = {
      minutes: Math.round((options.cloud.now() - this.start) / 6000) / 10,
      deployments: this.deployments.count - this.deploymentsBefore,
      ...options.cloud.callsSince?.(this.start),
    };
    // A failure costs additional deployments.
    const exceeded = this.cases.some(({ status }) => status === 'failed') ? [] : exceededOf(plan.estimate, usage);
    const isFailed = exceeded.length > 0 || error !== undefined || failedDeletions.length > 0 || leftovers.left.length > 0 || leftovers.searches.some(({ outcome }) => outcome === 'failed')
      || this.cases.some(({ status }) => status === 'failed') || this.answers.some(({ verdict }) => verdict === 'failed');
    const report: Report = this.redactor.redact({
      formatVersion: 1,
      target: options.cloud.kind,
      region: options.cloud.region,
      account: maskedAccount(account.id),
      startedAt: this.startedAt,
      endedAt: new Date().toISOString(),
      outcome: isInterrupted ? 'interrupted' : isFailed ? 'failed' : 'passed',
      versions: { ...options.versions, 'Lambda concurrency': concurrency },
      options: options.args,
      estimate: plan.estimate,
      usage,
      cases: [...this.cases, ...this.ended(error), ...failedDeletions.map(deletionCase), ...exceeded.map(exceededCase)],
      facts: [...this.answers, ...options.facts.filter(({ id }) => !this.answers.some((answer) => answer.id === id)).map(notAsked)].sort(byId),
      leftovers,
      calls: this.log.counts(),
    });
    const advice = error === undefined ? undefined : adviceFor(error);
    if (advice) this.write(advice);
    const folder = this.writeReport(report);
    this.write(`Usage: ${usageText(report.usage)}`);
    this.write(`Report: ${path.relative(process.cwd(), folder)}`);
    return { exitCode: EXIT_CODES[report.outcome], report, folder };
  }

  /** For some time after a deletion, the services can return the deleted resource. */
  private async searchForLeftovers(): Promise<LeftoverResult> {
    for (let attempt = 1; ; attempt += 1) {
      const result = leftoverResult(await searchEverything(this.searchContext));
      if (result.left.length === 0 || attempt === SEARCH_ATTEMPTS || this.isKept()) return result;
      await this.options.cloud.wait(SECONDS_BETWEEN_SEARCHES);
    }
  }

  private async play(plan: Plan, account: Account): Promise<void> {
    const { cloud } = this.options;
    const lifecycles = async () => {
      for (const stack of plan.stacks) {
        await new Lifecycle(stack, {
          context: this.caseContext,
          deployments: this.deployments,
          log: this.log,
          runId: this.options.runId,
          pollSeconds: cloud.pollSeconds,
          onResult: (result) => this.add(result),
          throwIfInterrupted: this.throwIfInterrupted,
          isKept: () => this.isKept(),
        }).run();
      }
    };
    const probes = async (atOnce: number) => askFacts(plan.facts, {
      base: {
        region: cloud.region,
        accountId: account.id,
        namePrefix: this.namePrefix,
        tags: { [RUN_TAG]: this.options.runId },
        encoder: this.encoder,
        onCleanup: (description, deletion) => this.cleanup.add(description, deletion),
        wait: (seconds) => this.wait(seconds),
      },
      clients: this.clients,
      log: this.log,
      policiesOf: this.options.policiesOf,
      atOnce,
      throwIfInterrupted: this.throwIfInterrupted,
      onResult: (result) => {
        this.answers.push(result);
        this.write(`${result.verdict.padEnd(12)} ${result.id} ${result.observed}`);
      },
    });
    if (cloud.kind === 'aws') return settled([lifecycles(), probes(PROBES_AT_ONCE)]);
    // A wait of a probe moves the clock, and so would end the meetings of a pool.
    await lifecycles();
    await probes(1);
  }

  private add(result: CaseResult): void {
    this.cases.push(result);
    this.write(`${result.status.padEnd(8)} ${result.title} (${result.seconds.toFixed(1)} s)${result.status === 'passed' ? '' : `: ${result.observed}`}`);
  }

  /** What ended the run early, as a failed case. */
  private ended(error: unknown): CaseResult[] {
    if (error === undefined) return [];
    return [{
      area: 'run',
      title: 'The run reaches its end',
      kind: 'run',
      status: 'failed',
      expected: 'Every case and every probe of the plan runs.',
      observed: describeProblem(error),
      seconds: 0,
      evidence: [],
    }];
  }

  private isKept(): boolean {
    return this.options.options.keepOnFailure && this.cases.some(({ status }) => status === 'failed');
  }

  private async removeEarlier(): Promise<boolean> {
    const { removed, failed } = await removeLeftovers(this.searchContext, {
      destroyStack: (name) => this.deployments.destroy(name), pauseSeconds: this.options.cloud.pollSeconds,
    });
    for (const { type, id } of removed) this.write(`Deleted ${type} ${id}`);
    for (const { type, id, error } of failed) this.write(`Not deleted: ${type} ${id}: ${error}`);
    return failed.length === 0;
  }

  private refuse(reasons: readonly (string | undefined)[]): RunResult {
    for (const reason of reasons) if (reason) this.write(reason);
    return { exitCode: EXIT_CODES.refused };
  }

  private get searchContext() {
    const client = <T>(constructor: new (configuration: any) => T) => this.clients.create(constructor, this.log);
    return { region: this.options.cloud.region, client };
  }

  private get caseContext(): CaseContext {
    return {
      ...this.searchContext,
      namePrefix: this.namePrefix,
      isAws: this.options.cloud.kind === 'aws',
      onCleanup: (description, deletion) => this.cleanup.add(description, deletion),
    };
  }

  /** The local cloud has no media server. */
  private get encoder(): Encoder | undefined {
    const executable = this.options.cloud.kind === 'aws' ? ffmpegOnPath() : undefined;
    return executable === undefined ? undefined : ffmpegEncoder(executable);
  }

  private readonly throwIfInterrupted = (): void => {
    if (this.options.signal.aborted && !this.isCleaning) throw new Interrupted();
  };

  private async wait(seconds: number): Promise<void> {
    this.throwIfInterrupted();
    if (this.isCleaning) return this.options.cloud.wait(seconds);
    let stop = () => {};
    const interrupted = new Promise<never>((_, reject) => {
      stop = () => reject(new Interrupted());
      this.options.signal.addEventListener('abort', stop, { once: true });
    });
    try {
      await Promise.race([this.options.cloud.wait(seconds), interrupted]);
    } finally {
      this.options.signal.removeEventListener('abort', stop);
    }
  }

  private write(line: string): void {
    this.options.write(this.redactor.redact(line));
  }

  private writeReport(report: Report): string {
    const folder = path.join(this.options.reportsFolder, `${report.startedAt.slice(0, 10)}-${report.region}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'report.json'), `${JSON.stringify(report, undefined, 2)}\n`);
    writeFileSync(path.join(folder, 'report.md'), markdownOf(report));
    return folder;
  }
}

function questionOf({ cleanUp }: Options, left: number): string {
  const deletion = left > 0 ? ` ${left} resources of earlier runs are deleted first.` : '';
  return cleanUp ? `Delete ${left} resources of earlier runs?` : `Create these resources?${deletion}`;
}

function exceededCase(observed: string): CaseResult {
  return { area: 'run', title: 'The run stays within its estimate', kind: 'run', status: 'failed', expected: 'The estimate is an upper bound.', observed, seconds: 0, evidence: [] };
}

function deletionCase({ description, error }: FailedDeletion): CaseResult {
  return { area: 'run', title: `Cleanup: ${description}`, kind: 'cleanup', status: 'failed', expected: 'The deletion succeeds.', observed: error, seconds: 0, evidence: [] };
}

function byId(a: FactResult, b: FactResult): number {
  return a.id.localeCompare(b.id, 'en', { numeric: true });
}

/** Waits for all, and then throws the first error. */
async function settled(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
