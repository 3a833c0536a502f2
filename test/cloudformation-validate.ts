/* eslint-disable @typescript-eslint/no-require-imports */
import * as path from 'node:path';
import type { CloudFormationValidatePlugin, IPolicyValidationContext } from 'aws-cdk-lib';

const FLAG = '@aws-cdk/core:validateAgainstDefaultRules';

/** On an app: a test reads what aws-cdk-lib finds in its templates. */
const FINDINGS_ARE_READ = Symbol.for('cdk-rtc:test:findings-are-read');

/**
 * Takes the place of the rules with which aws-cdk-lib checks every template. To load them takes 5 s of CPU time, and a finding fails nothing,
 * except in apps with the feature flag. So `npm run test:all`, which sets the variable, checks the templates of apps with the flag and of apps
 * whose findings a test reads, and loads the rules once in each process. Other runs check none.
 */
class RulesOnDemand {
  constructor(private readonly config: object) {
    const { prototype } = require('aws-cdk-lib').CloudFormationValidatePlugin as { prototype: CloudFormationValidatePlugin };
    const { validate } = prototype;
    // The rules don't get to know the app, but the plugin does.
    prototype.validate = function (context) {
      return isChecked(context) ? validate.call(this, context) : { success: true, violations: [] };
    };
  }

  listRules() { return []; }

  validateDetailed(...args: unknown[]) {
    return rules(this.config).validateDetailed(...args);
  }
}

function isChecked({ appConstruct: app }: IPolicyValidationContext): boolean {
  return Boolean(process.env.VALIDATE_TEMPLATES) && (app.node.tryGetContext(FLAG) === true || FINDINGS_ARE_READ in app);
}

type Library = { TemplateFile: object; RegoEngine: new (config: object) => Rules; loaded?: Map<string, Rules> };
type Rules = { validateDetailed(...args: unknown[]): unknown };

/** One for all test files of a process. */
function ofAwsCdkLib(): Library {
  const { requireOncePerProcess } = globalThis as unknown as { requireOncePerProcess: (file: string) => Library };
  return requireOncePerProcess(path.join(path.dirname(require.resolve('aws-cdk-lib/package.json')), 'node_modules', '@aws', 'cloudformation-validate', 'index.js'));
}

function rules(config: object): Rules {
  const library = ofAwsCdkLib();
  const key = JSON.stringify(config);
  library.loaded ??= new Map();
  if (!library.loaded.has(key)) library.loaded.set(key, new library.RegoEngine(config));
  return library.loaded.get(key)!;
}

module.exports = {
  RegoEngine: RulesOnDemand,
  get TemplateFile() { return ofAwsCdkLib().TemplateFile; },
  version: () => 'not used',
};
