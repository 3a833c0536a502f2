import type { LoggedCall } from './fact';
import { leftoverSentence } from './leftovers';
import type { Usage } from './plan';
import type { CaseResult, FactResult, Report } from './report';

/** The calls that the report shows for each case and each fact. All calls are in report.json. */
const SHOWN_CALLS = 5;

/** The content of `report.md`. */
export function markdownOf(report: Report): string {
  const { target, region, account, startedAt, endedAt, outcome, versions, options, estimate, usage, cases, facts, leftovers, calls } = report;
  return [
    `# Acceptance run on ${startedAt.slice(0, 10)} in ${region}`,
    target === 'local' ? 'The run took place on the local cloud. It verifies nothing about AWS.' : `The run took place in an AWS account. Outcome: ${outcome}.`,
    '## Summary',
    table(['Item', 'Value'], [
      ['Outcome', outcome],
      ['Account', account],
      ['Started', startedAt],
      ['Ended', endedAt],
      ['Options', options.join(' ') || 'none'],
      ['Versions', Object.entries(versions).map((version) => version.join(' ')).join(', ')],
      ['Cases', counted(cases.map(({ status }) => status))],
      ['Facts', counted(facts.map(({ verdict }) => verdict))],
      ['Estimate', `${estimate.minutes} minutes, ${estimate.deployments} deployments and deletions, ${estimate.calls} calls, ${estimate.cost.toFixed(2)} US dollars by the prices of ${estimate.pricesOf}`],
      ['Usage', usageText(usage)],
    ]),
    '## Facts',
    table(['ID', 'Fact', 'Assumption', 'Verdict', 'Observed', 'Evidence'], facts.map(factRow)),
    '## Cases',
    table(['Case', 'Status', 'Expected', 'Observed', 'Seconds', 'Evidence'], cases.map(caseRow)),
    '## Leftovers',
    leftoverSentence(leftovers),
    table(['Type', 'Resource', 'Status'], [
      ...leftovers.left.map(({ type, id }) => [type, id, 'left']),
      ...leftovers.deletedLater.map(({ type, id, when }) => [type, id, `AWS deletes it on ${when}`]),
    ]),
    table(['Service', 'Searched for', 'Outcome'], leftovers.searches.map(({ service, resource, outcome: result, error }) => [service, resource, error ?? result])),
    '## Calls',
    'These are the calls of the run itself. The calls of the deployed functions aren\'t included.',
    table(['Service', 'Operation', 'Calls', 'Repeated attempts'], calls.map(({ service, operation, calls: made, repeated }) => [service, operation, String(made), String(repeated)])),
  ].filter((part) => part !== '').join('\n\n') + '\n';
}

export function usageText({ minutes, deployments, calls, throttledCalls }: Usage): string {
  const callsText = calls === undefined ? [] : [`${calls} calls to the real-time services, of which ${throttledCalls} were throttled`];
  return [`${minutes.toFixed(1)} minutes`, `${deployments} deployments and deletions`, ...callsText].join(', ');
}

function caseRow({ title, status, expected, observed, seconds, evidence }: CaseResult): string[] {
  return [title, status, expected, observed, seconds.toFixed(1), evidenceText(evidence)];
}

function factRow({ id, statement, assumption, verdict, observed, evidence, relyingCode = [] }: FactResult): string[] {
  const relying = relyingCode.length > 0 ? `${verdict}. Code that relies on it: ${relyingCode.join(', ')}` : verdict;
  return [id, statement, assumption, relying, observed, evidenceText(evidence)];
}

function evidenceText(evidence: readonly LoggedCall[]): string {
  const shown = evidence.slice(-SHOWN_CALLS).map(({ operation, status, requestId, milliseconds }) => `${operation} ${status} (${requestId ?? 'no request ID'}, ${milliseconds} ms)`);
  return [...evidence.length > SHOWN_CALLS ? [`${evidence.length - SHOWN_CALLS} earlier calls`] : [], ...shown].join('; ');
}

function counted(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, number]) => `${number} ${value}`).join(', ') || 'none';
}

/** Empty if there are no rows. */
function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ')).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}
