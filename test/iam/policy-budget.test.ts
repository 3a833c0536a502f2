import { readdirSync } from 'node:fs';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { everything } from './permissions';
import { resolvedBytes } from '../../src/private/resolved-bytes';
import type { HandlerPolicy } from '../../src/provider/private/handler-policies';
import { StackProvider } from '../../src/provider/private/stack-provider';
import { ACCOUNT, REGION } from '../handler-setup';

/*
 * IAM allows 10,240 characters for all inline policies of a role. The handlers of a stack share one role, so its resource types share this quota. The budget
 * leaves the rest for the policies of single constructs, such as meeting pools, and for options, such as a VPC.
 */

const BUDGET = 8_500;
const SOURCE = path.join(__dirname, '..', '..', 'src');

/** All handler policies that the library declares, also those of resource types that no test names. */
function declaredPolicies(): HandlerPolicy[] {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) => /\bprivate\/.*\.ts$/.test(file) && !file.endsWith('.d.ts'));
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return files.flatMap((file): unknown[] => Object.values(require(path.join(SOURCE, file)))).filter(isHandlerPolicy);
}

function isHandlerPolicy(value: unknown): value is HandlerPolicy {
  return typeof value === 'object' && value !== null && 'name' in value && 'statements' in value && typeof value.statements === 'function';
}

function addDeclaredPolicies(stack: Stack, policies = declaredPolicies()): void {
  for (const policy of policies) StackProvider.getOrCreate(stack).policies.policyFor(policy);
}

/** The characters of each inline policy of the handlers, by logical ID. */
function inlinePolicies(stack: Stack): Record<string, number> {
  const { Resources } = Template.fromStack(stack).toJSON();
  const documents = Object.entries<any>(Resources).flatMap(([id, { Type, Properties }]): [string, unknown][] => {
    if (Type === 'AWS::IAM::Role' && id.startsWith('CdkRtcHandlerRole')) return Properties.Policies.map(({ PolicyDocument }: any) => [id, PolicyDocument]);
    if (Type === 'AWS::IAM::Policy' && JSON.stringify(Properties.Roles).includes('CdkRtcHandlerRole')) return [[id, Properties.PolicyDocument]];
    return [];
  });
  return Object.fromEntries(documents.map(([id, document]) => [id, resolvedBytes(stack, document)]));
}

test('every domain declares handler policies', () => {
  const names = declaredPolicies().map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['SignalingChannel', 'IngestConfiguration', 'VoiceConnectorStreaming', 'ChimeMeetingPool']));
});

test(`the handler policies of all resource types together have at most ${BUDGET} characters`, () => {
  const stack = new Stack(new App(), 'Stack', { env: { account: ACCOUNT, region: REGION } });
  addDeclaredPolicies(stack);
  const lengths = inlinePolicies(stack);
  for (const { name } of declaredPolicies()) expect(Object.keys(lengths)).toContainEqual(expect.stringMatching(`^CdkRtc${name}Policy`));
  expect(Object.values(lengths).reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(BUDGET);
});

test('a stack with all constructs and options, except for phone numbers, fits the quota in every region', () => {
  const stack = new Stack(new App(), 'Stack');
  everything(stack);
  addDeclaredPolicies(stack, declaredPolicies().filter(({ name }) => !name.startsWith('PhoneNumber')));
  // The library refuses policies that can exceed the quota.
  expect(() => Template.fromStack(stack)).not.toThrow();
});
