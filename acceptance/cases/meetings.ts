import { ChimeSDKMeetingsClient, GetMeetingCommand, ListAttendeesCommand } from '@aws-sdk/client-chime-sdk-meetings';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { type CaseContext, ifFound, ONE_REGION, type PropertyCases, type Subject, type Use, type Variant } from './subject';
import type { CheckedOut, CheckoutErrorResponse } from '../../lambda/chime-sdk-meetings/meeting-pool/checkout';
import { ChimeMeetingPool, type ChimeMeetingPoolProps } from '../../src';

type CheckoutResponse = Partial<CheckedOut & CheckoutErrorResponse>;

/**
 * Reads a checkout with the client library for browsers, as an application does. Throws if the library doesn't accept the response. Returns what the
 * library would connect to, without the join token.
 */
export async function readByClientLibrary({ Meeting, Attendees }: CheckoutResponse): Promise<Record<'meetingId' | 'attendeeId' | 'signalingHost', string>> {
  const { MeetingSessionConfiguration } = await import('amazon-chime-sdk-js');
  const { meetingId, credentials, urls } = new MeetingSessionConfiguration(Meeting, Attendees?.[0]);
  const { attendeeId, externalUserId, joinToken } = credentials!;
  const { audioHostURL, signalingURL, turnControlURL } = urls!;
  const required = { meetingId, attendeeId, externalUserId, joinToken, audioHostURL, signalingURL, turnControlURL };
  const missing = Object.entries(required).filter(([, value]) => !value).map(([name]) => name);
  if (missing.length > 0) throw new Error(`The client library finds no ${missing.join(', ')} in the response.`);
  return { meetingId: meetingId!, attendeeId: attendeeId!, signalingHost: new URL(signalingURL!).host };
}

const HOST = 'host';
const MEDIA_REGION = 'ca-central-1';

const checksOut: Use = {
  title: 'checks out a meeting for a client library',
  expected: 'The checkout returns a meeting and an attendee that the Amazon Chime SDK client library for JavaScript accepts.',
  run: async (context, outputs) => {
    const invocation = new InvokeCommand({ FunctionName: outputs.MeetingsCheckout, Payload: JSON.stringify({ externalUserIds: ['acceptance'] }) as never });
    const { Payload, FunctionError } = await context.client(LambdaClient).send(invocation);
    const response = JSON.parse(Buffer.from(Payload!).toString()) as CheckoutResponse;
    if (FunctionError) throw new Error(`The checkout function failed: ${FunctionError}`);
    if (response.error) throw new Error(`The checkout responded ${response.error.code}: ${response.error.message}`);
    const { meetingId, attendeeId, signalingHost } = await readByClientLibrary(response);
    return `The client library accepted the meeting ${meetingId} and the attendee ${attendeeId}, and would connect to ${signalingHost}.`;
  },
};

function propsOf(scope: Construct, variant: Variant, namePrefix: string): ChimeMeetingPoolProps {
  if (variant === 'created') return { size: 1 };
  const updated = {
    size: 2,
    mediaRegion: MEDIA_REGION,
    meetingFeatures: { attendeeMaxCount: 20 },
    notifications: { sqsQueue: new sqs.Queue(scope, 'Events') },
    tenantIds: ['acceptance'],
    attendees: [{ externalUserId: HOST }],
    reservedAttendees: 1,
    minimumRemainingLifetime: Duration.minutes(3),
    endLeasedMeetings: false,
    forceUpdateNonce: '1',
  };
  if (variant !== 'renamed') return updated;
  // The last version: without `keepWarm`, no meeting replaces one that ends.
  const encryptionKey = new kms.Key(scope, 'Key', { pendingWindow: Duration.days(7), removalPolicy: RemovalPolicy.DESTROY });
  return { ...updated, checkoutFunctionName: `${namePrefix}-checkout`, keepWarm: false, encryptionKey };
}

const properties: PropertyCases<ChimeMeetingPoolProps> = {
  construct: 'ChimeMeetingPool',
  props: propsOf,
  cases: {
    size: 'update',
    mediaRegion: 'update',
    meetingFeatures: 'update',
    notifications: 'update',
    tenantIds: 'update',
    attendees: 'update',
    reservedAttendees: 'update',
    keepWarm: 'rename',
    checkoutFunctionName: 'rename',
    minimumRemainingLifetime: 'update',
    endLeasedMeetings: 'update',
    encryptionKey: 'rename',
    forceUpdateNonce: 'update',
    namespace: { unchanged: 'New accounts can\'t use the legacy namespace.' },
    region: ONE_REGION,
  },
};

const UPDATED = { ready: 2, meetings: [{ mediaRegion: MEDIA_REGION, attendeeMaxCount: 20, tenantIds: ['acceptance'], attendees: 2 }] };

/** A pool of one meeting. The update makes it a pool of two meetings with other settings. */
export const meetings: Subject = {
  area: 'meetings',
  construct: 'ChimeMeetingPool',
  id: 'Meetings',
  type: 'Custom::RtcChimeMeetingPool',
  properties: [properties],
  expected: (variant) => {
    switch (variant) {
      case 'created': return { state: { ready: 1 } };
      case 'updated': return { state: UPDATED };
      case 'renamed': return { state: UPDATED };
      default: return undefined;
    }
  },
  build: (scope, variant, namePrefix) => {
    const pool = new ChimeMeetingPool(scope, 'Pool', propsOf(scope, variant, namePrefix));
    new CfnOutput(scope, 'CheckoutFunction', { value: pool.checkoutFunction.functionName }).overrideLogicalId('MeetingsCheckout');
    new CfnOutput(scope, 'Table', { value: pool.table.tableName }).overrideLogicalId('MeetingsTable');
    return pool.poolName;
  },
  observe: async (context, _, outputs) => {
    // Not the attendees: these items contain join tokens.
    const scan = new ScanCommand({
      TableName: outputs.MeetingsTable,
      ProjectionExpression: '#state, meetingId',
      ExpressionAttributeNames: { '#state': 'life' },
      ConsistentRead: true,
    });
    const found = outputs.MeetingsTable ? await ifFound(context.client(DynamoDBClient).send(scan)) : undefined;
    if (!found) return undefined;
    const ready = found.Items!.filter(({ life }) => life?.S === 'ready');
    const states = await Promise.all(ready.map(({ meetingId }) => meetingOf(context, meetingId.S!)));
    // Each different state once.
    return { ready: ready.length, meetings: [...new Set(states)].map((state) => JSON.parse(state)) };
  },
  uses: [checksOut],
};

/** What the service reports of a meeting, as JSON. */
async function meetingOf(context: CaseContext, MeetingId: string): Promise<string> {
  const client = context.client(ChimeSDKMeetingsClient);
  const meeting = (await ifFound(client.send(new GetMeetingCommand({ MeetingId }))))?.Meeting;
  const attendees = meeting && await ifFound(client.send(new ListAttendeesCommand({ MeetingId })));
  return JSON.stringify({
    mediaRegion: meeting?.MediaRegion,
    attendeeMaxCount: meeting?.MeetingFeatures?.Attendee?.MaxCount,
    tenantIds: meeting?.TenantIds,
    attendees: attendees?.Attendees?.length,
  });
}
