import { CallContext, Input } from '../service';
import { connectorById, Context } from './lookup';
import { numberOptions, returnedId } from './phone-numbers';
import { PhoneNumber, Region } from './state';

/** The numbers of a call, each of which can fail alone. */
export function numbersOf({ E164PhoneNumbers = [] }: Input): string[] {
  return E164PhoneNumbers;
}

interface NumberError {
  readonly code: string;
  readonly message: string;
}

export function associatePhoneNumbers(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const { id } = connectorById(context, call, input.VoiceConnectorId, call.now);
  return eachNumber(context, input, call, (number, region) => {
    if (number.holder === id) return undefined;
    if (number.productType !== 'VoiceConnector' || call.now < number.readyFrom) return { code: 'BadRequest', message: 'Service received a bad request' };
    if (number.holder !== undefined && !input.ForceAssociate) return { code: 'PhoneNumberAssociationsExist', message: 'The phone number is associated already.' };
    region.numbers.change(number.arn, call.now, current => ({ ...current, status: 'Assigned', holder: id, updated: call.now }));
    return undefined;
  });
}

export function disassociatePhoneNumbers(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const { id } = connectorById(context, call, input.VoiceConnectorId, call.now);
  const { unready = 1000 } = numberOptions(context);
  return eachNumber(context, input, call, (number, region) => {
    if (number.holder !== id) return { code: 'NotFound', message: 'The phone number is not associated with this Voice Connector.' };
    region.numbers.change(number.arn, call.now, current => (
      { ...current, status: 'Unassigned', holder: undefined, updated: call.now, readyFrom: call.now + unready }
    ));
    return undefined;
  });
}

/** The failures of single numbers come in a response with status 200. */
function eachNumber(
  context: Context, input: Input, call: CallContext, act: (number: PhoneNumber, region: Region) => NumberError | undefined,
): Record<string, unknown> {
  const region = context.state.of(call.account, call.region);
  return {
    PhoneNumberErrors: numbersOf(input).flatMap((name) => {
      const number = region.numbers.byName(name, call.now);
      const isUsable = number !== undefined && number.visibleFrom <= call.now && ['Unassigned', 'Assigned'].includes(number.status);
      const error = call.itemErrors?.get(name)
        ?? (isUsable ? act(number, region) : { code: 'NotFound', message: 'The phone number does not exist.' });
      return error ? [{ PhoneNumberId: returnedId(name), ErrorCode: error.code, ErrorMessage: error.message }] : [];
    }),
  };
}
