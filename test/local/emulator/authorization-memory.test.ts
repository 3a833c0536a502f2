import type { Target } from '../../../local/emulator/service';

const actual = jest.requireActual<typeof import('@cloud-copilot/iam-simulate')>('@cloud-copilot/iam-simulate');
const runSimulation = jest.fn(actual.runSimulation);
// Not hoisted, unlike jest.mock, so that it does not depend on how the tests are compiled.
jest.doMock('@cloud-copilot/iam-simulate', () => ({ ...actual, runSimulation }));
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { Authorizer } = require('../../../local/emulator/authorization') as typeof import('../../../local/emulator/authorization');

const ACCOUNT = '123456789012';
const SECRETS = `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:`;

/** Whether a role with this one statement may read the secret. */
function mayRead(statement: object, target: Target): Promise<boolean> {
  const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: `${SECRETS}*`, ...statement }] };
  const principal = { arn: `arn:aws:iam::${ACCOUNT}:role/reader`, policies: [policy] };
  const service = { iamPrefix: 'secretsmanager', errors: { accessDenied: 'AccessDeniedException' } } as never;
  return new Authorizer().authorize(service, 'GetSecretValue', principal, ACCOUNT, [target]).then(() => true, () => false);
}

const secret = (name: string, version: string, stack = 'mine'): Target => ({
  arn: `${SECRETS}${name}`,
  tags: { 'cdk-rtc:stack': stack },
  conditionKeys: { 'secretsmanager:SecretId': `${SECRETS}${name}`, 'secretsmanager:VersionId': version },
});

// Each test has a statement of its own, because decisions outlive an authorizer.
const condition = (key: string, value: string) => ({ Condition: { StringEquals: { [key]: value } } });

test('asks the simulator once about secrets and versions that the policies do not distinguish', async () => {
  const ofStack = { Sid: 'A', ...condition('aws:ResourceTag/cdk-rtc:stack', 'mine') };
  expect(await mayRead(ofStack, secret('key-1-AbCdEf', '1'))).toBe(true);
  expect(await mayRead(ofStack, secret('key-2-AbCdEf', '2'))).toBe(true);
  expect(runSimulation).toHaveBeenCalledTimes(1);
  expect(await mayRead(ofStack, secret('key-2-AbCdEf', '2', 'theirs'))).toBe(false);
  expect(runSimulation).toHaveBeenCalledTimes(2);
});

test('distinguishes the values of a condition key that a policy names', async () => {
  const ofVersion = { Sid: 'B', ...condition('secretsmanager:VersionId', '1') };
  expect(await mayRead(ofVersion, secret('key-1-AbCdEf', '1'))).toBe(true);
  expect(await mayRead(ofVersion, secret('key-1-AbCdEf', '2'))).toBe(false);
});

test.each([
  ['a policy names by its beginning', `${SECRETS}key-1-*`],
  ['a policy names in full', `${SECRETS}key-1-AbCdEf`],
  ['a policy names by a folder', `${SECRETS}folder/*`],
])('distinguishes secrets that %s', async (_, Resource) => {
  const named = { Sid: 'C', Resource };
  const inside = Resource.includes('folder') ? 'folder/key-AbCdEf' : 'key-1-AbCdEf';
  expect(await mayRead(named, secret(inside, '1'))).toBe(true);
  expect(await mayRead(named, secret('key-2-AbCdEf', '1'))).toBe(false);
});
