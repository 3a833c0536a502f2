import { ArnFormat, type Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CREATE_MEETING, KEEP_MEETING } from './iam-actions';
import type { HandlerPolicy, StatementContext } from '../../provider/private/handler-policies';

/** What the handlers may do with the meetings of any pool. */
export const CHIME_MEETING_POOL_KIND: HandlerPolicy = {
  name: 'ChimeMeetingPool',
  statements: (context) => meetingStatements(context, CREATE_MEETING, KEEP_MEETING),
};

/** Besides, in the legacy namespace. */
export const LEGACY_CHIME_MEETING_POOL_KIND: HandlerPolicy = {
  name: 'LegacyChimeMeetingPool',
  statements: ({ stack }) => [
    ...legacyMeetingStatements(stack, CREATE_MEETING, KEEP_MEETING),
    // A list has no resource.
    new iam.PolicyStatement({ actions: ['chime:ListMeetings'], resources: ['*'] }),
  ],
};

/** Creates meetings, and changes those that carry the stack's owner tag. */
export function meetingStatements({ stack, conditions }: StatementContext, creates: string[], changes: string[]): iam.PolicyStatement[] {
  const meetings = [meetingArn(stack)];
  const [claim] = conditions.tag;
  const create = (actions: string[], resources: string[]) =>
    (actions.length > 0 ? [new iam.PolicyStatement({ actions, resources, conditions: conditions.create })] : []);
  return [
    ...create(creates.filter(isCreateMeeting), meetings),
    ...create(creates.filter((action) => !isCreateMeeting(action)), ['*']),
    // Meetings are tagged when they are made, and never again.
    new iam.PolicyStatement({ actions: ['chime:TagResource'], resources: meetings, conditions: claim }),
    new iam.PolicyStatement({ actions: changes, resources: meetings, conditions: conditions.change }),
    // Under a tag condition a meeting that has ended would answer AccessDenied instead of NotFound.
    new iam.PolicyStatement({ actions: ['chime:GetMeeting'], resources: meetings }),
  ];
}

/**
 * Denials of the service name `meeting/*` as the resource of CreateMeeting. No denial of CreateMeetingWithAttendees is known, and the service
 * authorization reference lists no resource for it: if it were evaluated against `*`, a narrower policy would deny every checkout.
 */
function isCreateMeeting(action: string): boolean {
  return action === 'chime:CreateMeeting';
}

/** The legacy endpoint evaluates no tag conditions, and no resource of its creates is known; the table of the pool says which meetings are its own. */
export function legacyMeetingStatements(stack: Stack, creates: string[], changes: string[]): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({ actions: creates, resources: ['*'] }),
    new iam.PolicyStatement({ actions: [...changes, 'chime:GetMeeting', 'chime:TagResource'], resources: [meetingArn(stack)] }),
  ];
}

export function meetingArn(stack: Stack, env?: { readonly region: string; readonly account: string }): string {
  return stack.formatArn({ service: 'chime', region: '*', ...env, resource: 'meeting', resourceName: '*', arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
}
