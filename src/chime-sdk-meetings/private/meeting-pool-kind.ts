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
    // A creation reaches no other resource, so `*` allows the same as `meeting/*`. Denials name `meeting/*` as the resource of CreateMeeting
    // (unverified: F-04), and the service authorization reference lists none for CreateMeetingWithAttendees (unverified: F-02).
    new iam.PolicyStatement({ actions: creates, resources: ['*'], conditions: conditions.create }),
    // Meetings are tagged only when they are created.
    new iam.PolicyStatement({ actions: ['chime:TagResource'], resources: meetings, conditions: conditions.tagUnowned }),
    new iam.PolicyStatement({ actions: changes, resources: meetings, conditions: conditions.change }),
    // An ended meeting has no tags: under a tag condition the call would fail with AccessDenied instead of NotFound.
    new iam.PolicyStatement({ actions: ['chime:GetMeeting'], resources: meetings }),
  ];
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
