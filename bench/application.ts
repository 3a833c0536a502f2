import { App, CloudFormationValidatePlugin, Stack, Validations } from 'aws-cdk-lib';
import type { Candidate } from './candidates/candidate';

/**
 * aws-cdk-lib checks every template against CloudFormation's rules when an app is synthesised: seconds that nobody's constructs change,
 * and that hide what they cost. A check of that class of one's own takes its place; this one finds nothing. (Not by its constructor: that
 * loads the rules.)
 */
const withoutTemplateValidation = Object.create(CloudFormationValidatePlugin.prototype, {
  name: { value: 'No template validation' },
  version: { value: '0' },
  ruleIds: { value: [] },
  validate: { value: () => ({ success: true, violations: [] }) },
}) as CloudFormationValidatePlugin;

/** An app with one stack; some candidates go beyond CloudFormation's 500 resources and are looked at all the same. */
export function application(
  { add }: Candidate, count: number, { validation = false, outdir }: { validation?: boolean; outdir?: string } = {},
): { app: App; stack: Stack } {
  const app = new App({ outdir, context: { '@aws-cdk/core:stackResourceLimit': 0 } });
  if (!validation) Validations.of(app).addPlugins(withoutTemplateValidation);
  const stack = new Stack(app, 'Stack');
  add(stack, count);
  return { app, stack };
}
