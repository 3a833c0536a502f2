import { markingUnknownOutcome, classify, describeError, isOutcomeUnknown, TransientError, TerminalError, unlessGone } from '../../lambda/engine/error-classes';

const error = (name: string, more: object = {}) => Object.assign(new Error('words'), { name }, more);
const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });

test.each([
  ['AccessDenied', 'denied'], ['AccessDeniedException', 'denied'], ['UnauthorizedClientException', 'denied'], ['UnrecognizedClientException', 'denied'],
  ['InvalidClientTokenId', 'denied'], ['ExpiredTokenException', 'denied'],
  ['Throttling', 'throttled'], ['ThrottlingException', 'throttled'], ['ThrottledException', 'throttled'], ['TooManyRequestsException', 'throttled'], ['RequestLimitExceeded', 'throttled'],
  ['AbortError', 'busy'], ['TimeoutError', 'busy'], ['RequestTimeout', 'busy'], ['ValidationException', 'terminal'],
])('%s is %s', (name, errorClass) => {
  expect(classify(error(name))).toBe(errorClass);
});

test('a service\'s own names come first, and a known name before the status', () => {
  expect(classify(error('AccessDenied'), { AccessDenied: 'gone' })).toBe('gone');
  expect(classify(error('Missing', status(500)), { Missing: 'gone' })).toBe('gone');
});

test.each([[429, 'throttled'], [500, 'busy'], [503, 'busy'], [499, 'terminal'], [400, 'terminal']])('an unknown error of status %p is %s', (code, errorClass) => {
  expect(classify(error('Unknown', status(code)))).toBe(errorClass);
});

test('our own errors say it themselves', () => {
  expect(classify(new TerminalError('no'))).toBe('terminal');
  expect(classify(new TransientError('later'))).toBe('conflict');
  expect([new TerminalError('no').name, new TransientError('later').name]).toEqual(['TerminalError', 'TransientError']);
});

test.each(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH'])('%s reached nobody', (code) => {
  expect(classify(error('Error', { code }))).toBe('unreachable');
});

test.each(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT'])('after %s nobody knows', (code) => {
  expect(classify(error('Error', { code }))).toBe('busy');
});

test('a connection that hangs up, or an answer that is cut short, tells nothing of the outcome', () => {
  expect(classify(new Error('socket hang up'))).toBe('busy');
  expect(classify(error('SyntaxError', { $response: {} }))).toBe('busy');
  expect(classify(error('SyntaxError'))).toBe('terminal');
  expect(classify(error('RangeError', { $response: {} }))).toBe('terminal');
});

test.each([undefined, null, 'text'])('%p as an error is terminal, and can be described', (thrown) => {
  expect(classify(thrown)).toBe('terminal');
  expect(describeError(thrown)).toBe(`Error: ${thrown}`);
});

test('an error is described by its name, its words and its request id', () => {
  expect(describeError(error('Refused'))).toBe('Refused: words');
  expect(describeError(error('Refused', { $metadata: { requestId: 'id-1' } }))).toBe('Refused: words (request id id-1)');
  expect(describeError(error('UnknownError', { exceptionMessage: 'of IVS' }))).toBe('UnknownError: of IVS');
  expect(describeError(new TerminalError('self'))).toBe('self');
  expect(describeError(new TransientError('self'))).toBe('self');
});

test('a call for a resource that does not exist returns nothing, and any other error is thrown', async () => {
  const failing = (name: string) => unlessGone({ Gone: 'gone' }, async () => { throw error(name); });
  expect(await unlessGone({}, async () => 'found')).toBe('found');
  expect(await failing('Gone')).toBeUndefined();
  await expect(failing('ValidationException')).rejects.toThrow('words');
});

describe('a call that makes something', () => {
  const failing = (thrown: unknown) => markingUnknownOutcome({ Gone: 'gone' }, async () => { throw thrown; }).then(() => undefined, (caught) => caught);

  test('answers what it makes', async () => {
    expect(await markingUnknownOutcome({}, async () => 'made')).toBe('made');
  });

  test.each([
    ['refused at once', 'ValidationException', { $metadata: { attempts: 1 } }, false],
    ['refused, without a word of attempts', 'Gone', {}, false],
    ['refused after other attempts', 'ValidationException', { $metadata: { attempts: 2 } }, true],
    ['of an unknown outcome', 'TimeoutError', {}, true],
  ])('%s', async (_, name, more, may) => {
    const thrown = error(name, more);
    expect(await failing(thrown)).toBe(thrown);
    expect(isOutcomeUnknown(thrown)).toBe(may);
  });
});
