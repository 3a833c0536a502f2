import { ArnFormat, type Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CREATE_MEETING, CHANGE_MEETING } from './iam-actions';
import type { HandlerPolicy, StatementContext } from '../../provider/private/handler-policies';

/** The handler policy for all pools. */
export const CHIME_MEETING_POOL_KIND: HandlerPolicy = {
  name: 'ChimeMeetingPool',
  statements: (context) => meetingStatements(context, CREATE_MEETING, CHANGE_MEETING),
};

/** The handler policy for pools in the legacy namespace, in addition. */
export const LEGACY_CHIME_MEETING_POOL_KIND: HandlerPolicy = {
  name: 'LegacyChimeMeetingPool',
  statements: ({ stack }) => [
    // ListMeetings supports no resource.
    ...legacyMeetingStatements(stack, [...CREATE_MEETING, 'chime:ListMeetings'], CHANGE_MEETING),
  ],
};

/** Allows to create meetings with the stack's owner tag, and to change meetings that carry it. */
export function meetingStatements({ stack, conditions }: StatementContext, creates: string[], changes: string[]): iam.PolicyStatement[] {
  const meetings = [meetingArn(stack)];
  return [
    // The service authorization reference lists no resource for this action, and no denial that names one is known (unverified: F-02). If IAM evaluates it
    // against `*`, a narrower policy denies every checkout.
    new iam.PolicyStatement({ actions: creates.filter(isWithAttendees), resources: ['*'], conditions: conditions.create }),
    // Denials name `meeting/*` as the resource of CreateMeeting (unverified: F-04). Meetings are tagged only when they are created, and have no tags before.
    new iam.PolicyStatement({
      actions: [...creates.filter((action) => !isWithAttendees(action)), 'chime:TagResource'], resources: meetings, conditions: conditions.tagUnowned,
    }),
    new iam.PolicyStatement({ actions: changes, resources: meetings, conditions: conditions.change }),
    // An ended meeting has no tags: under a tag condition the call would fail with AccessDenied instead of NotFound.
    new iam.PolicyStatement({ actions: ['chime:GetMeeting'], resources: meetings }),
  ];
}

function isWithAttendees(action: string): boolean {
  return action === 'chime:CreateMeetingWithAttendees';
}

/**
 * The legacy endpoint evaluates no tag conditions, and the resource of its create actions isn't documented. The functions change only meetings that the
 * table of the pool records.
 */
export function legacyMeetingStatements(stack: Stack, withoutResource: string[], changes: string[]): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({ actions: withoutResource, resources: ['*'] }),
    new iam.PolicyStatement({ actions: [...changes, 'chime:GetMeeting', 'chime:TagResource'], resources: [meetingArn(stack)] }),
  ];
}

export function meetingArn(stack: Stack, env?: { readonly region: string; readonly account: string }): string {
  return stack.formatArn({ service: 'chime', region: '*', ...env, resource: 'meeting', resourceName: '*', arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
}
