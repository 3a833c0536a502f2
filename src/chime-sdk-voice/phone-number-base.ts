import { type IResource, Resource } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { validateE164PhoneNumber } from './private/e164-phone-number';
import { concrete } from '../private/concrete';
import { throwIfInvalid } from '../private/errors';
import { validateRegion } from '../private/region-validation';

/**
 * A phone number in the inventory of an account, ordered by a stack or imported.
 */
export interface IPhoneNumber extends IResource {
  /**
   * The number in E.164 format, such as `+12065550100`.
   *
   * @attribute
   */
  readonly e164PhoneNumber: string;
}

export class ImportedPhoneNumber extends Resource implements IPhoneNumber {
  public static fromE164PhoneNumber(scope: Construct, id: string, e164PhoneNumber: string, region?: string): IPhoneNumber {
    throwIfInvalid(scope, [...validateE164PhoneNumber('e164PhoneNumber', concrete(e164PhoneNumber)), ...validateRegion('region', concrete(region))], id);
    return new ImportedPhoneNumber(scope, id, e164PhoneNumber, region);
  }

  private constructor(scope: Construct, id: string, public readonly e164PhoneNumber: string, region?: string) {
    super(scope, id, { region });
  }
}
