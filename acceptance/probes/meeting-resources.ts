import { randomUUID } from 'node:crypto';
import {
  ChimeSDKMeetingsClient, CreateMeetingCommand, type CreateMeetingCommandInput, DeleteMeetingCommand, GetMeetingCommand, type Meeting,
} from '@aws-sdk/client-chime-sdk-meetings';
import { answerOf, asError, isNotFound, nameOf, using } from './support';
import type { ProbeContext } from '../fact';

/** Meetings of one probe. The service lists no meetings, so the probe keeps their IDs. A meeting without attendees ends by itself. */
export class Meetings {
  public readonly client: ChimeSDKMeetingsClient;
  private readonly created = new Set<string>();
  private readonly name: string;

  constructor(private readonly context: ProbeContext, fact: string) {
    this.client = context.client(ChimeSDKMeetingsClient);
    this.name = nameOf(context, fact);
  }

  /** Deletes all meetings that the work creates. */
  public using<T>(work: () => Promise<T>): Promise<T> {
    const { context, client, created } = this;
    return using(context, {
      kind: 'meetings of',
      name: this.name,
      isListed: false,
      find: async () => [...created],
      delete: async (MeetingId) => {
        // A meeting that has ended has no tags, so a policy that requires a tag denies its deletion.
        if (await this.exists(MeetingId)) {
          const { refusal } = await answerOf(context, () => client.send(new DeleteMeetingCommand({ MeetingId })));
          if (refusal && !isNotFound(refusal)) throw asError(refusal);
        }
        created.delete(MeetingId);
      },
    }, work);
  }

  public newToken(): string {
    return randomUUID();
  }

  public async create(options: Partial<CreateMeetingCommandInput> = {}, client = this.client): Promise<Meeting> {
    const Tags = Object.entries(this.context.tags).map(([Key, Value]) => ({ Key, Value }));
    const { Meeting: meeting } = await client.send(new CreateMeetingCommand({
      ClientRequestToken: this.newToken(), ExternalMeetingId: this.name.slice(0, 64), MediaRegion: this.context.region, Tags, ...options,
    }));
    this.created.add(meeting!.MeetingId!);
    return meeting!;
  }

  /** A meeting that was created by another call is deleted, too. */
  public add(meeting: Meeting | undefined): void {
    if (meeting?.MeetingId !== undefined) this.created.add(meeting.MeetingId);
  }

  public async exists(MeetingId: string): Promise<boolean> {
    const { refusal } = await answerOf(this.context, () => this.client.send(new GetMeetingCommand({ MeetingId })));
    if (refusal && !isNotFound(refusal)) throw asError(refusal);
    return !refusal;
  }
}
