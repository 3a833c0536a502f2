import { type Duration, RemovalPolicy, Resource, Validations } from 'aws-cdk-lib';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct } from 'constructs';
import { type IPhoneNumber, ImportedPhoneNumber } from './phone-number-base';
import type { PhoneNumberSource } from './phone-number-source';
import { PHONE_NUMBER_POLICY } from './private/handler-policy';
import {
  ORDER_TIMEOUT, type PhoneNumberAttributes as Attributes, type PhoneNumberProperties, phoneNumberWarnings, validatePhoneNumber,
} from './private/phone-number';
import { warnAboutQuota } from './private/phone-number-quota';
import { PHONE_NUMBERS } from './private/regions';
import { PHONE_NUMBER_RESOURCE_TYPE } from './private/resource-types';
import { validateAdoptExisting } from '../private/adopt-existing';
import { brand, isBranded } from '../private/brand';
import { amountOf, knownPaths, validateTokenUnit } from '../private/concrete';
import { TIMING } from '../private/contract';
import { RtcCustomResource } from '../private/custom-resource';
import { throwIfInvalid } from '../private/errors';
import { warnAboutRegion } from '../private/region-warning';

/**
 * The product that a phone number is for. AWS bills a number by its product type.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_voice-chime_CreatePhoneNumberOrder.html
 */
export enum PhoneNumberProductType {
  /** Calls of a voice connector. US numbers only. */
  VOICE_CONNECTOR = 'VoiceConnector',

  /** Inbound calls of a SIP media application. Possible only in accounts that used SIP media applications before 2026-10-29. */
  SIP_MEDIA_APPLICATION_DIAL_IN = 'SipMediaApplicationDialIn',
}

/**
 * Properties of a phone number.
 */
export interface PhoneNumberProps {
  /**
   * The number to order: `PhoneNumberSource.local`, `PhoneNumberSource.tollFree`, or `PhoneNumberSource.exactly`. The account is billed for the number from
   * the order on, also while no voice connector uses the number. The deployment rejects a change of search criteria, because another search can only find
   * another number. A change to `PhoneNumberSource.exactly` with another number replaces the number.
   */
  readonly source: PhoneNumberSource;

  /**
   * The product that the number is for. Changed in place, while the number isn't associated.
   *
   * @default PhoneNumberProductType.VOICE_CONNECTOR
   */
  readonly productType?: PhoneNumberProductType;

  /**
   * A name for the number in the console: words of letters, digits, and `,._-` with one blank between them, up to 180 characters. The service stores the
   * name together with the owner mark of the library. Changed in place.
   *
   * @default - the owner mark alone
   */
  readonly phoneNumberName?: string;

  /**
   * The name that the called party sees: 2 to 15 letters, digits, or blanks. Changed in place. A change takes effect within 72 hours. The deployment doesn't
   * wait for it.
   *
   * @see https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_voice-chime_UpdatePhoneNumber.html
   * @default - the calling name stays as it is. If the property is removed, the calling name is removed
   */
  readonly callingName?: string;

  /**
   * The time that the order may take: whole seconds from 1 minute to 50 minutes. If the number isn't available by then, the deployment fails, and the
   * rollback releases the number. Changed in place, without effect on a number that was ordered before.
   *
   * @default Duration.minutes(15)
   */
  readonly orderTimeout?: Duration;

  /**
   * Whether to adopt the number of `PhoneNumberSource.exactly` if it is in the inventory of the account and has no owner mark. Nothing is ordered. An adopted
   * number is never released: with `RemovalPolicy.DESTROY`, its deletion only removes the owner mark. A number that another resource owns is never adopted.
   *
   * @default false - the deployment fails, and the number doesn't change
   */
  readonly adoptExisting?: boolean;

  /**
   * The region whose inventory has the number: us-east-1 or us-west-2. A change replaces the number, which orders another one.
   *
   * @default - the region of the stack
   */
  readonly region?: string;

  /**
   * A value whose change forces an update, such as a timestamp or the number of a build. Every update compares the number with these properties and corrects
   * the differences, for example after an out-of-band change. It never orders another number.
   *
   * @default - no forced update
   */
  readonly forceUpdateNonce?: string;

