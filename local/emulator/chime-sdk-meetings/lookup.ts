import { ServiceError } from '../errors';
import { CallContext } from '../service';
import type { Context } from './context';
import { isAlive } from './lifetime';
import { Attendee, Meeting, Region } from './state';

export type { Context, Namespace } from './context';

export function badRequest(message: string): ServiceError {
  return new ServiceError('BadRequestException', message);
}

export function notFound(message: string): ServiceError {
  return new ServiceError('NotFoundException', message);
}

export function regionOf({ state }: Context, { account, region }: CallContext): Region {
  return state.of(account, region);
}

export function livingMeetings(context: Context, { meetings }: Region, time: number): Meeting[] {
  return meetings.all(time).filter(meeting => isAlive(context, meeting, time));
}

/** One that has ended is as one that never was. */
export function findMeeting(context: Context, call: CallContext, id: string, time: number): Meeting | undefined {
  return livingMeetings(context, regionOf(context, call), time).find(meeting => meeting.id === id.toLowerCase());
}

export function meetingById(context: Context, call: CallContext, id: string, time: number): Meeting {
  const found = findMeeting(context, call, id, time);
  if (!found) throw notFound(`Meeting ${id} not found`);
  return found;
}

export function attendeeById({ attendees }: Meeting, id: string): Attendee {
  const found = attendees.find(attendee => attendee.id === id.toLowerCase());
  if (!found) throw notFound(`Attendee ${id} not found`);
  return found;
}

export function changeMeeting(context: Context, { arn }: Meeting, now: number, change: (meeting: Meeting) => Meeting | undefined): void {
  for (const { meetings } of context.state.all()) meetings.change(arn, now, change);
}

/** Its replicas have no primary any more, and so have ended too. */
export function removeMeeting(context: Context, meeting: Meeting, now: number): void {
  changeMeeting(context, meeting, now, () => undefined);
}

/** Removes the meetings that have ended, so that later searches stay short. */
export function removeEndedMeetings(context: Context, now: number): void {
  const ended = context.state.all().flatMap(({ meetings }) => meetings.all(now)).filter(meeting => !isAlive(context, meeting, now));
  context.state.withoutCountingChanges(() => {
    for (const meeting of ended) removeMeeting(context, meeting, now);
  });
}
