import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Found, SearchContext } from './leftovers';
import { problemOf } from './problems';

export interface Account {
  readonly id: string;
  readonly callerArn: string;
  /** The version of the bootstrap stack of the AWS CDK. Undefined: the account isn't bootstrapped in the region. */
  readonly bootstrapVersion?: number;
  /** The quota of concurrent Lambda executions. Undefined: the account doesn't allow to read it. */
  readonly lambdaConcurrency?: number;
}

/** The default synthesizer of the AWS CDK requires it. */
const REQUIRED_BOOTSTRAP_VERSION = 6;

/** Reads what a run must know about the account. Throws if the credentials don't work. */
export async function readAccount(context: SearchContext): Promise<Account> {
  const identity = await context.client(STSClient).send(new GetCallerIdentityCommand({}));
  return {
    id: identity.Account!,
    callerArn: identity.Arn!,
    bootstrapVersion: await bootstrapVersion(context),
    lambdaConcurrency: await lambdaConcurrency(context),
  };
}

async function bootstrapVersion(context: SearchContext): Promise<number | undefined> {
  try {
    const { Stacks: [stack] = [] } = await context.client(CloudFormationClient).send(new DescribeStacksCommand({ StackName: 'CDKToolkit' }));
    const version = stack?.Outputs?.find(({ OutputKey }) => OutputKey === 'BootstrapVersion')?.OutputValue;
    return version === undefined ? undefined : Number(version);
  } catch (error) {
    if (/does not exist/.test((error as Error).message)) return undefined;
    throw error;
  }
}

async function lambdaConcurrency(context: SearchContext): Promise<number | undefined> {
  try {
    const { AccountLimit } = await context.client(LambdaClient).send(new GetAccountSettingsCommand({}));
    return AccountLimit?.ConcurrentExecutions;
  } catch (error) {
    if (problemOf(error).kind === 'denied permission') return undefined;
    throw error;
  }
}

/** Why a run must not start in this account, with the action that permits it. */
export function refusalsOf(
  { id, bootstrapVersion: version }: Account, region: string, found: readonly Found[], { allowExisting }: { readonly allowExisting: boolean },
): string[] {
  const foreign = found.filter(({ owner }) => owner === 'foreign');
  const stacks = [...new Set(foreign.map(({ stack }) => stack!))];
  return [
    ...version === undefined ? [`The account isn't bootstrapped for the AWS CDK in ${region}. Run: npx cdk bootstrap aws://${id}/${region}`] : [],
    ...version !== undefined && version < REQUIRED_BOOTSTRAP_VERSION
      ? [`The bootstrap stack of the AWS CDK has version ${version}; ${REQUIRED_BOOTSTRAP_VERSION} is required. Run: npx cdk bootstrap aws://${id}/${region}`] : [],
    ...foreign.length > 0 && !allowExisting
      ? [`The account has ${foreign.length} ${foreign.length === 1 ? 'resource' : 'resources'} of cdk-rtc in ${region} that other stacks own (${stacks.slice(0, 5).join(', ')}). A run doesn't change them. To run next to them, pass --allow-existing.`] : [],
  ];
}

/** What a person can do about an error that ended the run early. */
export function adviceFor(error: unknown): string | undefined {
  switch (problemOf(error).kind) {
    case 'expired session': return 'Sign in again, for example with `aws sso login`. Then run the command again with --clean-up: it deletes the resources that this run left.';
    case 'missing credentials': return 'Sign in with the AWS CLI, or pass --profile.';
    case 'denied permission': return 'docs/acceptance.md contains the policy that a run requires.';
    case 'throttled account': return 'Another application uses the quota of the account. Run the command again later.';
    case 'unreachable service': return 'The service has no endpoint in this region, or the network can\'t reach it.';
    default: return undefined;
  }
}
