import { readFileSync } from 'node:fs';
import type { Fact } from '../../acceptance/fact';
import type { FactResult } from '../../acceptance/report';
import { type CommittedReport, verificationPage } from '../../acceptance/verification-page';

test('docs/verification.md matches the facts and the reports; to update the page: npx projen verification-page', () => {
  expect(verificationPage()).toBe(readFileSync('docs/verification.md', 'utf8'));
});

describe('state of a fact', () => {
  const fact: Fact = {
    id: 'F-24',
    section: 'Kinesis Video Streams',
    statement: 'A fact',
    question: 'Is it so?',
    assumption: 'Yes.',
    behavior: 'None',
    whyNoProbe: 'No reason.',
  };

  const report = (folder: string, verdict: FactResult['verdict'], more: Partial<CommittedReport['report']> = {}): CommittedReport => ({
    folder,
    report: {
      target: 'aws',
      region: 'us-east-1',
      startedAt: `${folder.slice(0, 10)}T08:00:00Z`,
      facts: [{ ...fact, verdict, observed: 'It is so.', evidence: [] }],
      ...more,
    },
  });

  const stateIn = (...reports: CommittedReport[]) => /^- \*\*State:\*\* (.*)\.$/m.exec(verificationPage([fact], reports))![1];

  const verified = 'Verified on [2027-01-02 in us-east-1](../acceptance/reports/2027-01-02-us-east-1/report.md)';

  test('assumed without a report', () => {
    expect(stateIn()).toBe('Assumed');
  });

  test('verified, with the date, the region, and the report', () => {
    expect(stateIn(report('2027-01-02-us-east-1', 'confirmed'))).toBe(verified);
  });

  test('refuted', () => {
    expect(stateIn(report('2027-01-02-us-east-1', 'refuted'))).toBe(verified.replace('Verified', '**Refuted**'));
  });

  test('a refuted fact names the code that relies on it, with links that exist', () => {
    const code = (id: string, verdict: FactResult['verdict']) => {
      const reported = report('2027-01-02-us-east-1', verdict, { facts: [{ ...fact, id, verdict, observed: 'o', evidence: [] }] });
      return /^- \*\*Code that relies on it:\*\* (.*)$/m.exec(verificationPage([{ ...fact, id }], [reported]))?.[1];
    };
    const links = [...code('F-24', 'refuted')!.matchAll(/\[`([^`]+)`\]\(\.\.\/([^)]+)\)/g)];
    expect(links.length).toBeGreaterThan(0);
    for (const [, name, target] of links) {
      expect(target).toBe(name);
      expect(readFileSync(name, 'utf8')).toMatch(/\bF-24\b/);
    }
    expect(code('F-24', 'confirmed')).toBeUndefined();
    expect(code('F-2', 'refuted')).toBe('None.');
  });

  test('the newest answer of a region replaces the earlier ones, in any order of the reports', () => {
    const earlier = report('2027-01-01-us-east-1', 'refuted');
    const later = report('2027-01-02-us-east-1', 'confirmed');
    expect(stateIn(earlier, later)).toBe(verified);
    expect(stateIn(later, earlier)).toBe(verified);
  });

  test('a report without an answer leaves the state', () => {
    expect(stateIn(report('2027-01-02-us-east-1', 'confirmed'), report('2027-01-03-us-east-1', 'inconclusive'), report('2027-01-04-us-east-1', 'failed'))).toBe(verified);
  });

  test('each region has its own answer', () => {
    const other = report('2027-01-03-eu-west-1', 'refuted', { region: 'eu-west-1' });
    const refuted = '**Refuted** on [2027-01-03 in eu-west-1](../acceptance/reports/2027-01-03-eu-west-1/report.md)';
    expect(stateIn(report('2027-01-02-us-east-1', 'confirmed'), other)).toBe(`${refuted}. ${verified}`);
  });

  test('the page counts the facts of each state', () => {
    expect(verificationPage([fact])).toContain('Of the 1 facts, 0 are verified, 0 are refuted, and 1 are assumed.');
    expect(verificationPage([fact], [report('2027-01-02-us-east-1', 'confirmed')])).toContain('Of the 1 facts, 1 are verified, 0 are refuted, and 0 are assumed.');
  });

  test('a run on the local cloud verifies nothing', () => {
    expect(stateIn(report('2027-01-02-us-east-1', 'confirmed', { target: 'local' }))).toBe('Assumed');
  });
});
