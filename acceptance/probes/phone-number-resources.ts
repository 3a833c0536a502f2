import {
  ChimeSDKVoiceClient, CreatePhoneNumberOrderCommand, DeletePhoneNumberCommand, GetPhoneNumberCommand, ListPhoneNumbersCommand, type PhoneNumber,
  SearchAvailablePhoneNumbersCommand,
} from '@aws-sdk/client-chime-sdk-voice';
import { answerOf, asError, ask, nameOf, readUntil, using } from './support';
import type { ProbeContext } from '../fact';
import { pagesOf } from '../pages';

/** Seconds in which an order is complete, and in which a number that was just acquired can be released. */
const ORDER_TIME = 300;
const RELEASE_TIME = 120;

const RELEASED = ['ReleaseInProgress', 'DeleteInProgress'];

/** A toll-free number that was just ordered. AWS bills it from the order on. */
export interface OrderedNumber {
  /** The name that the order gave the number. */
  readonly name: string;
  untilAcquired(): Promise<void>;
  read(): Promise<PhoneNumber | undefined>;
  /** Orders the same number again. */
  order(): Promise<unknown>;
  /** Moves the number into the deletion queue, where it stays for 7 days. */
  release(): Promise<void>;
}

export async function withPhoneNumber<T>(context: ProbeContext, fact: string, work: (number: OrderedNumber) => Promise<T>): Promise<T> {
  const client = context.client(ChimeSDKVoiceClient);
  const name = nameOf(context, fact);
  const read = async (PhoneNumberId: string) => (await client.send(new GetPhoneNumberCommand({ PhoneNumberId }))).PhoneNumber;
  const release = (PhoneNumberId: string) => ask(context, () => client.send(new DeletePhoneNumberCommand({ PhoneNumberId })));
  return using(context, {
    kind: 'phone number',
    name,
    find: async () => (await numbers(context, client)).filter((one) => one.Name === name && !RELEASED.includes(one.Status ?? '')).map(({ E164PhoneNumber }) => E164PhoneNumber!),
    delete: async (number) => {
      await untilAcquired(context, () => read(number));
      await release(number);
    },
  }, async () => {
    const { E164PhoneNumbers: [number] = [] } = await ask(context, () => client.send(new SearchAvailablePhoneNumbersCommand({
      Country: 'US', PhoneNumberType: 'TollFree', TollFreePrefix: '833', MaxResults: 1,
    })));
    if (number === undefined) throw new Error('The service offers no toll-free number with the prefix 833.');
    const order = () => client.send(new CreatePhoneNumberOrderCommand({ E164PhoneNumbers: [number], Name: name, ProductType: 'VoiceConnector' }));
    await ask(context, order);
    return work({
      name,
      untilAcquired: () => untilAcquired(context, () => read(number)),
      read: () => read(number),
      order,
      release: async () => {
        // A number that was just acquired is refused for a while.
        const { refusal } = await readUntil(context, RELEASE_TIME, () => answerOf(context, () => release(number)), (answer) => !answer.refusal);
        if (refusal) throw asError(refusal);
      },
    });
  });
}

async function untilAcquired(context: ProbeContext, read: () => Promise<PhoneNumber | undefined>): Promise<void> {
  await readUntil(context, ORDER_TIME, () => answerOf(context, read), ({ value }) => value !== undefined && value.Status !== 'AcquireInProgress');
}

async function numbers(context: ProbeContext, client: ChimeSDKVoiceClient) {
  return pagesOf(async (NextToken) => {
    const page = await ask(context, () => client.send(new ListPhoneNumbersCommand({ MaxResults: 99, NextToken })));
    return { items: page.PhoneNumbers, next: page.NextToken };
  });
}
