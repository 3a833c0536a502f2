/** The IAM actions around meetings, by purpose. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonchime.html */

export const CREATE_MEETING = ['chime:CreateMeeting', 'chime:CreateMeetingWithAttendees'];

/** Who checks out names at least one attendee. */
export const CREATE_MEETING_FOR_CHECKOUT = ['chime:CreateMeetingWithAttendees'];

/** What the functions of a pool do to a meeting that exists; allowed only under the stack's owner tag. */
export const CHANGE_MEETING = ['chime:BatchCreateAttendee', 'chime:CreateAttendee', 'chime:DeleteMeeting'];

/** Besides, what checkout reads: the answers hold join tokens, so they too are allowed only under the owner tag. */
export const READ_ATTENDEES = ['chime:GetAttendee', 'chime:ListAttendees'];

/** What an application does with the people of a meeting. */
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

/** https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service: what DynamoDB does in the caller's name. */
export const USE_TABLE_KEY = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'];

/** On a pool's table. */
export const USE_TABLE = [
  'dynamodb:ConditionCheckItem',
  'dynamodb:DeleteItem',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:UpdateItem',
];

/** Who checks out looks for meetings in the index only. */
export const USE_TABLE_FOR_CHECKOUT = USE_TABLE.filter((action) => action !== 'dynamodb:Query');

/** Besides, to find the pools that a failed operation has left in it. */
export const USE_AND_SCAN_TABLE = [...USE_TABLE, 'dynamodb:Scan'];
