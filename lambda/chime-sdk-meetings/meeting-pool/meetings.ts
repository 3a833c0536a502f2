import type { AttendeeRequest, MeetingRequest } from './settings';
import { CHIME_ERROR_CLASSES } from '../../chime-error-classes';
import { markingUnknownOutcome, type ErrorClass, classify, unlessGone } from '../../engine/error-classes';

/** Makes a call again while it is throttled. */
export type Patience = <T>(call: () => Promise<T>) => Promise<T>;

/** Of both namespaces. https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_Operations_Amazon_Chime_SDK_Meetings.html */
export const MEETING_ERROR_CLASSES: Record<string, ErrorClass> = {
  ...CHIME_ERROR_CLASSES,
  UnauthorizedException: 'denied',
  LimitExceededException: 'terminal',
  ResourceLimitExceededException: 'terminal',
  UnprocessableEntityException: 'terminal',
};

/** The quota of concurrent meetings. */
export function isMeetingLimit(error: unknown): boolean {
  return ['LimitExceededException', 'ResourceLimitExceededException'].includes((error as Error).name);
}

/** As the service describes it, which is as the client libraries take it. */
export interface Meeting {
  readonly MeetingId: string;
  readonly ExternalMeetingId?: string;
  readonly [member: string]: unknown;
}

export interface Attendee {
  readonly AttendeeId: string;
  readonly ExternalUserId: string;
  readonly JoinToken?: string;
  readonly [member: string]: unknown;
}

/** One who could not be invited. */
export interface AttendeeError {
  readonly ExternalUserId: string;
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

export interface Invited {
  readonly attendees: Attendee[];
  readonly errors: AttendeeError[];
}

type Command = new (input: never) => object;

/** The two namespaces have the same operations under the same names. */
export interface MeetingCommands {
  readonly CreateMeetingCommand: Command;
  readonly CreateMeetingWithAttendeesCommand: Command;
  readonly GetMeetingCommand: Command;
  readonly DeleteMeetingCommand: Command;
  readonly CreateAttendeeCommand: Command;
  readonly BatchCreateAttendeeCommand: Command;
  readonly GetAttendeeCommand: Command;
  readonly ListAttendeesCommand: Command;
  /** The legacy namespace only. */
  readonly ListMeetingsCommand?: Command;
}

export interface MeetingNamespace {
  readonly client: { send(command: never, options: { abortSignal: AbortSignal }): Promise<unknown> };
  readonly commands: MeetingCommands;
  /** How many can be invited in the call that creates the meeting. */
  readonly attendeesAtCreation: number;
  /** Puts an error into other words, where it has better ones. */
  readonly explain?: (error: unknown) => unknown;
}

const LARGEST_BATCH = 100;

export interface MeetingsApiOptions {
  readonly abortSignal: AbortSignal;
  /** Before each call: waits for its turn. */
  readonly turn?: () => Promise<void>;
  /** Around each call for attendees: those of a call that has succeeded are not asked for again because the next one fails. */
  readonly patiently?: Patience;
}

/** The meetings of one namespace and control region. Undefined: there is no such meeting (any more). */
export class MeetingsApi {
  public readonly attendeesAtCreation: number;
  /** Whether a meeting can be found that nobody has noted. */
  public readonly canList: boolean;
  private readonly patiently: Patience;

  constructor(private readonly namespace: MeetingNamespace, private readonly options: MeetingsApiOptions) {
    this.attendeesAtCreation = namespace.attendeesAtCreation;
    this.canList = namespace.commands.ListMeetingsCommand !== undefined;
    this.patiently = options.patiently ?? ((call) => call());
  }

  /** The same request gives the same meeting while it is alive. */
  public async create(request: MeetingRequest): Promise<{ meeting: Meeting } & Invited> {
    const { CreateMeetingCommand, CreateMeetingWithAttendeesCommand } = this.namespace.commands;
    const command = request.Attendees ? CreateMeetingWithAttendeesCommand : CreateMeetingCommand;
    const { Meeting: meeting, ...answer } = await markingUnknownOutcome(MEETING_ERROR_CLASSES, () => this.send<CreateAnswer>(command, request));
    return { meeting, ...await this.completed(meeting.MeetingId, request.Attendees ?? [], answer) };
  }

  public async get(meetingId: string): Promise<Meeting | undefined> {
    const { GetMeetingCommand } = this.namespace.commands;
    const get = () => this.send<{ Meeting: Meeting }>(GetMeetingCommand, { MeetingId: meetingId });
    const answer = await unlessGone(MEETING_ERROR_CLASSES, get);
    return answer?.Meeting;
  }

