import {
  BatchCreateAttendeeCommand, type ChimeClient, CreateAttendeeCommand, CreateMeetingCommand, CreateMeetingWithAttendeesCommand, DeleteMeetingCommand,
  GetAttendeeCommand, GetMeetingCommand, ListAttendeesCommand, ListMeetingsCommand,
} from '@aws-sdk/client-chime';
import { refusalOf } from './refusal';
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
    attendeesAtCreation: 10,
    translateError: (error) => refusalOf(error, 'whose meetings are made in the same way') ?? error,
  };
}
