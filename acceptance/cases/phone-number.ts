import { ChimeSDKVoiceClient, DeletePhoneNumberCommand, GetPhoneNumberCommand, GetVoiceConnectorCommand, UpdatePhoneNumberCommand } from '@aws-sdk/client-chime-sdk-voice';
import { CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type CaseContext, ifFound, ONE_REGION, type PropertyCases, type Subject, type Variant } from './subject';
import { PhoneNumber, PhoneNumberAssociation, type PhoneNumberAssociationProps, type PhoneNumberProps, PhoneNumberSource, VoiceConnector } from '../../src';
import { PREFIX } from '../names';

/** The search for leftovers finds the number by this beginning of its name, also without an owner mark. */
const NAME = PREFIX;

function propsOf(_: Construct, variant: Variant): PhoneNumberProps {
  const created = { source: PhoneNumberSource.local({ areaCode: '206' }), phoneNumberName: NAME, removalPolicy: RemovalPolicy.DESTROY };
  if (variant === 'created') return created;
  const updated = { ...created, phoneNumberName: `${NAME}2`, callingName: 'Acceptance', orderTimeout: Duration.minutes(20), forceUpdateNonce: '1' };
  return variant === 'retained' ? { ...updated, removalPolicy: RemovalPolicy.RETAIN } : updated;
}

const isMoved = (variant: Variant) => variant === 'replaced' || variant === 'retained';

function associationOf(scope: Construct, variant: Variant, namePrefix: string): Omit<PhoneNumberAssociationProps, 'phoneNumber'> {
  const [first, second] = ['First', 'Second'].map((id) => new VoiceConnector(scope, id, { voiceConnectorName: `${namePrefix}-${id}` }));
  return { voiceConnector: isMoved(variant) ? second : first, reassign: isMoved(variant) ? true : undefined, forceUpdateNonce: variant === 'created' ? undefined : '1' };
}

const ONE_NUMBER = { unchanged: 'A change orders another number, which costs 1 US dollar.' };

const properties: PropertyCases<PhoneNumberProps> = {
  construct: 'PhoneNumber',
  props: propsOf,
  cases: {
    source: ONE_NUMBER,
    productType: { unchanged: 'The only other type is for numbers that no voice connector can have.' },
    phoneNumberName: 'update',
    callingName: 'update',
    orderTimeout: 'update',
    adoptExisting: 'adopt',
    region: ONE_REGION,
    forceUpdateNonce: 'update',
    removalPolicy: 'retain',
  },
};
const associationProperties: PropertyCases<PhoneNumberAssociationProps> = {
  construct: 'PhoneNumberAssociation',
  props: associationOf as never,
  cases: { voiceConnector: 'replacement', phoneNumber: ONE_NUMBER, reassign: 'replacement', forceUpdateNonce: 'update' },
};

/**
 * A number that calls a voice connector. The replacement moves the number to another voice connector. Its stack contains nothing else: together with all
 * other constructs, the policies exceed the quota of IAM.
 */
export const phoneNumber: Subject = {
  area: 'phone-number',
  construct: 'PhoneNumber',
  id: 'Hotline',
  type: 'Custom::RtcPhoneNumber',
  properties: [properties, associationProperties],
  expected: (variant, namePrefix) => {
    const updated = { name: `${NAME}2`, hasCallingName: true };
    switch (variant) {
      case 'created': return { state: { status: 'Assigned', name: NAME, hasCallingName: false, voiceConnector: `${namePrefix}-First` } };
      case 'updated': return { state: { ...updated, status: 'Assigned', voiceConnector: `${namePrefix}-First` } };
      case 'replaced': return { state: { ...updated, status: 'Assigned', voiceConnector: `${namePrefix}-Second` } };
      case 'retained': return { state: { ...updated, status: 'Assigned', voiceConnector: `${namePrefix}-Second` } };
      default: return undefined;
    }
  },
  build: (scope, variant, namePrefix) => {
    const number = new PhoneNumber(scope, 'Number', propsOf(scope, variant));
    new PhoneNumberAssociation(scope, 'Calls', { ...associationOf(scope, variant, namePrefix), phoneNumber: number });
    const first = scope.node.findChild('First') as VoiceConnector;
    new CfnOutput(scope, 'FirstArn', { value: first.voiceConnectorArn }).overrideLogicalId('HotlineFirst');
    return number.e164PhoneNumber;
  },
  observe: async (context, id) => {
    const found = await numberOf(context, id);
    if (!found) return undefined;
    const VoiceConnectorId = found.Associations?.find(({ Name }) => Name === 'VoiceConnectorId')?.Value;
    const connector = VoiceConnectorId && await ifFound(context.client(ChimeSDKVoiceClient).send(new GetVoiceConnectorCommand({ VoiceConnectorId })));
    // The library writes the owner mark behind the name.
    const [name, mark] = (found.Name ?? '').split(' ');
    return {
      status: found.Status,
      name,
      isOwned: mark !== undefined,
      // The name itself takes effect within 72 hours.
      hasCallingName: found.CallingNameStatus !== undefined && found.CallingNameStatus !== 'Unassigned',
      voiceConnector: connector ? connector.VoiceConnector!.Name : undefined,
    };
  },
  conflict: {
    build: (scope, { id, outputs }) => {
      new PhoneNumberAssociation(scope, 'Calls', {
        voiceConnector: VoiceConnector.fromVoiceConnectorArn(scope, 'First', outputs.HotlineFirst),
        phoneNumber: PhoneNumber.fromE164PhoneNumber(scope, 'Number', id),
      });
    },
    reason: /reassign/,
  },
  deleteRetained: async (context, id) => {
    if (await numberOf(context, id)) await context.client(ChimeSDKVoiceClient).send(new DeletePhoneNumberCommand({ PhoneNumberId: id }));
  },
  adoption: {
    state: { isOwned: true, name: `${NAME}3` },
    release: async (context, id) => {
      await context.client(ChimeSDKVoiceClient).send(new UpdatePhoneNumberCommand({ PhoneNumberId: id, Name: `${NAME}2` }));
    },
    build: (scope, { id }) => new PhoneNumber(scope, 'Number', {
      source: PhoneNumberSource.exactly(id), phoneNumberName: `${NAME}3`, adoptExisting: true, removalPolicy: RemovalPolicy.DESTROY,
    }).e164PhoneNumber,
    // An adopted number is never released: its deletion removes the owner mark.
    observe: async (context, id) => {
      const { Name } = (await numberOf(context, id))!;
      return Name?.includes(' ') ? { Name } : undefined;
    },
  },
};

/** Undefined: there is no such number. A released number stays in the deletion queue for seven days. */
async function numberOf(context: CaseContext, PhoneNumberId: string) {
  const found = await ifFound(context.client(ChimeSDKVoiceClient).send(new GetPhoneNumberCommand({ PhoneNumberId })));
  return found?.PhoneNumber?.DeletionTimestamp ? undefined : found?.PhoneNumber;
}
