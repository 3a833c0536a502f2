import type { AttendeeRequest, MeetingRequest } from './settings';
import { CHIME_ERROR_CLASSES } from '../../chime-error-classes';
import { markingUnknownOutcome, type ErrorClass, classify, unlessGone } from '../../engine/error-classes';
import type { RateLimiter } from '../../engine/rate-limiter';

/** Retries a call while it is throttled. */
export type RetryThrottled = <T>(call: () => Promise<T>) => Promise<T>;

/** The errors of both namespaces. https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_Operations_Amazon_Chime_SDK_Meetings.html */
export const MEETING_ERROR_CLASSES: Record<string, ErrorClass> = {
  ...CHIME_ERROR_CLASSES,
  UnauthorizedException: 'denied',
  LimitExceededException: 'terminal',
  ResourceLimitExceededException: 'terminal',
  UnprocessableEntityException: 'terminal',
};

/** Whether the quota of concurrent meetings is reached. Each namespace has its own error name. */
export function isMeetingLimit(error: unknown): boolean {
  return ['LimitExceededException', 'ResourceLimitExceededException'].includes((error as Error).name);
}

/** The service's description of a meeting, which the Chime SDK client libraries accept unchanged. */
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

/** The service compares external user IDs without regard to case. */
export function keyOf(externalUserId: string): string {
  return externalUserId.toLowerCase();
}

/** A user whom the service didn't accept as an attendee. */
export interface AttendeeError {
  readonly ExternalUserId: string;
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

export interface InviteResult {
  readonly attendees: Attendee[];
  readonly errors: AttendeeError[];
}

export interface CreatedMeeting extends InviteResult {
  readonly meeting: Meeting;
}

type Command = new (input: never) => object;

/** Both namespaces have the same operations under the same names. */
export interface MeetingCommands {
  readonly CreateMeetingCommand: Command;
  readonly CreateMeetingWithAttendeesCommand: Command;
  readonly GetMeetingCommand: Command;
  readonly DeleteMeetingCommand: Command;
  readonly CreateAttendeeCommand: Command;
  readonly BatchCreateAttendeeCommand: Command;
  readonly GetAttendeeCommand: Command;
  readonly ListAttendeesCommand: Command;
  /** Exists in the legacy namespace only. */
  readonly ListMeetingsCommand?: Command;
}

export interface MeetingNamespace {
  readonly client: { send(command: never, options: { abortSignal: AbortSignal }): Promise<unknown> };
  readonly commands: MeetingCommands;
  /** The most attendees that the create call can invite. */
  readonly attendeesAtCreation: number;
  /** Returns a more helpful error, if there is one. */
  readonly translateError?: (error: unknown) => unknown;
}

const MAX_BATCH_SIZE = 100;

export interface MeetingsApiOptions {
  readonly abortSignal: AbortSignal;
  readonly rateLimiter?: Pick<RateLimiter, 'acquire'>;
  /** Wraps each call for attendees, so that a throttled call doesn't repeat the calls that have succeeded. */
  readonly retryThrottled?: RetryThrottled;
}

/** The meetings of one namespace and control region. A result is `undefined` if the meeting doesn't exist. */
export class MeetingsApi {
  public readonly attendeesAtCreation: number;
  /** Whether meetings without a record can be found. */
  public readonly canList: boolean;
  private readonly retryThrottled: RetryThrottled;

  constructor(private readonly namespace: MeetingNamespace, private readonly options: MeetingsApiOptions) {
    this.attendeesAtCreation = namespace.attendeesAtCreation;
    this.canList = namespace.commands.ListMeetingsCommand !== undefined;
    this.retryThrottled = options.retryThrottled ?? ((call) => call());
  }

  /** The same request returns the same meeting until it ends. */
  public async create(request: MeetingRequest): Promise<CreatedMeeting> {
    const { CreateMeetingCommand, CreateMeetingWithAttendeesCommand } = this.namespace.commands;
    const command = request.Attendees ? CreateMeetingWithAttendeesCommand : CreateMeetingCommand;
    const { Meeting: meeting, ...answer } = await markingUnknownOutcome(MEETING_ERROR_CLASSES, () => this.send<CreateAnswer>(command, request));
    return { meeting, ...await this.retryRefused(meeting.MeetingId, request.Attendees ?? [], answer) };
  }

  public async get(meetingId: string): Promise<Meeting | undefined> {
    const { GetMeetingCommand } = this.namespace.commands;
    const get = () => this.send<{ Meeting: Meeting }>(GetMeetingCommand, { MeetingId: meetingId });
    const answer = await unlessGone(MEETING_ERROR_CLASSES, get);
    return answer?.Meeting;
  }

  /** Returns whether the meeting existed. */
  public async delete(meetingId: string): Promise<boolean> {
    return await this.unlessEnded(meetingId, () => this.send(this.namespace.commands.DeleteMeetingCommand, { MeetingId: meetingId })) !== undefined;
  }