  /** Whether it was there. */
  public async delete(meetingId: string): Promise<boolean> {
    return await this.ofMeeting(meetingId, () => this.send(this.namespace.commands.DeleteMeetingCommand, { MeetingId: meetingId })) !== undefined;
  }

  /** In batches; who is refused in one is tried again alone. */
  public async invite(meetingId: string, wanted: AttendeeRequest[]): Promise<Invited | undefined> {
    const invited: Invited = { attendees: [], errors: [] };
    for (let first = 0; first < wanted.length; first += LARGEST_BATCH) {
      const batch = wanted.slice(first, first + LARGEST_BATCH);
      const answer = await this.patiently(() => this.ofMeeting(meetingId, () =>
        this.send<BatchAnswer>(this.namespace.commands.BatchCreateAttendeeCommand, { MeetingId: meetingId, Attendees: batch })));
      if (!answer) return undefined;
      const { attendees, errors } = await this.completed(meetingId, batch, answer);
      invited.attendees.push(...attendees);
      invited.errors.push(...errors);
    }
    return invited;
  }

  /** Those who are wanted, each with its join token, which a list may lack: then it costs a call each. */
  public async attendees(meetingId: string, isWanted: (attendee: Attendee) => boolean): Promise<Attendee[] | undefined> {
    const { ListAttendeesCommand, GetAttendeeCommand } = this.namespace.commands;
    const found: Attendee[] = [];
    let NextToken: string | undefined;
    do {
      const input = { MeetingId: meetingId, ...NextToken ? { NextToken } : {} };
      const page: { Attendees?: Attendee[]; NextToken?: string } | undefined = await this.patiently(() =>
        this.ofMeeting(meetingId, () => this.send(ListAttendeesCommand, input)));
      if (!page) return undefined;
      found.push(...page.Attendees ?? []);
      ({ NextToken } = page);
    } while (NextToken);
    const complete: Attendee[] = [];
    for (const attendee of found.filter(isWanted)) {
      // One that has gone in between is to be invited again.
      const whole = attendee.JoinToken ? { Attendee: attendee } : await this.patiently(() => unlessGone(MEETING_ERROR_CLASSES, () =>
        this.send<{ Attendee: Attendee }>(GetAttendeeCommand, { MeetingId: meetingId, AttendeeId: attendee.AttendeeId })));
      if (whole) complete.push(whole.Attendee);
    }
    return complete;
  }

  /** The legacy namespace only: every meeting there is. */
  public async list(): Promise<Meeting[]> {
    const { ListMeetingsCommand } = this.namespace.commands;
    const found: Meeting[] = [];
    let NextToken: string | undefined;
    do {
      const page: { Meetings?: Meeting[]; NextToken?: string } = await this.send(ListMeetingsCommand!, NextToken ? { NextToken } : {});
      found.push(...page.Meetings ?? []);
      ({ NextToken } = page);
    } while (NextToken);
    return found;
  }

  /** The service answers a batch with success, whatever became of its items. */
  private async completed(meetingId: string, wanted: AttendeeRequest[], { Attendees = [], Errors = [] }: BatchAnswer): Promise<Invited> {
    const { CreateAttendeeCommand } = this.namespace.commands;
    const invited: Invited = { attendees: [...Attendees], errors: [] };
    for (const refused of Errors) {
      const request = wanted.find(({ ExternalUserId }) => ExternalUserId === refused.ExternalUserId);
      try {
        const { Attendee: attendee } = await this.patiently(() =>
          this.send<{ Attendee: Attendee }>(CreateAttendeeCommand, { MeetingId: meetingId, ...request }));
        invited.attendees.push(attendee);
      } catch (error) {
        const { name, message } = error as Error;
        invited.errors.push({ ExternalUserId: refused.ExternalUserId, ErrorCode: name, ErrorMessage: message });
      }
    }
    return invited;
  }

  /** The tags of a meeting go with it, and with them the right to change it: then a look tells whether it is gone. */
  private async ofMeeting<T>(meetingId: string, call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await call();
    } catch (error) {
      const errorClass = classify(error, MEETING_ERROR_CLASSES);
      if (errorClass === 'gone' || (errorClass === 'denied' && await this.get(meetingId) === undefined)) return undefined;
      throw error;
    }
  }

  private async send<T>(Constructor: Command, input: object): Promise<T> {
    await this.options.turn?.();
    try {
      return await this.namespace.client.send(new Constructor(input as never) as never, { abortSignal: this.options.abortSignal }) as T;
    } catch (error) {
      throw this.namespace.explain?.(error) ?? error;
    }
  }
}

interface BatchAnswer {
  readonly Attendees?: Attendee[];
  readonly Errors?: AttendeeError[];
}

interface CreateAnswer extends BatchAnswer {
  readonly Meeting: Meeting;
}
