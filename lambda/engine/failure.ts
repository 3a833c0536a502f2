import { describeError } from './error-classes';
import { maskPhoneNumbers } from './log';

/** Bytes of an answer to CloudFormation, all of its members included. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html */
const MAX_ANSWER = 4096;

/** Bytes that the provider framework adds to the message: where the log is, with the longest name of a function, and members without a value. */
const FRAMEWORK_ADDS = 256;

/** Of a message that must be cut: its beginning says what is wrong, its end what to do. */
const SHARE_OF_BEGINNING = 2 / 3;

/** However long the ids of a request are, so much of a message is left. */
const MIN_MESSAGE = 256;

/** The physical ID that the provider framework reports for a Create that has failed. */
const CREATE_FAILED = 'AWSCDK::CustomResourceProviderFramework::CREATE_FAILED';

/** The members of a request that the answer repeats. */
export interface Answered {
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
}

/**
 * What a handler throws, in a form that CloudFormation can show: an answer that is longer than 4,096 bytes fails with "Response object is too
 * long" instead. A new error: that of the SDK holds the whole request and response.
 *
 * @param onCut called with the whole message, if it had to be cut
 */
export function failureOf(error: unknown, request: Answered, onCut: (message: string) => void): Error {
  // The service's own words may hold a phone number, which is personal data.
  const message = maskPhoneNumbers(`${request.LogicalResourceId}: ${describeError(error)}`);
  const bounded = boundText(message, messageBytes(request));
  if (bounded !== message) onCut(message);
  const failure = new Error(bounded);
  // Not undefined: runtimes split it. One line: the framework puts all lines but the first behind the message.
  failure.stack = `Error: ${bounded.split('\n')[0]}`;
  return failure;
}

/** Pure: the bytes that a message may have in the answer to a request. */
export function messageBytes({ StackId, RequestId, LogicalResourceId, PhysicalResourceId = CREATE_FAILED }: Answered): number {
  const rest = JSON.stringify({ Status: 'FAILED', Reason: '', StackId, RequestId, PhysicalResourceId, LogicalResourceId });
  return Math.max(MIN_MESSAGE, MAX_ANSWER - Buffer.byteLength(rest) - FRAMEWORK_ADDS);
}

/** Pure: a text of at most so many bytes in JSON, with its beginning and its end. */
export function boundText(text: string, maxBytes: number): string {
  if (jsonBytes(text) <= maxBytes) return text;
  const characters = [...text];
  const marker = (leftOut: number) => ` [… ${leftOut} characters are left out here; the log has the whole message] `;
  const room = maxBytes - jsonBytes(marker(characters.length));
  const beginning = countThatFit(characters, room * SHARE_OF_BEGINNING);
  const end = countThatFit(characters.slice(beginning).reverse(), room * (1 - SHARE_OF_BEGINNING));
  const leftOut = characters.length - beginning - end;
  return `${characters.slice(0, beginning).join('')}${marker(leftOut)}${characters.slice(characters.length - end).join('')}`;
}

/** Of characters that don't all fit. */
function countThatFit(characters: readonly string[], maxBytes: number): number {
  let bytes = 0;
  return characters.findIndex((character) => {
    bytes += jsonBytes(character);
    return bytes > maxBytes;
  });
}

/** Escaped as in JSON, without the quotes. Lambda's runtime writes DEL as three characters. */
function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text.replace(/\x7f/g, '%7F'))) - 2;
}
