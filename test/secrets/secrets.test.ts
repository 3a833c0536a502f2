import { play } from './play';

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

test('stream keys, join tokens, and SIP passwords are written nowhere but where they belong', async () => {
  const { leaks, found } = await play('[]', 'ingest configuration', 'termination', 'pool', 'pool with attendees of its own', 'legacy pool');
  expect(leaks).toEqual([]);
  expect(Object.keys(found).sort()).toEqual(['answers of checkout', 'secret', 'table']);
});

test.each(Object.keys(MISTAKES))('%s is found', async (name) => {
  const { life, place, ...mistake } = MISTAKES[name];
  const { leaks } = await play(JSON.stringify([mistake, ...SEES_KEY]), life);
  expect(leaks.map((leak) => leak.split(': ')[1]).join('\n')).toContain(`in ${place}`);
});
