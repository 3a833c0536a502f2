import {
  BatchCreateAttendeeCommand, ChimeSDKMeetingsClient, CreateAttendeeCommand, CreateMeetingCommand, CreateMeetingWithAttendeesCommand,
  DeleteMeetingCommand, GetAttendeeCommand, GetMeetingCommand, ListAttendeesCommand,
} from '@aws-sdk/client-chime-sdk-meetings';
import type { MeetingNamespace } from './meetings';
import { CHIME_MEETING_POOL_LIMITS } from '../../../src/chime-sdk-meetings/private/meeting-pool-contract';
import { CHIME_SDK } from '../../../src/private/chime-namespaces';
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

/** One client per region and execution environment. */
export function chimeMeetingsClient(region: string): ChimeSDKMeetingsClient {
  const client = new ChimeSDKMeetingsClient({
    region,
    // Adaptive retries would delay the checkouts of a warm function long after a few throttles. The callers of this client limit their rate themselves.
    retryMode: 'standard',
    maxAttempts: 3,
    requestHandler: REQUEST_HANDLER,
  });
  // The SDK classifies the name of this quota error as a throttle, and would retry the call and delay others. The middleware hides the name from the SDK.
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
  return { client, commands, attendeesAtCreation: CHIME_MEETING_POOL_LIMITS.attendeesAtCreation[CHIME_SDK] };
}
