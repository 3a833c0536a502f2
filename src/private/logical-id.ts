import type { CfnElement } from 'aws-cdk-lib';

/**
 * Core derives a logical id, a hash of the path, anew for each reference to it in each phase of a synthesis. For what every resource of a stack refers to,
 * and for these resources themselves, it is kept from when the element is rendered until it is rendered again, so that what is overridden or renamed
 * between two syntheses is met by the second. The methods are core's own: one that lacks them derives as before.
 */
export function keepLogicalId(element: CfnElement): void {
  const internals = element as unknown as { _toCloudFormation(...given: unknown[]): object; _synthesizeLogicalId(...given: unknown[]): string };
  const { _toCloudFormation: render, _synthesizeLogicalId: derive } = internals;
  let rendered = false;
  let kept: string | undefined;
  internals._toCloudFormation = (...given) => {
    rendered = true;
    kept = undefined;
    return render.apply(element, given);
  };
  internals._synthesizeLogicalId = (...given) => rendered ? kept ??= derive.apply(element, given) : derive.apply(element, given);
}
