import { type CfnResource, Fn, Lazy } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Dependable } from 'constructs';

/** A character that no ARN and no secret name contains. */
const SEPARATOR = '|';

/**
 * The secret of a stream key. CloudFormation creates it without a value; the custom resource writes the value. A reader that CloudFormation
 * creates between the two finds no stream key, so every reference for readers also refers to the custom resource.
 *
 * Policies refer to the secret only. They exist before the stream key does, and they stay equal to the policies of deployed stacks.
 */
export class StreamKeySecret extends secretsmanager.Secret {
  private isForPolicies = false;
  private policyArn?: string;

  /** Makes later references wait for the custom resource. The custom resource itself must refer to the secret before this call. */
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

  /** Lazy, because the ARN in a policy depends on the stack of the policy. */
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
 * The value, which CloudFormation knows only when the writer is complete. Not an attribute of the writer, for two reasons: a deployed resource has no
 * new attribute before its next update, and the export of a deployed stack would change its name while other stacks import it.
 */
function awaiting(writer: CfnResource, value: string): string {
  return Fn.select(0, Fn.split(SEPARATOR, Fn.join(SEPARATOR, [value, writer.ref])));
}
