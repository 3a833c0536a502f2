import type { Report } from '../../acceptance/report';

/** A report of a run without cases, facts, and leftovers. */
export function aReport(parts: Partial<Report> = {}): Report {
  return {
    formatVersion: 1,
    target: 'aws',
    region: 'us-east-1',
    account: '********9012',
    startedAt: '2026-12-01T10:00:00.000Z',
    endedAt: '2026-12-01T10:30:00.000Z',
    outcome: 'passed',
    versions: { 'cdk-rtc': 'abc' },
    options: [],
    estimate: { minutes: 30, deployments: 15, calls: 1000, cost: 0.5, pricesOf: '2026-11-29' },
    usage: { minutes: 12.5, deployments: 14, calls: 900, throttledCalls: 3 },
    cases: [],
    facts: [],
    leftovers: { searches: [], left: [], deletedLater: [] },
    calls: [],
    ...parts,
  };
}
