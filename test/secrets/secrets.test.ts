import { execFile } from 'node:child_process';
import * as path from 'node:path';
import { promisify } from 'node:util';
import type { Outcome } from './taint';
import { places } from './written';

/** In a process of its own: jest's modules have another clock than those that are loaded by Node.js. */
async function play(...given: string[]): Promise<Outcome> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', path.join(__dirname, 'taint.ts'), ...given], { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

/** Mistakes that write a secret somewhere: each must be found. */
const MISTAKES: Record<string, { life: string; place: string; file: string; find: string; replace: string }> = {
  'a stream key in a log line': {
    life: 'ingest configuration',
    place: 'logs and metrics of functions',
    file: 'lambda/engine/lifecycle.ts',
    find: "request.log.info('complete', {});",
    replace: "request.log.info('complete', { observed: globalThis.seenKey });",
  },
  'a stream key among the attributes': {
    life: 'ingest configuration',
    place: 'framework, state machine, answers to CloudFormation',
    file: 'lambda/engine/lifecycle.ts',
    find: "...'attributes' in outcome ? { Data: outcome.attributes } : {} };",
    replace: "...'attributes' in outcome ? { Data: { ...outcome.attributes, Key: globalThis.seenKey } } : {} };",
  },
  'a SIP password in a log line': {
    life: 'termination',
    place: 'logs and metrics of functions',
    file: 'lambda/engine/lifecycle.ts',
    find: "request.log.info('complete', {});",
    replace: "request.log.info('complete', { observed: globalThis.seenKey });",
  },
  'a join token in a log line': {
    life: 'pool',
    place: 'logs and metrics of functions',
    file: 'lambda/chime-sdk-meetings/meeting-pool/checkout.ts',
    find: 'attendees: result.Attendees.length,',
    replace: 'attendees: JSON.stringify(result.Attendees),',
  },
};

/** The handlers keep no key and no password; a mistake that has one must come by it. */
const SEES_KEY = [{
  file: 'lambda/ivs/stream-key-secret.ts',
  find: 'const input = { SecretId: this.arn,',
  replace: '(globalThis as any).seenKey = value.streamKey; const input = { SecretId: this.arn,',
}, {
  file: 'lambda/chime-sdk-voice/sip-credentials.ts',
  find: 'if (parsed.success) return {',
  replace: 'if (parsed.success) (globalThis as any).seenKey = parsed.output.password;\n  if (parsed.success) return {',
}];

describe('stream keys, join tokens, and SIP passwords, whatever goes wrong', () => {
  let outcome: Outcome;
  beforeAll(async () => { outcome = await play(); });

  test('are written nowhere but where they belong', () => {
    expect(outcome.leaks).toEqual([]);
  });

  test('are where they belong', () => {
    expect(Object.keys(outcome.found).sort()).toEqual(['answers of checkout', 'secret', 'table']);
    for (const found of Object.values(outcome.found)) expect(found).toBeGreaterThan(0);
  });

  test('were looked for in every place', () => {
    expect(Object.keys(outcome.written).sort()).toEqual(Object.keys(places()).sort());
    expect(Object.entries(outcome.written).filter(([, texts]) => texts === 0)).toEqual([]);
  });
});

test.each(Object.keys(MISTAKES))('%s is found', async (name) => {
  const { life, place, ...mistake } = MISTAKES[name];
  const { leaks } = await play(JSON.stringify([mistake, ...SEES_KEY]), life);
  expect(leaks.map((leak) => leak.split(': ')[1]).join('\n')).toContain(`in ${place}`);
});
