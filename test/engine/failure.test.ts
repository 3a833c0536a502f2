import * as path from 'node:path';
import { TransientError, TerminalError } from '../../lambda/engine/error-classes';
import { boundText, messageBytes } from '../../lambda/engine/failure';
import { createLifecycle, type ResourceHandler } from '../../lambda/engine/lifecycle';
import { createLog } from '../../lambda/engine/log';
import { VirtualClock } from '../../local/emulator';

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-require-imports */
const RUNTIME = path.join(path.dirname(require.resolve('aws-cdk-lib/package.json')), 'custom-resources', 'lib', 'provider-framework', 'runtime');
const framework = require(path.join(RUNTIME, 'framework.js'));
const outbound = require(path.join(RUNTIME, 'outbound.js'));

/** The longest name of a function. */
const FUNCTION = `arn:aws:lambda:us-east-1:123456789012:function:${'f'.repeat(64)}`;
const STACK = `arn:aws:cloudformation:us-east-1:123456789012:stack/${'s'.repeat(128)}/01234567-89ab-cdef-0123-456789abcdef`;
const BEGINNING = 'signalingChannelName: is taken';
const ADVICE = 'choose another name';
const lines: { message: string; reason?: string }[] = [];
const log = createLog({ info: () => undefined, error: (message: string, fields: object) => lines.push({ message, ...fields }) } as never);

beforeEach(() => {
  lines.length = 0;
  for (const name of ['USER_ON_EVENT_FUNCTION_ARN', 'USER_IS_COMPLETE_FUNCTION_ARN']) process.env[name] = FUNCTION;
  process.env.WAITER_STATE_MACHINE_ARN = 'arn:aws:states:us-east-1:123456789012:stateMachine:waiter';
});

const long = (filler: string) => new TerminalError(`${BEGINNING} ${filler} ${ADVICE}`);

/** What CloudFormation is sent by the provider framework's own runtime, as the body of the answer. */
async function answerTo(entryPoint: 'onEvent' | 'isComplete', handler: Partial<ResourceHandler>, more: object = {}, load?: () => Promise<never>): Promise<string> {
  const bodies: string[] = [];
  const clock = new VirtualClock({ auto: true });
  const lifecycle = createLifecycle({ clock, log, load: load ?? (async () => ({ errorClasses: {}, ...handler }) as ResourceHandler) });
  outbound.startExecution = async () => undefined;
  outbound.httpRequest = async (_: unknown, body: string) => { bodies.push(body); };
  outbound.invokeFunction = async ({ Payload }: { Payload: string }) => lifecycle[entryPoint](JSON.parse(Payload)).then(
    (result) => ({ Payload: JSON.stringify(result) }),
    // As Lambda's runtime does.
    ({ name, message, stack }: Error) => {
      const escaped = (text: string) => text.replace(/\x7f/g, '%7F');
      return { FunctionError: 'Unhandled', Payload: JSON.stringify({ errorType: name, errorMessage: escaped(message), trace: escaped(stack!).split('\n') }) };
    },
  );
  const consoleLog = jest.spyOn(console, 'log').mockImplementation();
  await framework[entryPoint]({
    RequestType: 'Create',
    RequestId: '01234567-89ab-cdef-0123-456789abcdef',
    StackId: STACK,
    LogicalResourceId: 'L'.repeat(255),
    ResourceType: 'Custom::RtcThing',
    ResponseURL: 'https://response.example/answer',
    ResourceProperties: { ServiceToken: 'arn' },
    ...more,
  });
  consoleLog.mockRestore();
  expect(bodies).toHaveLength(1);
  return bodies[0];
}

function check(body: string): void {
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(4096);
  const { Status, Reason } = JSON.parse(body);
  expect(Status).toBe('FAILED');
  expect(Reason).toContain(BEGINNING);
  expect(Reason).toContain(ADVICE);
}

const stamp = (ageSeconds: number, Accepted: object = { physicalId: 'thing' }) => ({
  RequestType: 'Update', PhysicalResourceId: 'p'.repeat(1024), OldResourceProperties: { ServiceToken: 'arn' }, RtcStamp: { At: -ageSeconds * 1000, Accepted },
});

