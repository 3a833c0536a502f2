import { readFileSync } from 'node:fs';
import { SUBJECTS } from '../../acceptance/cases';
import type { Fact } from '../../acceptance/fact';
import { FACTS } from '../../acceptance/facts';
import { parseOptions } from '../../acceptance/options';
import { exceededOf, planOf, planText, sequencesOf } from '../../acceptance/plan';
import { PRICES, PRICES_OF } from '../../acceptance/prices';
import { ROUNDS } from '../../acceptance/rounds';

const plan = (...args: string[]) => planOf(parseOptions(['--region', 'us-east-1', ...args]), SUBJECTS, FACTS);
const constructs = ({ stacks }: ReturnType<typeof plan>) => stacks.flatMap(({ subjects }) => subjects.map(({ construct }) => construct));

describe('options', () => {
  test.each([
    [[], 'region: missing'],
    [['--region', 'us-east-1', '--only', 'signalling'], 'only: unknown signalling; use signaling'],
    [['--region', 'us-east-1', '--only', 'phone-number'], 'add --order-number'],
    [['--local', '--profile', 'dev'], 'profile: the local cloud uses no profile'],
    [['--region', 'us-east-1', '--only', ''], 'only: empty'],
  ])('%j fails and names the solution', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });

  test('an unknown option fails', () => {
    expect(() => parseOptions(['--region', 'us-east-1', '--force'])).toThrow('--force');
  });

  test('the ID of a fact selects this fact only', () => {
    expect(plan('--only', 'F-24').facts.map(({ id }) => id)).toEqual(['F-24']);
    expect(constructs(plan('--only', 'F-24'))).toEqual([]);
  });
});

test('by default a run has every construct, and no order of a phone number', () => {
  expect(constructs(plan())).toEqual(['SignalingChannel', 'VideoStream', 'VoiceConnector', 'ChimeMeetingPool', 'IngestConfiguration', 'RealTimeStage', 'RtcDriftMonitor']);
  expect(plan().stacks.map(({ rounds }) => rounds)).toEqual([ROUNDS]);
  expect(new Set(plan().facts.map(({ run }) => run))).toEqual(new Set(['standard']));
});

test('phone numbers have a stack of their own, in which no creation is rolled back', () => {
  const [, numbers] = plan('--order-number').stacks;
  expect(numbers.subjects.map(({ construct }) => construct)).toEqual(['PhoneNumber']);
  expect(numbers.rounds).toEqual(ROUNDS.filter((round) => !['create rolled back', 'rename'].includes(round)));
});

test('--only selects constructs and their rounds; the drift monitor brings a channel', () => {
  expect(constructs(plan('--only', 'meetings'))).toEqual(['ChimeMeetingPool']);
  expect(plan('--only', 'meetings').stacks[0].rounds).toEqual(['create rolled back', 'create', 'update without a change', 'update', 'update rolled back', 'rename', 'destroy']);
  expect(constructs(plan('--only', 'drift-monitor'))).toEqual(['SignalingChannel', 'RtcDriftMonitor']);
  expect(plan('--only', 'meetings').facts).toEqual([]);
});

const fact = (id: string, more: Partial<Fact> = {}): Fact => ({ id, section: 's', statement: 's', question: 'q', assumption: 'a', behavior: 'b', run: 'standard', probe: jest.fn(), ...more });

test('probes that need voice connectors or storage configurations run one after another, and the one that needs two voice connectors first', () => {
  const facts = [fact('F-901'), fact('F-902', { voiceConnectors: 1 }), fact('F-903', { storageConfigurations: 1 }), fact('F-904', { voiceConnectors: 2 }), fact('F-905', { storageConfigurations: 1 })];
  expect(sequencesOf(facts).map((sequence) => sequence.map(({ id }) => id))).toEqual([['F-904', 'F-902'], ['F-903', 'F-905'], ['F-901']]);
});

