import { ChimeSDKVoiceClient, GetPhoneNumberCommand } from '@aws-sdk/client-chime-sdk-voice';
import { RemovalPolicy } from 'aws-cdk-lib';
import { ifFound, type Subject } from './subject';
import { PhoneNumber, PhoneNumberAssociation, PhoneNumberSource, VoiceConnector } from '../../src';

/** A number that calls a voice connector. Its stack contains nothing else: together with all other constructs, the policies exceed the quota of IAM. */
export const phoneNumber: Subject = {
  area: 'phone-number',
  construct: 'PhoneNumber',
  id: 'Hotline',
  type: 'Custom::RtcPhoneNumber',
  expected: (variant) => {
    switch (variant) {
      case 'created': return { state: { status: 'Assigned', name: 'Acceptance' } };
      case 'updated': return { state: { status: 'Assigned', name: 'Acceptance2' } };
      default: return undefined;
    }
  },
  build: (scope, variant, namePrefix) => {
    const number = new PhoneNumber(scope, 'Number', {
      source: PhoneNumberSource.local({ areaCode: '206' }),
      // The search for leftovers finds the number by this name.
      phoneNumberName: variant === 'created' ? 'Acceptance' : 'Acceptance2',
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const voiceConnector = new VoiceConnector(scope, 'Connector', { voiceConnectorName: `${namePrefix}-Hotline` });
    new PhoneNumberAssociation(scope, 'Calls', { voiceConnector, phoneNumber: number });
    return number.e164PhoneNumber;
  },
  observe: async (context, id) => {
    const found = await ifFound(context.client(ChimeSDKVoiceClient).send(new GetPhoneNumberCommand({ PhoneNumberId: id })));
    // A released number stays in the deletion queue for seven days.
    if (!found || found.PhoneNumber!.DeletionTimestamp) return undefined;
    return { status: found.PhoneNumber!.Status, name: found.PhoneNumber!.Name?.split(' ')[0] };
  },
};
