import {
  BatchCreateAttendeeCommand, type ChimeClient, CreateAttendeeCommand, CreateMeetingCommand, CreateMeetingWithAttendeesCommand, DeleteMeetingCommand,
  GetAttendeeCommand, GetMeetingCommand, ListAttendeesCommand, ListMeetingsCommand,
} from '@aws-sdk/client-chime';
import { refusalOf } from './refusal';
import { CHIME_MEETING_POOL_LIMITS } from '../../src/chime-sdk-meetings/private/meeting-pool-contract';
import { CHIME } from '../../src/private/chime-namespaces';
import type { MeetingNamespace } from '../chime-sdk-meetings/meeting-pool/meetings';

const commands = {
  BatchCreateAttendeeCommand,
  CreateAttendeeCommand,
  CreateMeetingCommand,
  CreateMeetingWithAttendeesCommand,
  DeleteMeetingCommand,
  GetAttendeeCommand,
  GetMeetingCommand,
  ListAttendeesCommand,
  ListMeetingsCommand,
};

export function legacyMeetingNamespace(client: ChimeClient): MeetingNamespace {
  return {
    client,
    commands,
    attendeesAtCreation: CHIME_MEETING_POOL_LIMITS.attendeesAtCreation[CHIME],
    translateError: (error) => refusalOf(error, 'whose meetings are made in the same way') ?? error,
  };
}