describe('estimate', () => {
  const minutesOf = (facts: readonly Fact[]) => planOf(parseOptions(['--region', 'us-east-1', '--only', 'facts']), [], facts).estimate.minutes - minutesOfNoFact;
  const minutesOfNoFact = planOf(parseOptions(['--region', 'us-east-1', '--only', 'facts']), [], []).estimate.minutes;

  test('the minutes of probes that run one after another are added, and six of the others run at the same time', () => {
    expect(minutesOf([fact('F-901', { minutes: 4, voiceConnectors: 1 }), fact('F-902', { minutes: 5, voiceConnectors: 2 }), fact('F-903', { minutes: 6 })])).toBe(9);
    expect(minutesOf(Array.from({ length: 12 }, (_, index) => fact(`F-9${index + 10}`, { minutes: 4 })))).toBe(8);
    expect(minutesOf([fact('F-901', { minutes: 4 }), fact('F-902', { minutes: 7 })])).toBe(7);
  });

  test('a standard run takes at most 30 minutes and costs less than a dollar', () => {
    const { minutes, cost } = plan().estimate;
    expect(minutes).toBeLessThanOrEqual(30);
    expect(cost).toBeLessThan(1);
  });

  test('long probes take about an hour, and each phone number costs a dollar more', () => {
    const long = plan('--long');
    expect(long.facts.some(({ run }) => run === 'long')).toBe(true);
    expect(long.estimate.minutes).toBeGreaterThan(60);
    const ordering = plan('--order-number');
    const numbers = 1 + ordering.facts.filter(({ run }) => run === 'order-number').length;
    expect(ordering.estimate.cost - plan().estimate.cost).toBeGreaterThanOrEqual(numbers);
    expect(ordering.estimate.cost - plan().estimate.cost).toBeLessThan(numbers + 0.5);
  });

  test('deployments and calls beyond the estimate are named; more minutes are none of them', () => {
    const estimate = { minutes: 30, deployments: 20, calls: 1000, cost: 1, pricesOf: '2026-11-29' };
    expect(exceededOf(estimate, { minutes: 40, deployments: 20, calls: 1000 })).toEqual([]);
    expect(exceededOf(estimate, { minutes: 1, deployments: 20 })).toEqual([]);
    expect(exceededOf(estimate, { minutes: 1, deployments: 21, calls: 1001 })).toEqual([
      'The run needed 21 deployments, and the estimate is 20.', 'The run needed 1001 calls, and the estimate is 1000.',
    ]);
  });

  test('the prices and their date are those of the cost page', () => {
    const page = readFileSync('docs/cost.md', 'utf8');
    expect(page).toContain(`collected on ${PRICES_OF}`);
    const price = (row: string) => Number(new RegExp(`^\\| ${row} \\| ([\\d.]+)`, 'm').exec(page)![1]);
    expect(PRICES).toEqual({
      lambdaMillionRequests: price('Lambda requests'),
      lambdaGbSecond: price('Lambda duration'),
      stepFunctionsThousandTransitions: price('Step Functions transitions'),
      secretMonth: price('Secrets Manager, secret'),
      keyMonth: price('KMS, customer-managed key'),
      metricMonth: price('CloudWatch, custom metric'),
      activeChannelMonth: price('Signaling channel, active'),
    });
  });
});

test('before the question, the command prints account, region, names, constructs, rounds, facts, time, and cost', () => {
  const text = planText(plan(), { id: '123456789012', callerArn: 'arn:aws:iam::123456789012:user/me', lambdaConcurrency: 10 }, 'eu-west-1', 'CdkRtcAcceptance-1').join('\n');
  for (const part of ['123456789012', 'user/me', 'eu-west-1', '10 concurrent', 'CdkRtcAcceptance-1-Lifecycle', 'ChimeMeetingPool', 'create rolled back', 'F-24', 'minutes', 'US dollars', PRICES_OF]) {
    expect(text).toContain(part);
  }
});
