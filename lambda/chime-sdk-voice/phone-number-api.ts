import {
  type ChimeSDKVoiceClient, CreatePhoneNumberOrderCommand, DeletePhoneNumberCommand, GetPhoneNumberCommand, ListPhoneNumberOrdersCommand,
  ListPhoneNumbersCommand, type PhoneNumber, type PhoneNumberOrder, type PhoneNumberProductType, RestorePhoneNumberCommand,
  SearchAvailablePhoneNumbersCommand, UpdatePhoneNumberCommand,
} from '@aws-sdk/client-chime-sdk-voice';
import { type OwnerMark, readName } from './owner-mark';
import type { PhoneNumberSourceProperties } from '../../src/chime-sdk-voice/private/phone-number';
import { CHIME_ERROR_CLASSES } from '../chime-error-classes';
import { markingUnknownOutcome, unlessGone } from '../engine/error-classes';

/** A phone number of the inventory of the account. */
export interface ObservedNumber {
  readonly number: string;
  readonly status: string;
  readonly productType?: string;
  readonly callingName?: string;
  readonly isCallingNameChanging: boolean;
  /** The name without the owner mark. */
  readonly words?: string;
  readonly mark?: OwnerMark;
  /** In the deletion queue, or on the way there. The status of such a number is unverified (F-88). */
  readonly released: boolean;
  /** Milliseconds. */
  readonly createdAt: number;
  /** Milliseconds. */
  readonly updatedAt: number;
  /** The IDs of the voice connectors, voice connector groups, and SIP rules that use the number. */
  readonly holders: readonly string[];
}

/** The order of one number. Orders have no name. */
export interface NumberOrder {
  readonly number: string;
  /** `processing`: the service may still acquire the number. */
  readonly state: 'processing' | 'acquired' | 'failed';
  readonly status: string;
  /** The number comes from another carrier, so the order isn't one of this library. */
  readonly isPorting: boolean;
  /** Milliseconds. */
  readonly createdAt: number;
  /** Milliseconds. */
  readonly updatedAt: number;
}

/** Numbers a page. The service allows up to 500 results of a search. */
const SEARCH_RESULTS = 500;
const PAGE = 99;

const RELEASING = ['ReleaseInProgress', 'DeleteInProgress'];
/** The number is in the inventory, and no operation of the service is in progress. */
const SETTLED = ['Unassigned', 'Assigned', 'ReleaseFailed', 'DeleteFailed'];
const FAILED_ORDER = ['Failed', 'Cancelled'];

/** One property of a phone number. */
export type NumberChange = { readonly Name: string } | { readonly ProductType: string } | { readonly CallingName: string };

export interface PhoneNumberClients {
  readonly client: ChimeSDKVoiceClient;
  /** Sends each order once. */
  readonly orderClient: ChimeSDKVoiceClient;
}

/**
 * The phone numbers and orders of one region. Numbers are identified by `E164PhoneNumber`: the service returns `PhoneNumberId` with an encoded plus sign,
 * which the SDK would encode again.
 */
export class PhoneNumberApi {
  constructor(private readonly clients: PhoneNumberClients, private readonly abortSignal: AbortSignal) {}

  public async find(number: string): Promise<ObservedNumber | undefined> {
    return unlessGone(CHIME_ERROR_CLASSES, async () => {
      const { PhoneNumber: found } = await this.clients.client.send(new GetPhoneNumberCommand({ PhoneNumberId: number }), this.options);
      return found && toObserved(found);
    });
  }

  public async list(): Promise<ObservedNumber[]> {
    return (await pages(async (NextToken) => {
      const { PhoneNumbers = [], ...page } = await this.clients.client.send(
        new ListPhoneNumbersCommand({ MaxResults: PAGE, NextToken }), this.options,
      );
      return { items: PhoneNumbers, next: page.NextToken };
    })).map(toObserved);
  }

  public async orders(): Promise<NumberOrder[]> {
    return (await pages(async (NextToken) => {
      const { PhoneNumberOrders = [], ...page } = await this.clients.client.send(
        new ListPhoneNumberOrdersCommand({ MaxResults: PAGE, NextToken }), this.options,
      );
      return { items: PhoneNumberOrders, next: page.NextToken };
    })).flatMap(toOrders);
  }

