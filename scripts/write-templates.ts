/**
 * Writes the templates of all examples and of the stacks of test/compliance, plain and with all feature flags that `cdk init` recommends.
 *
 * tsx scripts/write-templates.ts FOLDER
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { App } from 'aws-cdk-lib';
import { EXAMPLES, exampleApp } from '../test/compliance/examples';
import { STACKS, stacksIn } from '../test/compliance/stacks';

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: tsx scripts/write-templates.ts FOLDER');

const recommended = JSON.parse(fs.readFileSync(require.resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf8'));
for (const [variant, flags] of Object.entries({ plain: {}, flags: recommended })) {
  const context = { ...flags, 'aws:cdk:disable-stack-trace': true };
  const stacks = new App({ context });
  stacksIn(stacks, STACKS);
  const into = path.join(folder, variant);
  fs.mkdirSync(into, { recursive: true });
  for (const app of [stacks, ...EXAMPLES.map((name) => exampleApp(name, context))]) {
    for (const { stackName, template } of app.synth().stacks) {
      fs.writeFileSync(path.join(into, `${stackName}.template.json`), JSON.stringify(template, undefined, 1));
    }
  }
}
