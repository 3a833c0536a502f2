import type { ChimeSDKVoiceClient } from '@aws-sdk/client-chime-sdk-voice';
import { VoiceSetup, type VoiceSetupOptions } from './handler-setup';
import { chimeVoiceClient, phoneNumberOrderClient } from '../../lambda/chime-sdk-voice/client';
import { phoneNumberHandler } from '../../lambda/chime-sdk-voice/phone-number';
import { phoneNumberAssociationHandler } from '../../lambda/chime-sdk-voice/phone-number-association';
import { ServiceError } from '../../local/emulator/errors';
import { PHONE_NUMBER_ASSOCIATION_RESOURCE_TYPE, PHONE_NUMBER_RESOURCE_TYPE } from '../../src/chime-sdk-voice/private/resource-types';
import { ACCOUNT, REGION, STACK_ID } from '../handler-setup';
import { synthesisedPolicies } from '../synthesised-policies';

const policies = { numbers: synthesisedPolicies('phoneNumbers'), associations: synthesisedPolicies('phoneNumberAssociation') };

/* eslint-disable @typescript-eslint/no-explicit-any */

/** A number as the emulator holds it. */
export interface NumberState {
  readonly name: string;
  readonly status: string;
  readonly label: string;
  readonly productType: string;
  readonly callingName?: string;
  readonly holder?: string;
  readonly deleted?: number;
}

export interface OrderState {
  readonly status: string;
  readonly numbers: readonly { readonly number: string; readonly status: string }[];
}

/** A setup with the phone numbers of an account. */
abstract class NumberSetup extends VoiceSetup {
  numbers(): NumberState[] {
    return this.regions().flatMap(({ phoneNumbers }) => phoneNumbers);
  }

  number(name: string): NumberState | undefined {
    return this.numbers().find((number) => number.name === name);
  }

  orders(): OrderState[] {
    return this.regions().flatMap(({ phoneNumberOrders }) => phoneNumberOrders);
  }

  /** The numbers that an order acquired, or still may. */
  ordered(): string[] {
    return this.orders().flatMap(({ numbers }) => numbers).filter(({ status }) => status !== 'Failed').map(({ number }) => number);
  }

  /** The numbers that are billed. */
  billed(): string[] {
    return this.numbers().filter(({ deleted, status }) => deleted === undefined && status !== 'AcquireFailed').map(({ name }) => name);
  }

  /** Orders a number as an operator does in the console. */
  async order(number: string, name = '', region = REGION): Promise<void> {
    const now = this.clock.now();
    this.emulator.service('chime-sdk-voice').operations.CreatePhoneNumberOrder!
      .run({ E164PhoneNumbers: [number], ProductType: 'VoiceConnector', Name: name }, { account: ACCOUNT, region, now, readAt: now });
    await this.clock.sleep(10_000);
  }

  /** Changes the responses of an operation, as a service does that answers otherwise than the emulator. */
  changeResponses(operation: string, change: (response: any) => unknown): void {
    const target = this.emulator.service('chime-sdk-voice').operations[operation] as { run: (...args: unknown[]) => unknown };
    const { run } = target;
    target.run = (...args) => change(run(...args));
  }

  /** For some milliseconds, no read shows any number, as reads lag behind writes. */
  hideNumbers(milliseconds: number): void {
    const until = this.clock.now() + milliseconds;
    const isHidden = () => this.clock.now() < until;
    this.changeResponses('GetPhoneNumber', (response) => {
      if (isHidden()) throw new ServiceError('NotFoundException', 'The phone number does not exist.');
      return response;
    });
    this.changeResponses('ListPhoneNumbers', (response) => isHidden() ? { PhoneNumbers: [] } : response);
  }

  /** For some milliseconds, no read shows the name of a number. */
  hideNames(milliseconds: number): void {
    const until = this.clock.now() + milliseconds;
    const nameless = ({ Name, ...others }: any) => this.clock.now() < until ? others : { Name, ...others };
    this.changeResponses('GetPhoneNumber', ({ PhoneNumber }) => ({ PhoneNumber: nameless(PhoneNumber) }));
    this.changeResponses('ListPhoneNumbers', ({ PhoneNumbers, ...page }) => ({ ...page, PhoneNumbers: PhoneNumbers.map(nameless) }));
  }

  /** Shows one more order, placed now. */
  addOrder(members: Readonly<Record<string, unknown>>): void {
    const now = new Date(this.clock.now());
    const order = {
      PhoneNumberOrderId: '0f3a1f6e-0000-4000-8000-000000000000', ProductType: 'VoiceConnector', OrderType: 'New', CreatedTimestamp: now, UpdatedTimestamp: now, ...members,
    };
    this.changeResponses('ListPhoneNumberOrders', (response) => ({ ...response, PhoneNumberOrders: [...response.PhoneNumberOrders, order] }));
  }

  private regions() {
    return this.emulator.state()['chime-sdk-voice'] as { readonly phoneNumbers: NumberState[]; readonly phoneNumberOrders: OrderState[] }[];
  }
}

export class PhoneNumberSetup extends NumberSetup {
  /** The SDK can't read the response to an order. */
  unreadableOrder = false;

  constructor(options: VoiceSetupOptions = {}) {
    super(PHONE_NUMBER_RESOURCE_TYPE, policies.numbers, options);
  }

  resource(logicalId = 'Hotline', stack = STACK_ID) {
    return super.resource(logicalId, stack);
  }

  protected handler() {
    return phoneNumberHandler({
      region: REGION,
      clock: this.clock,
      client: this.clientsOf('chime-sdk-voice', chimeVoiceClient),
      orderClient: this.clientsOf('chime-sdk-voice', (region) => this.misreading(phoneNumberOrderClient(region))),
    });
  }

  private misreading(client: ChimeSDKVoiceClient): ChimeSDKVoiceClient {
    client.middlewareStack.add((next) => async (input) => {
      const output = await next(input);
      if (this.unreadableOrder) throw new TypeError('Expected real number, got implicit undefined');
      return output;
    }, { step: 'deserialize', priority: 'high' });
    return client;
  }
}

export class PhoneNumberAssociationSetup extends NumberSetup {
  constructor(options: VoiceSetupOptions = {}) {
    super(PHONE_NUMBER_ASSOCIATION_RESOURCE_TYPE, policies.associations, options);
  }

  resource(logicalId = 'HotlineCalls', stack = STACK_ID) {
    return super.resource(logicalId, stack);
  }

  protected handler() {
    return phoneNumberAssociationHandler({ client: this.clientsOf('chime-sdk-voice', chimeVoiceClient) });
  }
}