  /** The numbers for sale that match the criteria, which reserves none of them. */
  public async search({ Local, TollFree }: PhoneNumberSourceProperties): Promise<string[]> {
    const { E164PhoneNumbers = [] } = await this.clients.client.send(new SearchAvailablePhoneNumbersCommand({
      Country: 'US',
      MaxResults: SEARCH_RESULTS,
      ...TollFree
        ? { PhoneNumberType: 'TollFree', TollFreePrefix: TollFree.Prefix }
        : { PhoneNumberType: 'Local', AreaCode: Local?.AreaCode, State: Local?.State, City: Local?.City },
    }), this.options);
    return E164PhoneNumbers;
  }

  public async order(number: string, name: string, productType: string): Promise<void> {
    const command = new CreatePhoneNumberOrderCommand({
      E164PhoneNumbers: [number], Name: name, ProductType: productType as PhoneNumberProductType,
    });
    await markingUnknownOutcome(CHIME_ERROR_CLASSES, () => this.clients.orderClient.send(command, this.options));
  }

  /** The service changes one property per call. */
  public async update(number: string, change: NumberChange): Promise<void> {
    await this.clients.client.send(new UpdatePhoneNumberCommand({ PhoneNumberId: number, ...change as object }), this.options);
  }

  public async restore(number: string): Promise<void> {
    const command = new RestorePhoneNumberCommand({ PhoneNumberId: number });
    await markingUnknownOutcome(CHIME_ERROR_CLASSES, () => this.clients.client.send(command, this.options));
  }

  public async release(number: string): Promise<void> {
    await unlessGone(CHIME_ERROR_CLASSES, () => this.clients.client.send(new DeletePhoneNumberCommand({ PhoneNumberId: number }), this.options));
  }

  private get options() {
    return { abortSignal: this.abortSignal };
  }
}

/** Pure: whether the service is done with the last operation on the number, so that the number can be used. */
export function isSettled({ status }: ObservedNumber): boolean {
  return SETTLED.includes(status);
}

async function pages<T>(read: (token: string | undefined) => Promise<{ readonly items: readonly T[]; readonly next?: string }>): Promise<T[]> {
  const all: T[] = [];
  let token: string | undefined;
  do {
    const { items, next } = await read(token);
    all.push(...items);
    token = next;
  } while (token !== undefined);
  return all;
}

function toObserved(found: PhoneNumber): ObservedNumber {
  const { Status = '', DeletionTimestamp } = found;
  return {
    number: found.E164PhoneNumber!,
    status: Status,
    productType: found.ProductType,
    callingName: found.CallingName || undefined,
    isCallingNameChanging: found.CallingNameStatus === 'UpdateInProgress',
    ...readName(found.Name),
    released: RELEASING.includes(Status) || (DeletionTimestamp !== undefined && !SETTLED.includes(Status)),
    createdAt: found.CreatedTimestamp?.getTime() ?? 0,
    updatedAt: found.UpdatedTimestamp?.getTime() ?? 0,
    holders: (found.Associations ?? []).map(({ Value }) => Value!),
  };
}

function toOrders({ Status, OrderType, CreatedTimestamp, UpdatedTimestamp, OrderedPhoneNumbers = [] }: PhoneNumberOrder): NumberOrder[] {
  const orderStatus: string = Status ?? '';
  return OrderedPhoneNumbers.map(({ E164PhoneNumber, Status: status }) => ({
    number: E164PhoneNumber!,
    status: orderStatus,
    // The order says less than its numbers: a partial order has numbers in each state.
    state: status === 'Acquired' || orderStatus === 'Successful' ? 'acquired'
      : status === 'Failed' || FAILED_ORDER.includes(orderStatus) ? 'failed' : 'processing',
    isPorting: OrderType === 'Porting',
    createdAt: CreatedTimestamp?.getTime() ?? 0,
    updatedAt: UpdatedTimestamp?.getTime() ?? 0,
  }));
}

/** Pure: a phone number as messages and log lines show it, because it is personal data. */
export function masked(number: string): string {
  return `+…${number.slice(-4)}`;
}

/** Pure: the command that restores a number of the deletion queue, for messages. */
export function restoreCommand(region: string): string {
  return `aws chime-sdk-voice restore-phone-number --region ${region} --phone-number-id NUMBER`;
}
