import type { CfnResource, Stack } from 'aws-cdk-lib';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { concrete } from './concrete';

/** The longest values, for a stack whose region isn't known. */
const LONGEST = { partition: 'aws-us-gov', region: 'ap-southeast-1', urlSuffix: 'amazonaws.com.cn' };

const ACCOUNT = '123456789012';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html */
const LONGEST_STACK_NAME = 128;

/** The hyphen and the characters that CloudFormation appends to the names it generates. */
const NAME_SUFFIX = '-0123456789ABC';

/** The longest service and type in an ARN that the library refers to: `logs:…:log-group:…:*`. */
const LONGEST_SERVICE_AND_TYPE = 'logslog-group::*';

/** A placeholder for any other reference, which may resolve to an ARN. */
const REFERENCE = 'x'.repeat(100);

/**
 * The approximate number of bytes of a text, or of the JSON of an object, after CloudFormation resolves it. Every reference counts with the greatest
 * length that it can resolve to. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
 */
export function resolvedBytes(stack: Stack, value: unknown): number {
  return bytesOf(fill(stack, stack.resolve(value)));
}

interface Intrinsic {
  readonly 'Ref'?: string;
  readonly 'Fn::GetAtt'?: [logicalId: string, attribute: string];
  readonly 'Fn::Join'?: [separator: string, parts: unknown[]];
  readonly 'Fn::If'?: [condition: string, then: unknown, otherwise: unknown];
}

function fill(stack: Stack, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => fill(stack, item));
  if (typeof value !== 'object' || value === null) return value;
  const { Ref: reference, 'Fn::GetAtt': attribute, 'Fn::Join': join, 'Fn::If': choice } = value as Intrinsic;
  if (reference !== undefined) return pseudoParameters(stack)[reference] ?? longer(REFERENCE, generatedName(stack, reference));
  if (attribute) return attribute[1] === 'Arn' ? generatedArn(stack, attribute[0]) : REFERENCE;
  if (join) return join[1].map((part) => fill(stack, part)).join(join[0]);
  if (choice) return longer(fill(stack, choice[1]), fill(stack, choice[2]));
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0][0].startsWith('Fn::')) return REFERENCE;
  return Object.fromEntries(entries.map(([key, item]) => [key, fill(stack, item)]));
}

function pseudoParameters(stack: Stack): Record<string, string> {
  const known = concrete(stack.region);
  const region = known ?? LONGEST.region;
  const partition = (known && RegionInfo.get(known).partition) ?? LONGEST.partition;
  const name = stackName(stack);
  return {
    'AWS::Partition': partition,
    'AWS::Region': region,
    'AWS::AccountId': ACCOUNT,
    'AWS::URLSuffix': LONGEST.urlSuffix,
    'AWS::StackName': name,
    'AWS::StackId': `arn:${partition}:cloudformation:${region}:${ACCOUNT}:stack/${name}/01234567-89ab-cdef-0123-456789abcdef`,
    'AWS::NoValue': '',
  };
}

function generatedArn(stack: Stack, logicalId: string): string {
  const { 'AWS::Partition': partition, 'AWS::Region': region } = pseudoParameters(stack);
  return `arn:${partition}:${LONGEST_SERVICE_AND_TYPE}:${region}:${ACCOUNT}:${generatedName(stack, logicalId)}`;
}

function generatedName(stack: Stack, logicalId: string): string {
  return `${stackName(stack)}-${logicalId}${NAME_SUFFIX}`;
}

function stackName(stack: Stack): string {
  const { nestedStackParent: parent, nestedStackResource: nested } = stack;
  if (parent && nested) return generatedName(parent, parent.getLogicalId(nested as CfnResource)).slice(0, LONGEST_STACK_NAME);
  return stack.stackName;
}

/** The longer of two texts or objects. A condition can choose either. */
function longer<T>(one: T, other: T): T {
  return bytesOf(one) > bytesOf(other) ? one : other;
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value));
}