  /** Invites in batches. An attendee whom a batch refuses is retried alone. */
  public async invite(meetingId: string, requested: AttendeeRequest[]): Promise<InviteResult | undefined> {
    const invited: InviteResult = { attendees: [], errors: [] };
    for (let first = 0; first < requested.length; first += MAX_BATCH_SIZE) {
      const batch = requested.slice(first, first + MAX_BATCH_SIZE);
      const answer = await this.retryThrottled(() => this.unlessEnded(meetingId, () =>
        this.send<BatchAnswer>(this.namespace.commands.BatchCreateAttendeeCommand, { MeetingId: meetingId, Attendees: batch })));
      if (!answer) return undefined;
      const { attendees, errors } = await this.retryRefused(meetingId, batch, answer);
      invited.attendees.push(...attendees);
      invited.errors.push(...errors);
    }
    return invited;
  }

  /**
   * The matching attendees with their join tokens. If neither the list (unverified: F-48) nor `known` has a token, it costs one more call.
   *
   * @param known Attendees whose join tokens are known.
   */
  public async attendees(
    meetingId: string, isMatch: (attendee: Attendee) => boolean, known: readonly Attendee[] = [],
  ): Promise<Attendee[] | undefined> {
    const { ListAttendeesCommand, GetAttendeeCommand } = this.namespace.commands;
    const found: Attendee[] = [];
    let NextToken: string | undefined;
    do {
      const input = { MeetingId: meetingId, ...NextToken ? { NextToken } : {} };
      const page: { Attendees?: Attendee[]; NextToken?: string } | undefined = await this.retryThrottled(() =>
        this.unlessEnded(meetingId, () => this.send(ListAttendeesCommand, input)));
      if (!page) return undefined;
      found.push(...page.Attendees ?? []);
      ({ NextToken } = page);
    } while (NextToken);
    const complete: Attendee[] = [];
    const tokens = new Map(known.map(({ AttendeeId, JoinToken }) => [AttendeeId, JoinToken]));
    for (const { JoinToken, ...listed } of found.filter(isMatch)) {
      const attendee: Attendee = { ...listed, JoinToken: JoinToken ?? tokens.get(listed.AttendeeId) };
      // An attendee that was deleted since the list was read is missing from the result.
      const whole = attendee.JoinToken ? { Attendee: attendee } : await this.retryThrottled(() => unlessGone(MEETING_ERROR_CLASSES, () =>
        this.send<{ Attendee: Attendee }>(GetAttendeeCommand, { MeetingId: meetingId, AttendeeId: attendee.AttendeeId })));
      if (whole) complete.push(whole.Attendee);
    }
    return complete;
  }

  /** All meetings of the account. Available in the legacy namespace only. */
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

  /** The service reports success for a batch even if it refuses some of its items. */
  private async retryRefused(meetingId: string, requested: AttendeeRequest[], { Attendees = [], Errors = [] }: BatchAnswer): Promise<InviteResult> {
    const { CreateAttendeeCommand } = this.namespace.commands;
    const invited: InviteResult = { attendees: [...Attendees], errors: [] };
    for (const refused of Errors) {
      const request = requested.find(({ ExternalUserId }) => ExternalUserId === refused.ExternalUserId);
      try {
        const { Attendee: attendee } = await this.retryThrottled(() =>
          this.send<{ Attendee: Attendee }>(CreateAttendeeCommand, { MeetingId: meetingId, ...request }));
        invited.attendees.push(attendee);
      } catch (error) {
        const { name, message } = error as Error;
        invited.errors.push({ ExternalUserId: refused.ExternalUserId, ErrorCode: name, ErrorMessage: message });
      }
    }
    return invited;
  }

  /** An ended meeting has no tags, so the tag condition of the policy denies the call. A read shows whether the meeting still exists. */
  private async unlessEnded<T>(meetingId: string, call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await call();
    } catch (error) {
      const errorClass = classify(error, MEETING_ERROR_CLASSES);
      if (errorClass === 'gone' || (errorClass === 'denied' && await this.get(meetingId) === undefined)) return undefined;
      throw error;
    }
  }

  private async send<T>(Constructor: Command, input: object): Promise<T> {
    await this.options.rateLimiter?.acquire();
    try {
      return await this.namespace.client.send(new Constructor(input as never) as never, { abortSignal: this.options.abortSignal }) as T;
    } catch (error) {
      throw this.namespace.translateError?.(error) ?? error;
    }
  }
}

/** A batch that exceeds the maximum of attendees has errors, or is refused as a whole (unverified: F-47). */
interface BatchAnswer {
  readonly Attendees?: Attendee[];
  readonly Errors?: AttendeeError[];
}

interface CreateAnswer extends BatchAnswer {
  readonly Meeting: Meeting;
}
