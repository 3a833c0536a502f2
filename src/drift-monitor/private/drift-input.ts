import { Fn, type Stack, Token } from 'aws-cdk-lib';
import type { DriftMonitorInput, WatchedResource } from './drift-contract';
import type { HandledResource } from '../../provider/private/handler-policies';

/** JSON of a `DriftMonitorInput`, to be filled in by CloudFormation. */
export function monitorInput(stack: Stack, resources: readonly HandledResource[]): string {
  const [id, list]: (keyof DriftMonitorInput)[] = ['StackId', 'Resources'];
  return `{"${id}":"${stack.stackId}","${list}":[${resources.map((resource) => resourceJson(stack, resource)).join(',')}]}`;
}

function resourceJson(stack: Stack, resource: HandledResource): string {
  const { ServiceToken, ServiceTimeout, ...properties } = resource.desired;
  const watched: WatchedResource = {
    LogicalResourceId: stack.getLogicalId(resource),
    PhysicalResourceId: resource.ref,
    ResourceType: resource.cfnResourceType,
    ResourceProperties: properties,
  };
  const json = stack.toJsonString(watched);
  const { condition } = resource.cfnOptions;
  // A reference to what its condition leaves out would fail the deployment.
  return condition ? Token.asString(Fn.conditionIf(condition.logicalId, json, 'null')) : json;
}
