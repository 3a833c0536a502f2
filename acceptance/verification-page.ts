import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Fact } from './fact';
import { FACTS } from './facts';
import { relyingCode } from './relying-code';
import type { FactResult, Report } from './report';

const REPORTS = path.join(__dirname, 'reports');

const INTRODUCTION = `# Verification

This page lists every fact about AWS that the library relies on without sufficient evidence. The other pages mark these facts as "(unverified)" with the ID of the fact, and link to this page.

\`npx projen verification-page\` generates the page from \`acceptance/facts\` and from the reports of acceptance runs in \`acceptance/reports\`. See [Contributing](../CONTRIBUTING.md#facts-about-aws).

## Evidence

The statements of the documentation about AWS services are based on:

- The official service models, and the service authorization reference.
- The documentation of AWS.
- The real SDK clients and the real provider framework of the AWS CDK, which the tests run.
- Reports and source code of other projects that use the services.

A fact is listed here if this evidence is missing or contradictory. For each fact, the code works with every plausible behavior of the service, or the deployment fails with an error that names the problem. The tests replace the services with local emulators. Most of these facts are options of the emulators, and the tests run with each value.

An ID never changes. The code that relies on a fact contains its ID. If the behavior begins with "None", the library doesn't depend on the fact.

## States

| State | Meaning |
|---|---|
| Assumed | No report answers the question |
| Verified | A report confirms the assumption, on this date and in this region |
| Refuted | A report shows another behavior, on this date and in this region |
`;

/** The answer of a report to the question of a fact. */
interface ReportedAnswer {
  readonly verdict: FactResult['verdict'];
  /** For example 2026-12-31. */
  readonly date: string;
  readonly region: string;
  /** The folder of the report. */
  readonly folder: string;
}

/** A report, and the folder that contains it. */
export interface CommittedReport {
  readonly folder: string;
  readonly report: Pick<Report, 'facts' | 'region' | 'startedAt' | 'target'>;
}

/** The page for users. */
export function verificationPage(facts: readonly Fact[] = FACTS, reports: readonly CommittedReport[] = committedReports()): string {
  const sections = [...new Set(facts.map(({ section }) => section))];
  const has = (word: string) => facts.filter(({ id }) => stateOf(id, reports).includes(word)).length;
  const probed = facts.filter(({ probe }) => probe).length;
  return [
    INTRODUCTION,
    `Of the ${facts.length} facts, ${has('Verified')} are verified, ${has('Refuted')} are refuted, and ${has('Assumed')} are assumed. The probe of an acceptance run can answer the questions of ${probed} facts.\n`,
    ...sections.flatMap((section) => [`## ${section}\n`, ...facts.filter((fact) => fact.section === section).map((fact) => entry(fact, reports))]),
  ].join('\n');
}

const RUNS: Record<NonNullable<Fact['run']>, string> = {
  'standard': 'Each run',
  'long': 'Runs with `--long`',
  'order-number': 'Runs with `--order-number`',
};

/** The anchor of a fact on the page. */
export function anchorOf(id: string): string {
  return id.toLowerCase();
}

function entry({ id, statement, behavior, question, assumption, run, needs, whyNoProbe }: Fact, reports: readonly CommittedReport[]): string {
  return `### ${id}

${statement}.

- **Behavior of the library:** ${behavior}.
- **Question:** ${question} **Assumed answer:** ${assumption}
- **Probe:** ${run ? `${RUNS[run]}${needs ? `, if ${needs} is installed` : ''}.` : `None. ${whyNoProbe}`}
- **State:** ${stateOf(id, reports)}.${relyingCodeText(id, reports)}
`;
}

/** For a refuted fact: the code that must change. */
function relyingCodeText(id: string, reports: readonly CommittedReport[]): string {
  if (!stateOf(id, reports).includes('Refuted')) return '';
  const files = relyingCode(id).map((file) => `[\`${file}\`](../${file})`);
  return `\n- **Code that relies on it:** ${files.join(', ') || 'None'}.`;
}

/** The newest answer of each region. A run that found no answer changes nothing. */
function stateOf(id: string, reports: readonly CommittedReport[]): string {
  const answers = new Map<string, ReportedAnswer>();
  const inOrder = reports.flatMap((report) => answersTo(id, report)).sort((a, b) => (a.date < b.date ? -1 : 1));
  for (const answer of inOrder) answers.set(answer.region, answer);
  if (answers.size === 0) return 'Assumed';
  const states = [...answers.values()].map(({ verdict, date, region, folder }) =>
    `${verdict === 'confirmed' ? 'Verified' : '**Refuted**'} on [${date} in ${region}](../acceptance/reports/${folder}/report.md)`);
  return states.sort().join('. ');
}

/** A run on the local cloud verifies nothing about AWS. */
function answersTo(id: string, { folder, report: { facts, region, startedAt, target } }: CommittedReport): ReportedAnswer[] {
  if (target !== 'aws') return [];
  return facts
    .filter((fact) => fact.id === id && ['confirmed', 'refuted'].includes(fact.verdict))
    .map(({ verdict }) => ({ verdict, date: startedAt.slice(0, 10), region, folder }));
}

function committedReports(): CommittedReport[] {
  const folders = readdirSync(REPORTS, { withFileTypes: true }).filter((item) => item.isDirectory()).map(({ name }) => name).sort();
  return folders.map((folder) => ({ folder, report: JSON.parse(readFileSync(path.join(REPORTS, folder, 'report.json'), 'utf8')) }));
}
