import { Fn, type Stack, Token } from 'aws-cdk-lib';
import type { RtcCustomResource } from './custom-resource';
import type { DriftMonitorInput, WatchedResource } from './drift-contract';

/** JSON of a `DriftMonitorInput`, to be filled in by CloudFormation. */
export function monitorInput(stack: Stack, resources: readonly RtcCustomResource[]): string {
  const [id, list]: (keyof DriftMonitorInput)[] = ['StackId', 'Resources'];
  return `{"${id}":"${stack.stackId}","${list}":[${resources.map((resource) => resourceJson(stack, resource)).join(',')}]}`;
}

function resourceJson(stack: Stack, resource: RtcCustomResource): string {
  const { ServiceToken, ...properties } = resource.wished;
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

/** What a reference may become: an ARN. */
const REFERENCE_BYTES = 100;

/** How long a string will be about, once CloudFormation has filled it in. */
export function resolvedBytes(stack: Stack, text: string): number {
  const sizeOf = (value: unknown): number => {
    if (typeof value === 'string') return Buffer.byteLength(value);
    const { 'Fn::Join': join, 'Fn::If': choice } = value as { 'Fn::Join'?: [string, unknown[]]; 'Fn::If'?: [string, unknown, unknown] };
    if (join) return join[1].reduce<number>((sum, part) => sum + sizeOf(part), 0);
    return choice ? Math.max(sizeOf(choice[1]), sizeOf(choice[2])) : REFERENCE_BYTES;
  };
  return sizeOf(stack.resolve(text));
}
