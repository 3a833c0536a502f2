/* eslint-disable @typescript-eslint/no-require-imports */
import * as path from 'node:path';

/**
 * aws-cdk-lib checks every template against CloudFormation's rules, which takes half the time of a test of constructs. What it finds is only
 * printed, except in apps with the feature flag `@aws-cdk/core:validateAgainstDefaultRules`. So `npm run test:all`, which sets the variable,
 * checks templates, and other runs of jest don't.
 */
module.exports = process.env.VALIDATE_TEMPLATES ? require(ofAwsCdkLib()) : {
  RegoEngine: class {
    listRules() { return []; }
    validateDetailed() { return { diagnostics: [] }; }
  },
  TemplateFile: class {},
  version: () => 'not used',
};

function ofAwsCdkLib(): string {
  return path.join(path.dirname(require.resolve('aws-cdk-lib/package.json')), 'node_modules', '@aws', 'cloudformation-validate', 'index.js');
}
