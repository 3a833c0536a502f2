import {
  BatchCreateAttendeeCommand, ChimeSDKMeetingsClient, CreateAttendeeCommand, CreateMeetingCommand, CreateMeetingWithAttendeesCommand,
  DeleteMeetingCommand, GetAttendeeCommand, GetMeetingCommand, ListAttendeesCommand,
} from '@aws-sdk/client-chime-sdk-meetings';
import type { MeetingNamespace } from './meetings';
import { REQUEST_HANDLER } from '../../engine/service-client';

const commands = {
  BatchCreateAttendeeCommand,
  CreateAttendeeCommand,
  CreateMeetingCommand,
  CreateMeetingWithAttendeesCommand,
  DeleteMeetingCommand,
  GetAttendeeCommand,
  GetMeetingCommand,
  ListAttendeesCommand,
};

/** One client a region: the connections live as long as the function. */
export function chimeMeetingsClient(region: string): ChimeSDKMeetingsClient {
  const client = new ChimeSDKMeetingsClient({
    region,
    // Not adaptive: a warm function would hold back checkouts long after a few throttles, and our own pauses pace it.
    retryMode: 'standard',
    maxAttempts: 3,
    requestHandler: REQUEST_HANDLER,
  });
  // By its name the SDK takes the quota for a throttle: it would repeat the call, and slow down all others. So it must not see the name.
  client.middlewareStack.add(renaming(QUOTA, HIDDEN), { step: 'deserialize', priority: 'high', name: 'hideMeetingQuota' });
  client.middlewareStack.add(renaming(HIDDEN, QUOTA), { step: 'initialize', priority: 'high', name: 'showMeetingQuota' });
  return client;
}

const QUOTA = 'LimitExceededException';
const HIDDEN = 'MeetingQuota';

function renaming(from: string, to: string) {
  return <A, R>(next: (args: A) => Promise<R>) => async (args: A): Promise<R> => {
    try {
      return await next(args);
    } catch (error) {
      if ((error as Error).name === from) (error as Error).name = to;
      throw error;
    }
  };
}

export function chimeSdkNamespace(client: ChimeSDKMeetingsClient): MeetingNamespace {
  return { client, commands, attendeesAtCreation: 20 };
}
