import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, Aspects, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as nag from 'cdk-nag-2';
import * as typescript from 'typescript';
import { EXAMPLES, exampleApp } from './examples';
import { GIVEN, MINIMAL, stacksIn, WITH_EVERYTHING } from './stacks';

/* cdk-nag 2, for which the docs have a snippet. */

const PACKS = [
  nag.AwsSolutionsChecks, nag.HIPAASecurityChecks, nag.NIST80053R4Checks, nag.NIST80053R5Checks, nag.PCIDSS321Checks, nag.ServerlessChecks,
];
const context = { 'aws:cdk:disable-stack-trace': true };

/** What only the company can decide, as with version 3. */
const DECISIONS = /^(HIPAA\.Security|NIST\.800\.53\.R[45]|PCI\.DSS\.321)-(LambdaInsideVPC|CloudWatchLogGroupEncrypted|SecretsManagerUsingKMSKey)$/;

/** The examples show the library; their functions are as short as the tools of aws-cdk-lib make them. */
const OWN = /^AwsSolutions-(IAM4\[Policy::.*AWSLambdaBasicExecutionRole\]|L1)$/;

/** The snippet of the docs, as it stands there. */
function runSnippet(app: App): void {
  const page = fs.readFileSync(path.join(__dirname, '..', '..', 'docs', 'provider.md'), 'utf8');
  const [, snippet] = /### cdk-nag 2\n[\s\S]*?```js\n([\s\S]*?)```/.exec(page)!;
  const { outputText } = typescript.transpileModule(snippet, {
    compilerOptions: { module: typescript.ModuleKind.CommonJS, target: typescript.ScriptTarget.ES2022 },
  });
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  new Function('require', 'exports', 'app', outputText)((id: string) => id === 'cdk-nag' ? nag : require(id), {}, app);
}

/** `path: rule` of every finding that isn't suppressed, and of every rule that throws. */
function findings(app: App): string[] {
  const found: string[] = [];
  const nothing = () => {};
  const logger: nag.INagLogger = {
    onCompliance: nothing,
    onSuppressed: nothing,
    onSuppressedError: nothing,
    onNotApplicable: nothing,
    onNonCompliance: ({ resource, ruleId, findingId }) => found.push(`${resource.node.path}: ${ruleId}${findingId && `[${findingId}]`}`),
    onError: ({ resource, ruleId, errorMessage }) => found.push(`${resource.node.path}: ${ruleId} throws ${errorMessage}`),
  };
  for (const Pack of PACKS) Aspects.of(app).add(new Pack({ reports: false, additionalLoggers: [logger] }));
  const silenced = [jest.spyOn(console, 'log'), jest.spyOn(console, 'error'), jest.spyOn(process.stderr, 'write'), jest.spyOn(process.stdout, 'write')];
  for (const output of silenced) (output as jest.SpyInstance).mockImplementation(() => true);
  try {
    app.synth();
  } catch (error) {
    // Findings are error annotations.
    if (found.length === 0) throw error;
  } finally {
    for (const output of silenced) output.mockRestore();
  }
  return found;
}

const own = (finding: string) => !finding.includes(`/${GIVEN}/`) && !DECISIONS.test(finding.slice(finding.indexOf(': ') + 2));

test.each([['small', MINIMAL], ['with everything', WITH_EVERYTHING]])('the snippet leaves nothing but what the company decides: each construct, %s', (_, builds) => {
  const app = new App({ context });
  stacksIn(app, builds);
  runSnippet(app);
  expect(findings(app).filter(own)).toEqual([]);
});

test('without the snippet version 2 reports what the library has acknowledged', () => {
  const app = new App({ context });
  stacksIn(app, MINIMAL);
  const rules = findings(app).filter(own).map((finding) => finding.slice(finding.indexOf(': ') + 2));
  expect(rules).toEqual(expect.arrayContaining(['AwsSolutions-SF1', expect.stringMatching(/^AwsSolutions-IAM5\[/)]));
});

test('what is not the library\'s own stays a finding, in the same stack', () => {
  const app = new App({ context });
  const stack = new Stack(app, 'Stack');
  MINIMAL.ChimeMeetingPool(stack);
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
  role.addToPolicy(new iam.PolicyStatement({ actions: ['chime:CreateMeeting'], resources: ['*'] }));
  runSnippet(app);
  expect(findings(app).filter((finding) => finding.startsWith('Stack/Role/'))).toEqual(expect.arrayContaining([
    'Stack/Role/DefaultPolicy/Resource: AwsSolutions-IAM5[Resource::*]',
    'Stack/Role/DefaultPolicy/Resource: HIPAA.Security-IAMNoInlinePolicy',
  ]));
});

test.each(EXAMPLES)('the example %s has no finding of AwsSolutions but that of its own short functions', (name) => {
  const app = exampleApp(name, context);
  runSnippet(app);
  const rules = findings(app).map((finding) => finding.slice(finding.indexOf(': ') + 2));
  expect(rules.filter((rule) => rule.startsWith('AwsSolutions-') && !OWN.test(rule))).toEqual([]);
});