describe('an answer that reports a failure has at most 4,096 bytes, with the beginning of the message and its advice', () => {
  test.each([
    ['letters', 'x'.repeat(9000)],
    ['letters of several bytes', 'ä€😀'.repeat(2000)],
    ['characters that JSON escapes', '"\\\u0001'.repeat(2000)],
    ['a character that Lambda escapes', '\x7f'.repeat(3000)],
    ['half a surrogate pair', '\ud83d'.repeat(3000)],
    ['many lines', 'message TTL: too large\n  '.repeat(400)],
  ])('%s', async (_, filler) => {
    check(await answerTo('onEvent', { create: async () => { throw long(filler); } }));
  });

  test('of an error that the handler did not foresee', async () => {
    check(await answerTo('onEvent', { create: async () => { throw new TypeError(long('x'.repeat(9000)).message); } }));
  });

  test('of an error that loads no handler', async () => {
    check(await answerTo('onEvent', {}, {}, async () => { throw long('x'.repeat(9000)); }));
    check(await answerTo('isComplete', {}, stamp(1), async () => { throw long('x'.repeat(9000)); }));
  });

  test('of a failure that onEvent knew', async () => {
    check(await answerTo('isComplete', {}, stamp(1, { physicalId: 'thing', failure: long('x'.repeat(9000)).message })));
  });

  test('of an error that no repetition cures', async () => {
    check(await answerTo('isComplete', { reconcile: async () => { throw long('x'.repeat(9000)); } }, stamp(1)));
  });

  test('of the state that was observed last at the deadline', async () => {
    check(await answerTo('isComplete', { reconcile: async () => ({ pending: long('x'.repeat(9000)).message }) }, stamp(1000)));
    check(await answerTo('isComplete', { reconcile: async () => { throw new TransientError(long('x'.repeat(9000)).message); } }, stamp(1000)));
  });
});

test('a message that fits is complete, and no line of it comes twice', async () => {
  const lengthy = `${BEGINNING}\n  ${'x'.repeat(1500)}\n  ${ADVICE}`;
  const { Reason } = JSON.parse(await answerTo('onEvent', { create: async () => { throw new TerminalError(lengthy); } }));
  expect(Reason).toBe(`${'L'.repeat(255)}: ${lengthy}\n\nLogs: /aws/lambda/${'f'.repeat(64)}\n`);
  expect(lines.filter(({ message }) => message.startsWith('the message is too long'))).toEqual([]);
});

test('a message that is cut is whole in the log', async () => {
  const { message } = long('x'.repeat(9000));
  await answerTo('onEvent', { create: async () => { throw new TerminalError(message); } });
  expect(lines.at(-1)).toMatchObject({ message: 'the message is too long for CloudFormation', reason: `${'L'.repeat(255)}: ${message}` });
});

test('a message says how much of it is left out', () => {
  const text = Array.from({ length: 500 }, (_, index) => String(index)).join(' ');
  const bounded = boundText(text, 400);
  const [, beginning, leftOut, end] = /^(.*) \[… (\d+) characters are left out here; the log has the whole message\] (.*)$/.exec(bounded)!;
  expect(text.startsWith(beginning)).toBe(true);
  expect(text.endsWith(end)).toBe(true);
  expect(beginning.length + Number(leftOut) + end.length).toBe(text.length);
  expect(Buffer.byteLength(bounded)).toBeGreaterThan(390);
  expect(Buffer.byteLength(bounded)).toBeLessThanOrEqual(400);
  expect(boundText('as it is', 8)).toBe('as it is');
});

test('a message has two thirds of its room for its beginning and one third for its end', () => {
  const marker = ' [… 410 characters are left out here; the log has the whole message] ';
  const text = `${'a'.repeat(250)}${'b'.repeat(250)}`;
  expect(boundText(text, Buffer.byteLength(marker) + 90)).toBe(`${'a'.repeat(60)}${marker}${'b'.repeat(30)}`);
});

test('a message that ends with characters of several bytes is bounded, too', () => {
  expect(Buffer.byteLength(boundText(`${'a'.repeat(300)}${'😀'.repeat(300)}`, 400))).toBeLessThanOrEqual(400);
});

test('a message has the bytes that the other members of the answer and the framework leave', () => {
  const answer = '{"Status":"FAILED","Reason":"","StackId":"s","RequestId":"r","PhysicalResourceId":"p","LogicalResourceId":"L"}';
  expect(messageBytes({ StackId: 's', RequestId: 'r', LogicalResourceId: 'L', PhysicalResourceId: 'p' })).toBe(4096 - answer.length - 256);
});

test('of a request with ids that are too long, some of the message is left', () => {
  expect(messageBytes({ StackId: STACK, RequestId: 'r', LogicalResourceId: 'L', PhysicalResourceId: 'p'.repeat(5000) })).toBe(256);
});
