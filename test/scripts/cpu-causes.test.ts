import { causeOf, type Frame, LOADING_CDK, LOADING_OTHERS, sharesIn } from '../../scripts/cpu-causes';

const frame = (url: string, functionName = 'f'): Frame => ({ functionName, url });
const CDK = frame('node_modules/aws-cdk-lib/core/lib/app.js');
const LOADER = frame('node_modules/jest-runtime/build/index.js', '_execModule');
const TEST = frame('test/ivs/ingest-configuration.test.ts');
const CIRCUS = frame('node_modules/jest-circus/build/runner.js');
const COMPILE = frame('', 'compileFunction');

test.each<[string, string, Frame[]]>([
  ['a module of aws-cdk-lib runs', LOADING_CDK, [CDK, LOADER, TEST, LOADER, CIRCUS]],
  ['a module of aws-cdk-lib is compiled for another one', LOADING_CDK, [COMPILE, LOADER, CDK, LOADER, TEST, LOADER]],
  ['a module of the AWS SDK runs', LOADING_OTHERS, [frame('node_modules/@smithy/core/index.js'), LOADER, TEST, LOADER]],
  ['a module is looked up for a test', LOADING_OTHERS, [frame('node:fs'), frame('node_modules/jest-resolve/build/index.js'), LOADER, TEST, LOADER]],
  ['a source is transformed for aws-cdk-lib', 'TypeScript transform', [frame('node_modules/@jest/transform/build/index.js'), LOADER, CDK, LOADER, TEST]],
  ['a test synthesizes', 'synthesizing other stacks', [CDK, TEST, CIRCUS]],
  ['a describe block synthesizes while its file is loaded', 'synthesizing other stacks', [CDK, TEST, LOADER, CIRCUS]],
  ['a stack for policies is synthesized', 'synthesizing stacks for policies', [CDK, frame('test/policy-stacks.ts'), TEST]],
  ['a template is validated in a synthesis', 'template validation', [frame('node_modules/@aws/cloudformation-validate/index.js'), CDK, TEST]],
  ['a policy is evaluated in an emulator', 'policy evaluation', [frame('node_modules/@cloud-copilot/iam-simulate/dist/index.js'), frame('local/emulator/authorization.ts'), TEST]],
  ['a client of a handler signs', 'AWS SDK clients', [frame('node:crypto'), frame('node_modules/@smithy/signature-v4/index.js'), frame('lambda/ivs/client.ts')]],
  ['a handler runs', 'handlers', [frame('lambda/ivs/ingest-configuration.ts'), TEST]],
  ['a client with a folder of its own runs', 'Node.js and other code', [frame('lambda/chime-legacy/node_modules/tslib/tslib.js')]],
  ['garbage is collected', 'garbage collection', [frame('', '(garbage collector)'), frame('', '(root)')]],
])('%s: %s', (_, cause, stack) => {
  expect(causeOf(stack)).toBe(cause);
});

test('the shares of a profile are of the time in which the process computes', () => {
  const nodes = [
    { id: 1, callFrame: frame('', '(root)'), children: [2, 3, 4, 5] },
    { id: 2, callFrame: frame('', '(idle)') },
    { id: 3, callFrame: frame('/lambda/clone/test/ivs/ingest-configuration.test.ts'), children: [6] },
    { id: 4, callFrame: frame('file:///lambda/clone/lambda/ivs/ingest-configuration.ts') },
    { id: 5, callFrame: frame('node:child_process', 'spawnSync') },
    { id: 6, callFrame: frame('/lambda/clone/node_modules/constructs/lib/construct.js') },
  ];
  const shares = sharesIn({ nodes, samples: [2, 3, 4, 5, 6, 6], timeDeltas: [1000, 100, 200, 5000, 300, 400] }, '/lambda/clone');
  expect(Object.fromEntries(shares)).toEqual({ 'tests and Jest': 0.1, 'handlers': 0.2, 'synthesizing other stacks': 0.7 });
});