  /**
   * What happens to the number when it leaves the stack, or when another number replaces it. With RETAIN_ON_UPDATE_OR_DELETE, the number stays in the
   * inventory of the account and is billed, but a rollback of its first deployment releases it. With RETAIN, the number stays and is billed also after that
   * rollback. With DESTROY, the number is released: you can restore it for 7 days, then it is lost.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * A US phone number of the Amazon Chime SDK. A deployment orders the number once: no retry, no repeated delivery of a request, and no later deployment of
 * the same construct orders a second number.
 *
 * To receive and make calls with the number, associate it with a voice connector by a `PhoneNumberAssociation`.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/ag/provision-phone.html
 * @example
 *
 * const phoneNumber = new rtc.PhoneNumber(this, 'Reception', {
 *   source: rtc.PhoneNumberSource.local({ areaCode: '206' }),
 * });
 * new rtc.PhoneNumberAssociation(this, 'ReceptionCalls', {
 *   voiceConnector: new rtc.VoiceConnector(this, 'Trunk', { origination: { routes: [{ host: 'sip.example.com' }] } }),
 *   phoneNumber,
 * });
 */
@propertyInjectable
export class PhoneNumber extends Resource implements IPhoneNumber {
  /** The ID under which `PropertyInjectors` find this construct. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-rtc.PhoneNumber';

  /**
   * Returns whether a value is a `PhoneNumber`, also if another copy of this library in the app created it.
   *
   * For an imported number it returns false: the result of `fromE164PhoneNumber` is not this class.
   *
   * @param x The value to test.
   */
  public static isPhoneNumber(x: any): x is PhoneNumber {
    return isBranded(x, 'PhoneNumber');
  }

  /**
   * Imports a number that is in the inventory of the stack's account, for example a number that another stack orders. An import makes no call to the service
   * and doesn't order the number.
   *
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param e164PhoneNumber The number in E.164 format, such as `+12065550100`.
   * @param region The region whose inventory has the number. The default is the region of the stack.
   * @throws if the number is known at synth and isn't in E.164 format
   */
  public static fromE164PhoneNumber(scope: Construct, id: string, e164PhoneNumber: string, region?: string): IPhoneNumber {
    return ImportedPhoneNumber.fromE164PhoneNumber(scope, id, e164PhoneNumber, region);
  }

  public readonly e164PhoneNumber: string;

  /**
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param props The properties.
   * @throws if a property is outside of its limits: one error that lists all findings. A value that is known only at deployment is checked then.
   */
  constructor(scope: Construct, id: string, props: PhoneNumberProps) {
    super(scope, id, { region: props.region });
    brand(this, 'PhoneNumber');
    const { removalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE } = props;
    const properties: PhoneNumberProperties = {
      Source: props.source._properties,
      ProductType: props.productType ?? PhoneNumberProductType.VOICE_CONNECTOR,
      PhoneNumberName: props.phoneNumberName,
      CallingName: props.callingName,
      OrderTimeout: amountOf(props.orderTimeout, 'seconds') ?? ORDER_TIMEOUT.default,
      AdoptExisting: props.adoptExisting || undefined,
      Region: this.env.region,
      ForceUpdateNonce: props.forceUpdateNonce,
    };
    this.validate(props, properties);
    this.warn(properties, removalPolicy !== RemovalPolicy.DESTROY);
    const resource = new RtcCustomResource(this, 'Resource', {
      handlerPolicies: [PHONE_NUMBER_POLICY],
      resourceType: PHONE_NUMBER_RESOURCE_TYPE,
      properties: { ...properties },
      members: {
        'Source': ['Exactly', 'Local', 'TollFree'],
        'Source.Exactly': ['E164PhoneNumber'],
        'Source.Local': ['AreaCode', 'City', 'State'],
        'Source.TollFree': ['Prefix'],
      },
      removalPolicy,
      serviceTimeout: TIMING.longestServiceTimeout,
    });
    const e164PhoneNumber: keyof Attributes = 'E164PhoneNumber';
    this.e164PhoneNumber = resource.getAtt(e164PhoneNumber).toString();
  }

  private validate(props: PhoneNumberProps, properties: PhoneNumberProperties): void {
    throwIfInvalid(this, [
      ...validatePhoneNumber(properties, knownPaths(properties)),
      ...validateTokenUnit('orderTimeout', props.orderTimeout, 'seconds'),
      ...validateAdoptExisting(props.adoptExisting),
    ]);
  }

  private warn(properties: PhoneNumberProperties, isRetained: boolean): void {
    warnAboutRegion(this, 'PhoneNumber', PHONE_NUMBERS);
    warnAboutQuota(this);
    for (const { id, text } of phoneNumberWarnings(properties, isRetained)) Validations.of(this).addWarning(`cdk-rtc:PhoneNumber.${id}`, text);
  }
}
