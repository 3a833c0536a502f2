import { asServiceModel } from '../model';
import modelJson from '../models/chime-sdk-meetings.json';
import { Engine, Operation, Service, ServiceFactory } from '../service';
import { batchUpdateAttendeeCapabilitiesExcept, updateAttendeeCapabilities } from './capabilities';
import { applyEdit } from './edit';
import { Context } from './lookup';
import { commonOperations, writing } from './operations';
import { ChimeSdkMeetingsOptions, documentedRates, regions as supportedRegions } from './options';
import { snapshotOf } from './snapshot';
import { MeetingState } from './state';
import { meetingTarget } from './targets';

export type { ChimeSdkMeetingsOptions, MeetingOptions } from './options';
export type { MeetingEdit } from './edit';

/** What no state, call log or control request shows. */
export interface MeetingService extends Service {
  joinTokens(): string[];
}

/** Amazon Chime SDK meetings. The legacy namespace `chime` has meetings of its own. */
export function chimeSdkMeetings(options: ChimeSdkMeetingsOptions = {}): ServiceFactory {
  return (engine: Engine): MeetingService => {
    const state = new MeetingState(engine, 'chime-sdk-meetings');
    const model = asServiceModel(modelJson);
    const context: Context = {
      state,
      model,
      options,
      namespace: {
        conflict: 'ConflictException',
        limitExceeded: 'LimitExceededException',
        tooManyTags: 'TooManyTagsException',
        taggedNotFound: 'ResourceNotFoundException',
        overflowCode: 'LimitExceeded',
        largestPage: 100,
        tagBasedAccessControl: true,
        createsOnMeetings: options.createsOnMeetings ?? ['CreateMeeting'],
        loneMeetingsEnd: false,
      },
    };
    const operations: Record<string, Operation> = {
      ...commonOperations(context),
      UpdateAttendeeCapabilities: writing(context, meetingTarget(context), updateAttendeeCapabilities),
      BatchUpdateAttendeeCapabilitiesExcept: writing(context, meetingTarget(context), batchUpdateAttendeeCapabilitiesExcept),
    };
    return {
      name: 'chime-sdk-meetings',
      model,
      iamPrefix: 'chime',
      regions: supportedRegions,
      unknownMembers: options.unknownMembers,
      errors: {
        invalid: 'BadRequestException',
        throttled: 'ThrottlingException',
        accessDenied: options.accessDenied ?? 'AccessDeniedException',
        internalFailure: 'ServiceFailureException',
        unavailable: 'ServiceUnavailableException',
      },
      rates: { ...documentedRates(Object.keys(operations)), ...options.rates },
      operations,
      resourceTypes: {},
      changes: () => state.changes,
      edit: (edit, now) => applyEdit(context, edit, now),
      snapshot: now => snapshotOf(context, now),
      reset: () => state.reset(),
      joinTokens: () => state.joinTokens(),
    };
  };
}

/** Every join token that was given out since the last reset, of both namespaces, for a test that looks for them where they must not be. */
export function joinTokens(emulator: { readonly services: readonly Service[] }): string[] {
  return emulator.services.flatMap(service => (service as Partial<MeetingService>).joinTokens?.() ?? []);
}
