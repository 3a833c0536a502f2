import { ServiceError } from '../errors';
import { Edit } from '../service';
import { Context } from './lookup';
import { release } from './phone-numbers';
import { PhoneNumber } from './state';

/**
 * An out-of-band change of a phone number, immediately and without the service's checks.
 *
 * release (into the deletion queue), name, productType, callingName, voiceConnectorId (null: disassociated),
 * status (Assigned: something that the service doesn't name uses the number).
 */
export interface PhoneNumberEdit extends Edit {
  readonly release?: boolean;
  readonly name?: string;
  readonly productType?: string;
  readonly callingName?: string;
  readonly voiceConnectorId?: string | null;
  readonly status?: 'Assigned' | 'Unassigned';
}

const known = ['service', 'resource', 'release', 'name', 'productType', 'callingName', 'voiceConnectorId', 'status'];

export function isNumberEdit({ resource }: Edit): boolean {
  return resource.startsWith('+');
}

export function applyNumberEdit(context: Context, given: Edit, now: number): void {
  const edit = given as PhoneNumberEdit;
  const unknown = Object.keys(edit).find(key => !known.includes(key));
  if (unknown) throw new ServiceError('InvalidEdit', `unknown edit ${unknown}; known: ${known.join(', ')}`, 400);
  const region = context.state.all().find(({ numbers }) => numbers.byName(edit.resource, now));
  const number = region?.numbers.byName(edit.resource, now);
  if (!region || !number) throw new ServiceError('InvalidEdit', `no phone number ${edit.resource}`, 404);
  if (edit.release) return release(context, region, number, now);
  const { name = number.label, productType = number.productType, callingName = number.callingName, voiceConnectorId, status = number.status } = edit;
  const holder: Partial<PhoneNumber> = voiceConnectorId === null
    ? { holder: undefined, status: 'Unassigned' } : { holder: voiceConnectorId, status: 'Assigned' };
  region.numbers.change(number.arn, now, current => ({
    ...current,
    label: name,
    productType,
    callingName,
    status,
    ...voiceConnectorId === undefined ? {} : holder,
    updated: now,
  }));
}
