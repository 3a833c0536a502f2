import { asServiceModel } from '../model';
import modelJson from '../models/chime-sdk-voice.json';
import { Engine, Service, ServiceFactory } from '../service';
import { createVoiceConnector, deleteVoiceConnector, listVoiceConnectors } from './connectors';
import { deleteCredentials, listCredentials, putCredentials } from './credentials';
import { applyEdit } from './edit';
import { Context } from './lookup';
import { applyNumberEdit, isNumberEdit } from './number-edit';
import { commonOperations, reading, writing } from './operations';
import { ChimeSdkVoiceOptions, regions as supportedRegions } from './options';
import { associatePhoneNumbers, disassociatePhoneNumbers, numbersOf } from './phone-number-associations';
import { createPhoneNumberOrder, getPhoneNumberOrder, listPhoneNumberOrders, searchAvailablePhoneNumbers } from './phone-number-orders';
import { deletePhoneNumber, getPhoneNumber, listPhoneNumbers, restorePhoneNumber, updatePhoneNumber } from './phone-numbers';
import { voiceConnectorType } from './resource-types';
import {
  deleteOrigination, deleteTermination, getLogging, getOrigination, getTermination, putLogging, putOrigination, putTermination,
} from './settings';
import { Credentials, VoiceConnector, voiceStateOf } from './state';
import { listTagsForResource, tagResource, untagResource } from './tags';
import { anyTarget, connectorTarget, loggingTargets, newConnectorTarget, taggedTarget } from './targets';

export type { ChimeSdkVoiceOptions, NumberForSale, NumberOptions } from './options';
export type { ChimeSdkVoiceEdit } from './edit';
export type { PhoneNumberEdit } from './number-edit';

/** What no state, call log or control request shows. */
interface ChimeSdkVoiceService extends Service {
  sipCredentials(now: number): Record<string, Credentials>;
}

/** Amazon Chime SDK voice: the settings of voice connectors, and phone numbers. The legacy namespace `chime` works on the same connectors. */
export function chimeSdkVoice(options: ChimeSdkVoiceOptions = {}): ServiceFactory {
  return (engine: Engine): ChimeSdkVoiceService => {
    const state = voiceStateOf(engine);
    state.options = options;
    const model = asServiceModel(modelJson);
    const context: Context = { state, model, tagBasedAccessControl: true };
    return {
      name: 'chime-sdk-voice',
      model,
      iamPrefix: 'chime',
      regions: supportedRegions,
      unknownMembers: options.unknownMembers,
      errors: {
        invalid: 'BadRequestException',
        throttled: 'ThrottledClientException',
        accessDenied: options.accessDenied ?? 'AccessDeniedException',
        internalFailure: 'ServiceFailureException',
        unavailable: 'ServiceUnavailableException',
      },
      rates: options.rates ?? {},
      operations: {
        ...commonOperations(context),
        PutVoiceConnectorTermination: writing(context, connectorTarget(context), putTermination),
        GetVoiceConnectorTermination: reading(context, connectorTarget(context), getTermination),
        DeleteVoiceConnectorTermination: writing(context, connectorTarget(context), deleteTermination),
        PutVoiceConnectorTerminationCredentials: writing(context, connectorTarget(context), putCredentials),
        ListVoiceConnectorTerminationCredentials: reading(context, connectorTarget(context), listCredentials),
        DeleteVoiceConnectorTerminationCredentials: writing(context, connectorTarget(context), deleteCredentials),
        PutVoiceConnectorOrigination: writing(context, connectorTarget(context), putOrigination),
        GetVoiceConnectorOrigination: reading(context, connectorTarget(context), getOrigination),
        DeleteVoiceConnectorOrigination: writing(context, connectorTarget(context), deleteOrigination),
        PutVoiceConnectorLoggingConfiguration: writing(context, loggingTargets(context), putLogging),
        GetVoiceConnectorLoggingConfiguration: reading(context, connectorTarget(context), getLogging),
        SearchAvailablePhoneNumbers: reading(context, anyTarget, searchAvailablePhoneNumbers),
        CreatePhoneNumberOrder: writing(context, anyTarget, createPhoneNumberOrder),
        GetPhoneNumberOrder: reading(context, anyTarget, getPhoneNumberOrder),
        ListPhoneNumberOrders: reading(context, anyTarget, listPhoneNumberOrders),
        GetPhoneNumber: reading(context, anyTarget, getPhoneNumber),
        ListPhoneNumbers: reading(context, anyTarget, listPhoneNumbers),
        UpdatePhoneNumber: writing(context, anyTarget, updatePhoneNumber),
        DeletePhoneNumber: writing(context, anyTarget, deletePhoneNumber),
        RestorePhoneNumber: writing(context, anyTarget, restorePhoneNumber),
        AssociatePhoneNumbersWithVoiceConnector: { ...writing(context, connectorTarget(context), associatePhoneNumbers), items: numbersOf },
        DisassociatePhoneNumbersFromVoiceConnector: { ...writing(context, connectorTarget(context), disassociatePhoneNumbers), items: numbersOf },
        CreateVoiceConnector: {
          ...writing(context, newConnectorTarget, createVoiceConnector),
          created: output => output.VoiceConnector.VoiceConnectorArn,
        },
        DeleteVoiceConnector: writing(context, connectorTarget(context), deleteVoiceConnector),
        ListVoiceConnectors: reading(context, anyTarget, listVoiceConnectors),
        TagResource: writing(context, taggedTarget(context), tagResource),
        UntagResource: writing(context, taggedTarget(context), untagResource),
        ListTagsForResource: reading(context, taggedTarget(context), listTagsForResource),
      },
      resourceTypes: { 'AWS::Chime::VoiceConnector': voiceConnectorType(context) },
      changes: () => state.changes,
      edit: (edit, now) => isNumberEdit(edit) ? applyNumberEdit(context, edit, now) : applyEdit(context, edit, now),
      snapshot: now => state.all().map(({ account, region, connectors, numbers, orders }) => ({
        account,
        region,
        voiceConnectors: connectors.all(now).map(withoutPasswords),
        serviceLinkedRole: state.hasServiceLinkedRole(account),
        phoneNumbers: numbers.all(now),
        phoneNumberOrders: orders.all(now),
      })),
      reset: () => state.reset(),
      sipCredentials: now => Object.fromEntries(state.all().flatMap(({ connectors }) => connectors.all(now))
        .map(({ arn, credentials }) => [arn, credentials ?? {}])),
    };
  };
}

/** The passwords of SIP users by user name, by the ARN of their voice connector, for a test: no operation shows them. */
export function sipCredentials(emulator: { service(name: string): Service }, now: number): Record<string, Credentials> {
  return (emulator.service('chime-sdk-voice') as ChimeSdkVoiceService).sipCredentials(now);
}

function withoutPasswords({ credentials, ...connector }: VoiceConnector): Record<string, unknown> {
  return { ...connector, users: Object.keys(credentials ?? {}) };
}
