import { type CfnCondition, CfnResource } from 'aws-cdk-lib';

/** Gives a resource the condition of another one, which can be set until synthesis, unless the resource has a condition of its own. */
export function followCondition({ cfnOptions }: CfnResource, other: CfnResource): void {
  let own: CfnCondition | undefined;
  Object.defineProperty(cfnOptions, 'condition', {
    enumerable: true,
    get: () => own ?? other.cfnOptions.condition,
    set: (condition: CfnCondition | undefined) => { own = condition; },
  });
}

/** Gives the resources of a construct, such as its alarms, the condition of its main resource: they refer to it, or are of no use without it. */
export function shareCondition({ cfnOptions: { condition }, node: { scope }, stack }: CfnResource): void {
  if (!condition) return;
  for (const child of scope!.node.findAll()) {
    if (CfnResource.isCfnResource(child) && child.stack === stack) child.cfnOptions.condition ??= condition;
  }
}

/** Shares the condition in the validation, the last step before the templates are written, because an app can set the condition until then. */
export function shareConditionAtSynth(resource: CfnResource): void {
  resource.node.addValidation({
    validate: () => {
      shareCondition(resource);
      return [];
    },
  });
}
