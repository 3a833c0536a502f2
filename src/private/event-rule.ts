import { type Resource, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { differ } from './concrete';
import { throwIfInvalid } from './errors';

/**
 * Creates a rule for the events about a construct. The rule must be in the construct's region, also if `crossStackScope` creates it in another stack.
 *
 * @param misplaced Returns the finding for a rule that would be in another region.
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
  const created = new events.Rule(scope, id, { ...rule, targets: target ? [target] : undefined });
  created.addEventPattern(pattern);
  return created;
}
