import { App, Stack, Validations } from 'aws-cdk-lib';
import type { Candidate } from './candidates/candidate';
import { withoutTemplateValidation } from '../test/template-validation';

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
