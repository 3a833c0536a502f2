import { describeError, withholding } from '../../lambda/engine/error-classes';

const KEY = 'rt_123456789012_us-east-1_TrKnPPQ35cYj_nmqRaxlUbOxRAbTAu5KpfgXa9XUkIkTD';

const refused = (error: object) => withholding([KEY], async () => { throw Object.assign(new Error(), { name: 'ValidationException' }, error); }).then(
  () => undefined, (thrown) => ({ thrown, text: describeError(thrown), everything: `${thrown.stack} ${JSON.stringify({ ...thrown, message: thrown.message })}` }));

test.each([
  ['whole', { message: `'{"streamKey":"${KEY}"}' is too long` }],
  ['in part', { message: `'…${KEY.slice(30, 50)}…' is too long` }],
  ['as IVS names it', { message: 'UnknownError', exceptionMessage: KEY }],
])('an error that repeats a secret %s keeps its name and loses its words', async (_, error) => {
  const { text, everything } = (await refused(error))!;
  expect(text).toBe('ValidationException: the service repeats what is secret, so its words are left out');
  expect(everything).not.toContain(KEY.slice(32, 48));
});

test.each([{ message: KEY }, { message: 'UnknownError', exceptionMessage: KEY }])('the words are left out of the members that the error has: %j', async (error) => {
  const { thrown } = (await refused(error))!;
  expect(Object.keys(thrown).filter((key) => key === 'exceptionMessage')).toEqual(Object.keys(error).slice(1));
  expect(thrown.stack).toBe('ValidationException: the service repeats what is secret, so its words are left out');
});

test('sixteen characters of a secret tell something of it, also the last ones', async () => {
  expect((await refused({ message: `…${KEY.slice(-16)}` }))!.text).toBe('ValidationException: the service repeats what is secret, so its words are left out');
  expect((await refused({ message: `…${KEY.slice(-15)}` }))!.text).toBe(`ValidationException: …${KEY.slice(-15)}`);
});

test('any other is as it was, also where it names the region and the account that a key begins with', async () => {
  expect((await refused({ message: 'no secret arn:aws:secretsmanager:us-east-1:123456789012:secret:key' }))!.text)
    .toBe('ValidationException: no secret arn:aws:secretsmanager:us-east-1:123456789012:secret:key');
});

test('what the parser of an answer stumbled over is not shown', () => {
  const unreadable = () => JSON.parse(`{"streamKeys":["${KEY}",?]}`);
  const [thrown] = [unreadable].flatMap((work) => {
    try { return [work()]; } catch (error) { return [error]; }
  });
  // So that this can fail.
  expect(String(thrown)).toContain(KEY.slice(-6));
  expect(describeError(thrown)).toBe('SyntaxError: the answer of the service is not what it should be, and could not be read');
});
