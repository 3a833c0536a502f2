import { ServiceError } from '../errors';
import { ServiceModel } from '../model';
import { CallContext } from '../service';
import { isAlive } from './lifetime';
import { MeetingOptions } from './options';
import { Attendee, Meeting, MeetingState, Region } from './state';

/** In what the two namespaces differ. */
export interface Namespace {
  /** The names of their errors. */
  readonly conflict: string;
  readonly limitExceeded: string;
  readonly tooManyTags: string;
  readonly taggedNotFound: string;
  /** The code of an attendee of a batch that is one too many. */
  readonly overflowCode: string;
  readonly largestPage: number;
  /** Whether IAM knows the tags of meetings and requests. */
  readonly tagBasedAccessControl: boolean;
  /** Whether IAM evaluates CreateMeeting against `meeting/*`. */
  readonly createMeetingNamesMeetings: boolean;
  /** Whether a meeting with fewer than two connections ends. */
  readonly loneMeetingsEnd: boolean;
}

/** What the operations of one namespace work with. */
export interface Context {
  readonly state: MeetingState;
  readonly model: ServiceModel;
  readonly options: MeetingOptions;
  readonly namespace: Namespace;
}

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

/** Takes away what has ended: only to keep what has to be looked through small. */
export function sweep(context: Context, now: number): void {
  const ended = context.state.all().flatMap(({ meetings }) => meetings.all(now)).filter(meeting => !isAlive(context, meeting, now));
  context.state.sweep(() => {
    for (const meeting of ended) removeMeeting(context, meeting, now);
  });
}
