import { type CfnResource, Fn, Lazy } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Dependable } from 'constructs';

/** Part of no ARN and of no name of a secret. */
const SEPARATOR = '|';

/**
 * The secret of a stream key. CloudFormation creates it without a value; the custom resource writes the value. A reader that CloudFormation
 * creates between the two finds no stream key, so every reference for readers also refers to the custom resource.
 *
 * Policies refer to the secret only: they are in place before the stream key is, and they stay as stacks have them that are deployed.
 */
export class StreamKeySecret extends secretsmanager.Secret {
  private isForPolicies = false;
  private policyArn?: string;

  /** From here on, references wait for the custom resource. Before, the custom resource itself has to refer to the secret. */
  public awaitWriter(writer: CfnResource): void {
    for (const name of ['secretArn', 'secretName'] as const) {
      const own = this[name];
      let awaited: string | undefined;
      Object.defineProperty(this, name, { enumerable: true, get: () => this.isForPolicies ? own : awaited ??= awaiting(writer, own) });
    }
    Dependable.implement(this, { dependencyRoots: [this, writer] });
  }

  public override addToResourcePolicy(statement: iam.PolicyStatement): iam.AddToResourcePolicyResult {
    return this.forPolicies(() => super.addToResourcePolicy(statement));
  }

  /** Core decides late how a policy names the secret, because that depends on the stack of the policy. */
  protected override get arnForPolicies(): string {
    const arn = super.arnForPolicies;
    // One token for all policies, so that equal statements can be merged.
    return this.policyArn ??= Lazy.uncachedString({ produce: (context) => this.forPolicies(() => context.resolve(arn)) });
  }

  private forPolicies<T>(work: () => T): T {
    this.isForPolicies = true;
    try {
      return work();
    } finally {
      this.isForPolicies = false;
    }
  }
}

/**
 * The value, which CloudFormation knows only when the writer is complete. Not an attribute of the writer: CloudFormation does not know a new
 * attribute of a deployed resource before that resource is updated, and the export of a deployed stack would get another name while other
 * stacks import it.
 */
function awaiting(writer: CfnResource, value: string): string {
  return Fn.select(0, Fn.split(SEPARATOR, Fn.join(SEPARATOR, [value, writer.ref])));
}
