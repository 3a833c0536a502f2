import { MeetingService } from '../chime-sdk-meetings';
import { legacyMeetings, meetingOperations } from './meetings';
import { ChimeOptions, globalRegion } from './options';
import { refusing } from './refusal';
import { applyEdit } from '../chime-sdk-meetings/edit';
import { documentedRates } from '../chime-sdk-meetings/options';
import { snapshotOf } from '../chime-sdk-meetings/snapshot';
import { commonOperations } from '../chime-sdk-voice/operations';
import { VoiceState, voiceStateOf } from '../chime-sdk-voice/state';
import { ServiceError } from '../errors';
import { asServiceModel } from '../model';
import modelJson from '../models/chime.json';
import { Engine, ServiceFactory } from '../service';

export type { ChimeOptions } from './options';

/**
 * The legacy namespace `chime`: the same voice connectors as in `chime-sdk-voice`, which also shows and edits them, and meetings that
 * `chime-sdk-meetings` does not see.
 */
export function chime(options: ChimeOptions = {}): ServiceFactory {
  return (engine: Engine): MeetingService => {
    const model = asServiceModel(modelJson);
    const voice = voiceStateOf(engine);
    const meetings = legacyMeetings(engine, model, options);
    const operationsOfMeetings = meetingOperations(meetings);
    const { connectorRegions = [globalRegion] } = options;
    return {
      name: 'chime',
      model,
      iamPrefix: 'chime',
      globalRegion,
      unknownMembers: options.unknownMembers,
      errors: {
        invalid: 'BadRequestException',
        throttled: 'ThrottledClientException',
        accessDenied: options.accessDenied ?? 'ForbiddenException',
        internalFailure: 'ServiceFailureException',
        unavailable: 'ServiceUnavailableException',
      },
      rates: { ...documentedRates(Object.keys(operationsOfMeetings)), ...options.rates },
      operations: refusing(options, {
        ...commonOperations({ state: voice, model, connectorRegions, tagBasedAccessControl: false }),
        ...operationsOfMeetings,
      }),
      resourceTypes: {},
      changes: () => voice.changes + meetings.state.changes,
      edit: (edit, now) => {
        if (isConnector(voice, edit.resource, now)) throw new ServiceError('InvalidEdit', 'voice connectors are edited with service chime-sdk-voice', 400);
        applyEdit(meetings, edit, now);
      },
      snapshot: now => snapshotOf(meetings, now),
      reset: () => {
        voice.reset();
        meetings.state.reset();
      },
      joinTokens: () => meetings.state.joinTokens(),
    };
  };
}

function isConnector(voice: VoiceState, resource: string, now: number): boolean {
  return voice.all().flatMap(({ connectors }) => connectors.all(now)).some(({ arn, id, name }) => [arn, id, name].includes(resource));
}
