import {
  BatchCreateAttendeeCommand, ChimeSDKMeetingsClient, CreateAttendeeCommand, CreateMeetingCommand, CreateMeetingWithAttendeesCommand,
  DeleteMeetingCommand, GetAttendeeCommand, GetMeetingCommand, ListAttendeesCommand,
} from '@aws-sdk/client-chime-sdk-meetings';
import type { MeetingNamespace } from './meetings';

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
  return new ChimeSDKMeetingsClient({
    region,
    retryMode: 'adaptive',
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 4_000, throwOnRequestTimeout: true },
  });
}

export function chimeSdkNamespace(client: ChimeSDKMeetingsClient): MeetingNamespace {
  return { client, commands, attendeesAtCreation: 20 };
}
