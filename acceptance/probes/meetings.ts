import { BatchCreateAttendeeCommand, CreateAttendeeCommand, ListAttendeesCommand } from '@aws-sdk/client-chime-sdk-meetings';
import { Meetings } from './meeting-resources';
import { answerOf, ask, count, finding } from './support';
import type { Finding, ProbeContext } from '../fact';

const MINUTE = 60;

/** F-42. Without attendees, the meeting ends after 5 minutes. */
export async function clientRequestToken(context: ProbeContext): Promise<Finding> {
  const meetings = new Meetings(context, 'F-42');
  return meetings.using(async () => {
    const ClientRequestToken = meetings.newToken();
    const { MeetingId: first } = await ask(context, () => meetings.create({ ClientRequestToken }));
    const answers: string[] = [];
    let minutes = 0;
    let previous = first;
    let isAsAssumed = true;
    for (const [until, isEnded] of [[1, false], [10, true], [60, true]] as const) {
      await context.wait((until - minutes) * MINUTE);
      minutes = until;
      if (isEnded && await meetings.exists(previous!)) return finding(context, undefined, `The meeting still existed ${minutes} minutes after its creation.`);
      const { value, refusal } = await answerOf(context, () => meetings.create({ ClientRequestToken }));
      const isSame = value?.MeetingId === previous;
      isAsAssumed &&= value !== undefined && isSame !== isEnded;
      answers.push(`after ${minutes} min ${refusal ? refusal.name : `${isSame ? 'the same' : 'another'} meeting`}`);
      previous = value?.MeetingId ?? previous;
    }
    return finding(context, isAsAssumed, `The token returned: ${answers.join(', ')}.`);
  });
}

/** F-44 */
export async function repeatedUser(context: ProbeContext): Promise<Finding> {
  const meetings = new Meetings(context, 'F-44');
  return meetings.using(async () => {
    const { MeetingId } = await ask(context, () => meetings.create());
    const invite = async () => (await ask(context, () => meetings.client.send(new CreateAttendeeCommand({ MeetingId, ExternalUserId: 'first-user' })))).Attendee?.AttendeeId;
    const isSame = await invite() === await invite();
    return finding(context, isSame, `The second request returned ${isSame ? 'the same' : 'another'} attendee.`);
  });
}

/** F-45 */
export async function emptyMeetingEnds(context: ProbeContext): Promise<Finding> {
  const meetings = new Meetings(context, 'F-45');
  return meetings.using(async () => {
    const { MeetingId } = await ask(context, () => meetings.create());
    await context.wait(4 * MINUTE);
    const existsBefore = await meetings.exists(MeetingId!);
    if (!existsBefore) return finding(context, false, 'The meeting had ended after 4 minutes.');
    await context.wait(3 * MINUTE);
    const existsAfter = await meetings.exists(MeetingId!);
    return finding(context, !existsAfter, `The meeting existed after 4 minutes, and ${existsAfter ? 'still' : 'not any more'} after 7 minutes.`);
  });
}

/** F-46 */
export async function tokenWithOtherParameters(context: ProbeContext): Promise<Finding> {
  const meetings = new Meetings(context, 'F-46');
  return meetings.using(async () => {
    const ClientRequestToken = meetings.newToken();
    const first = await ask(context, () => meetings.create({ ClientRequestToken }));
    const { value, refusal } = await answerOf(context, () => meetings.create({ ClientRequestToken, ExternalMeetingId: 'another-room' }));
    const answer = refusal ? refusal.name : `${value?.MeetingId === first.MeetingId ? 'the same' : 'another'} meeting`;
    return finding(context, refusal?.name === 'ConflictException', `The service answered the second request with ${answer}.`);
  });
}

/** F-47 */
export async function batchOverflow(context: ProbeContext): Promise<Finding> {
  const meetings = new Meetings(context, 'F-47');
  return meetings.using(async () => {
    const { MeetingId } = await ask(context, () => meetings.create({ MeetingFeatures: { Attendee: { MaxCount: 1 } } }));
    const Attendees = [{ ExternalUserId: 'first-user' }, { ExternalUserId: 'second-user' }];
    const { value, refusal } = await answerOf(context, () => meetings.client.send(new BatchCreateAttendeeCommand({ MeetingId, Attendees })));
    if (refusal) return finding(context, false, `The service refused the batch with ${refusal.name}.`);
    const [created, errors] = [value?.Attendees?.length ?? 0, value?.Errors?.length ?? 0];
    return finding(context, created === 1 && errors === 1, `The service created ${count(created, 'attendee')} and listed ${count(errors, 'error')}.`);
  });
}

/** F-48. The finding contains no token. */
export async function joinTokensInLists(context: ProbeContext): Promise<Finding> {
  const meetings = new Meetings(context, 'F-48');
  return meetings.using(async () => {
    const { MeetingId } = await ask(context, () => meetings.create());
    await ask(context, () => meetings.client.send(new CreateAttendeeCommand({ MeetingId, ExternalUserId: 'first-user' })));
    const { Attendees = [] } = await ask(context, () => meetings.client.send(new ListAttendeesCommand({ MeetingId })));
    const withToken = Attendees.filter(({ JoinToken }) => JoinToken).length;
    return finding(context, withToken === Attendees.length && withToken > 0, `The list had ${count(Attendees.length, 'attendee')}, ${withToken} of them with a join token.`);
  });
}
