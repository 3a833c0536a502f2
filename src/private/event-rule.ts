import { type Resource, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { differ } from './concrete';
import { throwIfInvalid } from './errors';

/**
 * A rule for what a service emits about a construct: it must be in the construct's region, also where `crossStackScope` puts it.
 *
 * @param misplaced the finding for a rule that would be in another region
 */
export function eventRule(
  construct: Resource, id: string, options: events.OnEventOptions, pattern: events.EventPattern,
  misplaced: (eventRegion: string, ruleRegion: string) => string,
): events.Rule {
  const { target, ...rule } = options;
  const scope = options.crossStackScope ?? construct;
  const { region } = Stack.of(scope);
  if (differ(region, construct.env.region)) {
    throwIfInvalid(construct, [misplaced(construct.env.region, region)]);
  }
  const made = new events.Rule(scope, id, { ...rule, targets: target ? [target] : undefined });
  made.addEventPattern(pattern);
  return made;
}
