import { commonOperations } from '../chime-sdk-voice/operations';
import { voiceStateOf } from '../chime-sdk-voice/state';
import { ServiceError } from '../errors';
import { asServiceModel } from '../model';
import modelJson from '../models/chime.json';
import { Engine, Service, ServiceFactory } from '../service';
import { ChimeOptions, globalRegion } from './options';
import { refusing } from './refusal';

export type { ChimeOptions } from './options';

/** The legacy namespace `chime`, as far as it is about voice connectors: the same ones as in `chime-sdk-voice`, which also shows and edits them. */
export function chime(options: ChimeOptions = {}): ServiceFactory {
  return (engine: Engine): Service => {
    const model = asServiceModel(modelJson);
    const voice = voiceStateOf(engine);
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
      rates: options.rates ?? {},
      operations: refusing(options, {
        ...commonOperations({ state: voice, model, connectorRegions, tagBasedAccessControl: false }),
      }),
      resourceTypes: {},
      changes: () => voice.changes,
      edit: () => { throw new ServiceError('InvalidEdit', 'voice connectors are edited with service chime-sdk-voice', 400); },
      snapshot: () => [],
      reset: () => voice.reset(),
    };
  };
}
