import type { Subject } from './cases/subject';
import type { Fact } from './fact';
import type { Options } from './options';
import { HOURS_PER_MONTH, PHONE_NUMBER_PRICE, PRICES, PRICES_OF, RESERVE } from './prices';
import { type Round, ROUNDS } from './rounds';

/** An upper bound, computed from the plan before anything is created. */
export interface Estimate {
  readonly minutes: number;
  readonly deployments: number;
  /** Calls to the real-time services, of the deployed functions and of the run itself. */
  readonly calls: number;
  /** US dollars, without taxes. */
  readonly cost: number;
  /** The date of the prices, for example 2026-09-01. */
  readonly pricesOf: string;
}

/** What a run used. */
export interface Usage {
  /** On the local cloud, the waits of the probes take place in virtual time. Other calls and deployments take real time. */
  readonly minutes: number;
  readonly deployments: number;
  /** Calls to the real-time services, of the run itself and of the deployed functions. Undefined in AWS, where the run doesn't see those of the functions. */
  readonly calls?: number;
  /** The part of the calls that the services throttled at their documented rates. */
  readonly throttledCalls?: number;
}

export interface StackPlan {
  /** The end of the name of the stack. */
  readonly name: string;
  readonly subjects: readonly Subject[];
  readonly rounds: readonly Round[];
}

export interface Plan {
  readonly stacks: readonly StackPlan[];
  readonly facts: readonly Fact[];
  readonly estimate: Estimate;
}

/** Selects the cases and the facts of a run. */
export function planOf(options: Pick<Options, 'only' | 'facts' | 'long' | 'orderNumber'>, subjects: readonly Subject[], facts: readonly Fact[]): Plan {
  const selected = subjectsOf(options, subjects);
  const numbers = selected.filter(({ area }) => area === 'phone-number');
  const others = selected.filter((subject) => !numbers.includes(subject));
  const stacks = [
    ...others.length > 0 ? [{ name: 'Lifecycle', subjects: others, rounds: roundsOf(others) }] : [],
    // A creation that is rolled back would order, and cost, another number.
    ...numbers.length > 0 ? [{ name: 'Numbers', subjects: numbers, rounds: roundsOf(numbers).filter((round) => round !== 'create rolled back') }] : [],
  ];
  const asked = factsOf(options, facts);
  return { stacks, facts: asked, estimate: estimateOf(stacks, asked) };
}

function subjectsOf({ only, orderNumber }: Pick<Options, 'only' | 'orderNumber'>, subjects: readonly Subject[]): Subject[] {
  const isSelected = ({ area }: Subject) => (area === 'phone-number' ? orderNumber : true) && (only?.includes(area) ?? true);
  // The drift monitor observes a signaling channel.
  const needsChannel = only?.includes('drift-monitor') ?? false;
  return subjects.filter((subject) => isSelected(subject) || (needsChannel && subject.area === 'signaling'));
}

function factsOf({ only, facts: ids, long, orderNumber }: Pick<Options, 'only' | 'facts' | 'long' | 'orderNumber'>, facts: readonly Fact[]): Fact[] {
  if (only && !only.includes('facts')) return [];
  const runs = ['standard', ...long ? ['long'] : [], ...orderNumber ? ['order-number'] : []];
  return facts.filter(({ id, probe, run }) => probe && run && runs.includes(run) && (ids?.includes(id) ?? true));
}

/** The rounds in which at least one construct takes part. */
export function roundsOf(subjects: readonly Subject[]): Round[] {
  const has = (variant: 'updated' | 'replaced' | 'renamed' | 'retained') => subjects.some((subject) => subject.expected(variant, ''));
  const isIn: Record<Round, boolean> = {
    'create rolled back': true,
    'create': true,
    'update without a change': true,
    'update': has('updated'),
    'update rolled back': has('updated'),
    'replacement rolled back': has('replaced'),
    'replacement': has('replaced'),
    'rename': has('renamed'),
    'conflict': subjects.some(({ conflict }) => conflict),
    'retain': has('retained'),
    'destroy': true,
    'adopt': subjects.some(({ adoption }) => adoption),
  };
  return ROUNDS.filter((round) => isIn[round]);
}

/** Minutes in AWS. Assumed: no round has run in AWS. The adopting stacks are deleted one after another. */
const MINUTES: Record<Round, number> = {
  'create rolled back': 3.5,
  'create': 2.5,
  'update without a change': 0.75,
  'update': 1.5,
  'update rolled back': 2,
  'replacement rolled back': 2,
  'replacement': 1.5,
  'rename': 1.5,
  'conflict': 2,
  'retain': 1,
  'destroy': 2,
  'adopt': 2,
};

/** Deployments and deletions. For a conflict and for an adoption, each construct has another stack, which is deleted. */
const DEPLOYMENTS: Record<Round, number> = {
  'create rolled back': 2,
  'create': 1,
  'update without a change': 1,
  'update': 1,
  'update rolled back': 1,
  'replacement rolled back': 1,
  'replacement': 1,
  'rename': 1,
  'conflict': 2,
  'retain': 1,
  'destroy': 1,
  'adopt': 2,
};

/** Of the handlers for one construct in one round: twice the most that bench/exact.json counts for one operation, and the reads of the run. */
const CALLS_PER_ROUND = 60;
const CALLS_PER_PROBE = 60;
const CALLS_OF_THE_SEARCHES = 200;

/** Probes run next to one another, and next to the deployments. */
export const PROBES_AT_ONCE = 6;
/** Some calls, until a new role is permitted and a read returns a change. */
export const PROBE_MINUTES = 1.5;
const SEARCH_MINUTES = 1;

