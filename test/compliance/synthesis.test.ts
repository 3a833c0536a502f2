import * as fs from 'node:fs';
import { App } from 'aws-cdk-lib';
import { EXAMPLES, exampleApp } from './examples';
import { synthesisFindings } from './findings';
import { STACKS, stacksIn } from './stacks';

const RECOMMENDED = JSON.parse(fs.readFileSync(require.resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf8'));
const FLAGS: [string, Record<string, unknown>][] = [['no', {}], ['all recommended', RECOMMENDED]];
const NO_TRACES = { 'aws:cdk:disable-stack-trace': true };

/** Each new number has a warning about its cost, which its users acknowledge. */
const withoutCosts = (findings: readonly string[]) => findings.filter((finding) => !/Annotation::cdk-rtc:PhoneNumber\.(orderedAgain|billedAfterReplacement)$/.test(finding));

describe.each(FLAGS)('with %s flags, aws-cdk-lib has nothing to warn of', (_name, flags) => {
  test('in any stack', () => {
    const app = new App({ context: { ...flags, ...NO_TRACES } });
    stacksIn(app, STACKS);
    expect(withoutCosts(synthesisFindings(app))).toEqual([]);
  });

  test.each(EXAMPLES)('in the example %s', (name) => {
    expect(withoutCosts(synthesisFindings(exampleApp(name, { ...flags, ...NO_TRACES })))).toEqual([]);
  });
});

/** The assets change with every edit of a handler and every version of aws-cdk-lib, and say nothing to who reviews a template. */
const withoutHashes = (template: unknown) => JSON.parse(JSON.stringify(template).replace(/[0-9a-f]{64}/g, 'ASSET-HASH'));

test.each(EXAMPLES)('the template of the example %s is the reviewed one', (name) => {
  const { stacks } = exampleApp(name, NO_TRACES).synth();
  expect(stacks).toHaveLength(1);
  expect(withoutHashes(stacks[0].template)).toMatchSnapshot();
});

