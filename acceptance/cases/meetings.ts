import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CfnOutput } from 'aws-cdk-lib';
import { ifFound, type Subject, type Use } from './subject';
import type { CheckedOut, CheckoutErrorResponse } from '../../lambda/chime-sdk-meetings/meeting-pool/checkout';
import { ChimeMeetingPool } from '../../src';

type CheckoutResponse = Partial<CheckedOut & CheckoutErrorResponse>;

/** The members that the Amazon Chime SDK client libraries require of a meeting and of an attendee, by their documentation. */
const OF_MEETING = ['MeetingId', 'MediaRegion', 'MediaPlacement'];
const OF_PLACEMENT = ['AudioHostUrl', 'AudioFallbackUrl', 'SignalingUrl', 'TurnControlUrl'];
const OF_ATTENDEE = ['AttendeeId', 'ExternalUserId', 'JoinToken'];

/** Names the members that a client library requires and that a checkout didn't return. Names no value. */
export function missingForClients({ Meeting, Attendees }: CheckoutResponse): string[] {
  const missing = (value: unknown, members: string[], path: string) => (
    members.filter((member) => !(value as Record<string, unknown> | undefined)?.[member]).map((member) => `${path}.${member}`)
  );
  return [
    ...missing(Meeting, OF_MEETING, 'Meeting'),
    ...missing(Meeting?.MediaPlacement, OF_PLACEMENT, 'Meeting.MediaPlacement'),
    ...missing(Attendees?.[0], OF_ATTENDEE, 'Attendees[0]'),
  ];
}

const checksOut: Use = {
  title: 'checks out a meeting for a client library',
  expected: 'The checkout returns a meeting and an attendee with every member that the Amazon Chime SDK client libraries require.',
  run: async (context, outputs) => {
    const invocation = new InvokeCommand({ FunctionName: outputs.MeetingsCheckout, Payload: JSON.stringify({ externalUserIds: ['acceptance'] }) as never });
    const { Payload, FunctionError } = await context.client(LambdaClient).send(invocation);
    const response = JSON.parse(Buffer.from(Payload!).toString()) as CheckoutResponse;
    if (FunctionError) throw new Error(`The checkout function failed: ${FunctionError}`);
    if (response.error) throw new Error(`The checkout responded ${response.error.code}: ${response.error.message}`);
    const missing = missingForClients(response);
    if (missing.length > 0) throw new Error(`The response lacks ${missing.join(', ')}.`);
    return 'The checkout returned a meeting with its media placement, and an attendee with its join token.';
  },
};

/** A pool of one meeting, and of two meetings after the update. */
export const meetings: Subject = {
  area: 'meetings',
  construct: 'ChimeMeetingPool',
  id: 'Meetings',
  type: 'Custom::RtcChimeMeetingPool',
  expected: (variant) => {
    switch (variant) {
      case 'created': return { state: { ready: 1 } };
      case 'updated': return { state: { ready: 2 } };
      default: return undefined;
    }
  },
  build: (scope, variant) => {
    const pool = new ChimeMeetingPool(scope, 'Pool', { size: variant === 'created' ? 1 : 2 });
    new CfnOutput(scope, 'CheckoutFunction', { value: pool.checkoutFunction.functionName }).overrideLogicalId('MeetingsCheckout');
    new CfnOutput(scope, 'Table', { value: pool.table.tableName }).overrideLogicalId('MeetingsTable');
    return pool.poolName;
  },
  observe: async (context, _, outputs) => {
    // Only the states: the items contain join tokens.
    const scan = new ScanCommand({ TableName: outputs.MeetingsTable, ProjectionExpression: '#state', ExpressionAttributeNames: { '#state': 'life' }, ConsistentRead: true });
    const found = outputs.MeetingsTable ? await ifFound(context.client(DynamoDBClient).send(scan)) : undefined;
    return found && { ready: found.Items!.filter(({ life }) => life?.S === 'ready').length };
  },
  uses: [checksOut],
};
