import { defaultProvider } from '../../lambda/engine/environment-credentials';

const { env } = process;
afterEach(() => { process.env = env; });

test('the credentials are those of the environment at the time of the call', async () => {
  const credentials = defaultProvider();
  process.env = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'token' };
  expect(await credentials()).toEqual({ accessKeyId: 'key', secretAccessKey: 'secret', sessionToken: 'token' });
});

test('an environment without them is an error that says so, not a request without a signature', async () => {
  process.env = { AWS_ACCESS_KEY_ID: 'key' };
  await expect(defaultProvider()()).rejects.toThrow(/AWS_SECRET_ACCESS_KEY/);
});
