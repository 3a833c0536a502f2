/** The IAM actions around meetings, by purpose. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonchime.html */

export const CREATE_MEETING = ['chime:CreateMeeting', 'chime:CreateMeetingWithAttendees'];

/** A checkout has at least one attendee. */
export const CREATE_MEETING_FOR_CHECKOUT = ['chime:CreateMeetingWithAttendees'];

/** Changes of existing meetings by the functions of a pool. Allowed only under the stack's owner tag. */
export const CHANGE_MEETING = ['chime:BatchCreateAttendee', 'chime:CreateAttendee', 'chime:DeleteMeeting'];

/** Reads of checkout. The responses hold join tokens, so these actions also are allowed only under the owner tag. */
export const READ_ATTENDEES = ['chime:GetAttendee', 'chime:ListAttendees'];

/** Management of attendees by an application. */
export const MANAGE_ATTENDEES = [
  'chime:BatchCreateAttendee',
  'chime:BatchUpdateAttendeeCapabilitiesExcept',
  'chime:CreateAttendee',
  'chime:DeleteAttendee',
  'chime:GetAttendee',
  'chime:GetMeeting',
  'chime:ListAttendees',
  'chime:UpdateAttendeeCapabilities',
];

export const END_MEETING = ['chime:DeleteMeeting', 'chime:GetMeeting'];

/** Calls of DynamoDB with the caller's permissions. https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service */
export const USE_TABLE_KEY = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'];

export const USE_TABLE = [
  'dynamodb:ConditionCheckItem',
  'dynamodb:DeleteItem',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:UpdateItem',
];

/** Checkout queries only the index. */
export const USE_TABLE_FOR_CHECKOUT = USE_TABLE.filter((action) => action !== 'dynamodb:Query');

/** The scan finds pools of failed operations. */
export const USE_AND_SCAN_TABLE = [...USE_TABLE, 'dynamodb:Scan'];
