import { App, type CfnResource, Stack, type TagManager } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';
import { ACCOUNT, REGION, STACK_ID } from '../handler-setup';

/** Either the properties that CloudFormation gets, or all that the library has against them. */
export type Outcome = { readonly properties: Record<string, unknown> } | { readonly refused: string };

/** A finding names its property, and comes in one line unless it quotes. */
const FINDING = /^(RtcProvider\.configure: )?[a-z][A-Za-z\d]*([.[][A-Za-z\d\].[]*)?: ./;

/**
 * Constructs in one stack, one after another: the set behind them is made once. What is not asked for by an attempt is not synthesised.
 */
export class Attempts {
  readonly stack = new Stack(new App(), 'Studio', { env: { account: ACCOUNT, region: REGION } });
  readonly counts = { accepted: 0, refused: 0 };
  private count = 0;

  /**
   * @param resourceOf the resource whose properties CloudFormation gets
   */
  constructor(private readonly resourceOf: (construct: Construct) => IConstruct = ({ node }) => node.findChild('Resource')) {}

  of(make: (scope: Stack, id: string) => Construct, tags: readonly (readonly [string, string])[] = []): Outcome {
    const id = `Attempt${this.count += 1}`;
    const outcome = this.outcome(make, id, tags);
    this.counts['refused' in outcome ? 'refused' : 'accepted'] += 1;
    this.stack.node.tryRemoveChild(id);
    return outcome;
  }

  private outcome(make: (scope: Stack, id: string) => Construct, id: string, tags: readonly (readonly [string, string])[]): Outcome {
    const { stack } = this;
    let construct: Construct;
    try {
      construct = make(stack, id);
    } catch (error) {
      return { refused: checked((error as Error).message, id) };
    }
    const resource = this.resourceOf(construct) as CfnResource & { cdkTagManager?: TagManager; tags?: TagManager };
    for (const [key, value] of tags) (resource.cdkTagManager ?? resource.tags)?.setTag(key, value);
    // As synthesis asks, which puts the path before each.
    const findings = construct.node.validate();
    if (findings.length > 0) return { refused: checked(`[Studio/${id}] ${findings.join('\n  ')}`, id) };
    /* eslint-disable @typescript-eslint/no-explicit-any */
    const template = stack.resolve((resource as any)._toCloudFormation());
    const [{ Properties: { ServiceToken, ...properties } = {} as any }] = Object.values<any>(template.Resources);
    return { properties: filled(JSON.parse(JSON.stringify(properties))) as Record<string, unknown> };
  }
}

/** The construct's path, or that of something imported for it, whose id starts with its own. */
function checked(message: string, id: string): string {
  const [path] = /^\[Studio\/[^\]]*\] /.exec(message) ?? [''];
  if (!path.startsWith(`[Studio/${id}`)) throw new Error(`the error does not name the construct ${id}: ${message}`);
  for (const finding of message.slice(path.length).split('\n  ')) {
    if (!FINDING.test(finding)) throw new Error(`the finding names no property: ${finding}`);
  }
  return message;
}

const REFERENCES: Record<string, string> = { 'AWS::AccountId': ACCOUNT, 'AWS::Region': REGION, 'AWS::Partition': 'aws', 'AWS::StackId': STACK_ID };

/** What CloudFormation would put; it refuses a template with null in it. */
function filled(value: unknown): unknown {
  if (value === null) throw new Error('the template has null in it');
  if (Array.isArray(value)) return value.map(filled);
  if (typeof value !== 'object') return value;
  const { Ref, 'Fn::Join': join } = value as Record<string, any>;
  if (typeof Ref === 'string') return REFERENCES[Ref] ?? Ref;
  if (join) return (filled(join[1]) as string[]).join(join[0]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item)]));
}
