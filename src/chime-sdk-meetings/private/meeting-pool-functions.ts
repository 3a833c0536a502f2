import { Duration } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { CREATE_MEETING, CREATE_MEETING_FOR_CHECKOUT, CHANGE_MEETING, READ_ATTENDEES, USE_TABLE, USE_TABLE_FOR_CHECKOUT } from './iam-actions';
import { POOL_ENVIRONMENT, POOL_TAG } from './meeting-pool-contract';
import { legacyMeetingStatements, meetingStatements } from './meeting-pool-kind';
import { readyIndexArn, tableStatements } from './meeting-pool-table';
import { suppress } from '../../private/suppressions';
import { StackProvider } from '../../provider/private/stack-provider';

/** The pool that the functions serve. Its name is an attribute of the custom resource, so the functions are created after it and deleted before it. */
export interface PoolParts {
  readonly poolName: string;
  readonly table: dynamodb.ITable;
  readonly legacy: boolean;
}

/** The maintainer replaces meetings that have ended or are leased. */
export function addMaintainer(scope: Construct, pool: PoolParts): lambda.Function {
  return StackProvider.getOrCreate(scope).addFunction(scope, 'Maintainer', {
    description: 'cdk-rtc keeps meetings ready',
    handler: 'maintain',
    timeout: Duration.seconds(60),
    statements: [...statementsOf(scope, pool, CREATE_MEETING, CHANGE_MEETING), ...tableStatements(pool.table, USE_TABLE)],
    environment: environmentOf(pool),
  });
}

export function addSchedule(scope: Construct, maintainer: lambda.IFunction): void {
  const interval = Duration.minutes(1);
  const schedule = new events.Rule(scope, 'Schedule', {
    description: 'cdk-rtc keeps meetings ready',
    schedule: events.Schedule.rate(interval),
    targets: [new targets.LambdaFunction(maintainer, { retryAttempts: 0, maxEventAge: interval })],
  });
  suppress(schedule, { EventBusDLQ: 'A missed run needs no retry, because the next run reconciles the whole pool.' });
}

export function addCheckout(
  scope: Construct, pool: PoolParts, maintainer: lambda.IFunction | undefined, functionName: string | undefined,
): lambda.Function {
  return StackProvider.getOrCreate(scope).addFunction(scope, 'Checkout', {
    description: 'cdk-rtc hands out meetings',
    functionName,
    handler: 'checkout',
    // An HTTP API in front of the function waits for at most 30 s.
    timeout: Duration.seconds(29),
    statements: [
      ...statementsOf(scope, pool, CREATE_MEETING_FOR_CHECKOUT, [...CHANGE_MEETING, ...READ_ATTENDEES]),
      ...tableStatements(pool.table, USE_TABLE_FOR_CHECKOUT),
      // Only checkout looks for a ready meeting.
      new iam.PolicyStatement({ actions: ['dynamodb:Query'], resources: [readyIndexArn(pool.table)] }),
      ...maintainer ? [new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [maintainer.functionArn] })] : [],
    ],
    environment: { ...environmentOf(pool), ...maintainer ? { [POOL_ENVIRONMENT.maintainerFunctionName]: maintainer.functionName } : {} },
  });
}

function statementsOf(scope: Construct, { poolName, legacy }: PoolParts, creates: string[], changes: string[]): iam.PolicyStatement[] {
  const { stack, conditions } = StackProvider.getOrCreate(scope).policies.context;
  if (legacy) return legacyMeetingStatements(stack, creates, changes);
  const { StringEquals } = conditions.change;
  // The handlers change the meetings of every pool of the stack, these functions only those of their own pool.
  const change = StringEquals ? { StringEquals: { ...StringEquals, [`aws:ResourceTag/${POOL_TAG}`]: poolName } } : conditions.change;
  return meetingStatements({ stack, conditions: { ...conditions, change } }, creates, changes);
}

function environmentOf({ poolName, table }: PoolParts): Record<string, string> {
  return { [POOL_ENVIRONMENT.poolName]: poolName, [POOL_ENVIRONMENT.tableName]: table.tableName };
}