/** In one round, per stack: executions of functions, their duration in seconds, and state transitions. */
const EXECUTIONS_PER_ROUND = 500;
const SECONDS_PER_EXECUTION = 2;
const MEMORY_GB = 0.25;
const TRANSITIONS_PER_ROUND = 1_000;

/** Per stack: secrets and keys, including those of rolled-back and replaced resources, and the metrics of a pool and a monitor. */
const SECRETS = 8;
const KEYS = 3;
const METRICS = 12;
const ACTIVE_CHANNELS = 2;

function estimateOf(stacks: readonly StackPlan[], facts: readonly Fact[]): Estimate {
  const rounds = stacks.flatMap((stack) => stack.rounds.map((round) => ({ round, stacksOfRound: stacksOf(round, stack.subjects) })));
  const lifecycleMinutes = rounds.reduce((sum, { round, stacksOfRound }) => sum + MINUTES[round] + (round === 'adopt' ? MINUTES.destroy * stacksOfRound : 0), 0);
  const calls = stacks.reduce((sum, stack) => sum + stack.rounds.length * stack.subjects.length * CALLS_PER_ROUND, 0);
  return {
    minutes: Math.ceil(Math.max(lifecycleMinutes, probeMinutes(facts)) + SEARCH_MINUTES),
    deployments: rounds.reduce((sum, { round, stacksOfRound }) => sum + DEPLOYMENTS[round] * stacksOfRound, 0),
    calls: calls + facts.length * CALLS_PER_PROBE + CALLS_OF_THE_SEARCHES,
    cost: costOf(stacks, facts, Math.ceil(lifecycleMinutes / 60)),
    pricesOf: PRICES_OF,
  };
}

/** The number of stacks that a round deploys. */
function stacksOf(round: Round, subjects: readonly Subject[]): number {
  if (round === 'conflict') return subjects.filter(({ conflict }) => conflict).length;
  return round === 'adopt' ? subjects.filter(({ adoption }) => adoption).length : 1;
}

function probeMinutes(facts: readonly Fact[]): number {
  const sequences = sequencesOf(facts).map((sequence) => sequence.reduce((sum, { minutes = PROBE_MINUTES }) => sum + minutes, 0));
  return Math.max(0, ...sequences, sequences.reduce((sum, each) => sum + each, 0) / PROBES_AT_ONCE);
}

/**
 * Facts whose probes run one after another, because a quota is small. The longest sequences begin first, and in a sequence the probe that needs the most:
 * it ends before the deployments replace their voice connector.
 */
export function sequencesOf(facts: readonly Fact[]): (readonly Fact[])[] {
  const connectors = facts.filter(({ voiceConnectors }) => voiceConnectors).sort((a, b) => b.voiceConnectors! - a.voiceConnectors!);
  const storage = facts.filter(({ storageConfigurations }) => storageConfigurations);
  const others = facts.filter((fact) => !connectors.includes(fact) && !storage.includes(fact));
  return [connectors, storage, ...others.map((fact) => [fact])].filter((sequence) => sequence.length > 0);
}

/** US dollars, rounded up to the next cent. */
function costOf(stacks: readonly StackPlan[], facts: readonly Fact[], hours: number): number {
  const rounds = stacks.reduce((sum, stack) => sum + stack.rounds.length, 0);
  const numbers = stacks.filter(({ subjects }) => subjects.some(({ area }) => area === 'phone-number')).length + facts.filter(({ run }) => run === 'order-number').length;
  const executions = rounds * EXECUTIONS_PER_ROUND;
  const perHour = (SECRETS * PRICES.secretMonth + KEYS * PRICES.keyMonth + METRICS * PRICES.metricMonth) / HOURS_PER_MONTH;
  const cost = executions * PRICES.lambdaMillionRequests / 1e6
    + executions * SECONDS_PER_EXECUTION * MEMORY_GB * PRICES.lambdaGbSecond
    + rounds * TRANSITIONS_PER_ROUND * PRICES.stepFunctionsThousandTransitions / 1000
    + stacks.length * hours * perHour
    + ACTIVE_CHANNELS * PRICES.activeChannelMonth
    + RESERVE
    + numbers * PHONE_NUMBER_PRICE;
  return Math.ceil(cost * 100) / 100;
}

/** Where a run needed more than its estimate. The minutes are an assumption, so a longer run isn't a failure. */
export function exceededOf(estimate: Estimate, usage: Usage): string[] {
  return (['deployments', 'calls'] as const).filter((member) => (usage[member] ?? 0) > estimate[member])
    .map((member) => `The run needed ${usage[member]} ${member}, and the estimate is ${estimate[member]}.`);
}

interface AccountOfPlan {
  readonly id: string;
  readonly callerArn: string;
  readonly lambdaConcurrency?: number;
}

/** What the command prints before it asks. */
export function planText({ stacks, facts, estimate }: Plan, account: AccountOfPlan, region: string, namePrefix: string): string[] {
  return [
    `Account      ${account.id} (${account.callerArn})`,
    `Region       ${region}`,
    `Concurrency  ${account.lambdaConcurrency ?? 'unknown'} concurrent Lambda executions`,
    `Names        ${namePrefix}-…`,
    ...stacks.map(({ name, subjects, rounds }) => `Stack        ${namePrefix}-${name}: ${subjects.map(({ construct }) => construct).join(', ')}. ${rounds.length} rounds: ${rounds.join(', ')}`),
    `Facts        ${facts.length === 0 ? 'none' : facts.map(({ id }) => id).join(', ')}`,
    `Time         At most about ${estimate.minutes} minutes, ${estimate.deployments} deployments and deletions, and ${estimate.calls} calls`,
    `Cost         At most about ${estimate.cost.toFixed(2)} US dollars, by the list prices of ${estimate.pricesOf}`,
    'Afterwards   Everything is deleted. The run then searches for leftovers.',
  ];
}
