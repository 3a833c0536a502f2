import type { MeetingOptions } from './options';
import type { MeetingState } from './state';
import type { ServiceModel } from '../model';

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
  /** The operations that IAM evaluates against `meeting/*`. */
  readonly createsOnMeetings: readonly ('CreateMeeting' | 'CreateMeetingWithAttendees')[];
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
