/**
 * The class of a service's error, which decides whether a handler retries.
 *
 * - gone: the resource doesn't exist
 * - busy: the service can't do it now, or the outcome is unknown; read again
 * - throttled: too many requests; read again later
 * - conflict: another caller changed the resource; read again
 * - denied: not allowed, or not allowed yet
 * - unreachable: no connection was made, so the service did nothing; read again
 * - terminal: a retry doesn't help
 */
export type ErrorClass = 'gone' | 'busy' | 'throttled' | 'conflict' | 'denied' | 'unreachable' | 'terminal';

/** Fails the operation now; the message is all that the user sees. */
export class TerminalError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TerminalError';
  }
}

/** Passes by itself: look again. */
export class TransientError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TransientError';
  }
}

/** The names that all AWS services share; a service's own come from its file. */
const COMMON: Record<string, ErrorClass> = {
  AccessDenied: 'denied',
  AccessDeniedException: 'denied',
  UnauthorizedClientException: 'denied',
  UnrecognizedClientException: 'denied',
  InvalidClientTokenId: 'denied',
  ExpiredTokenException: 'denied',
  Throttling: 'throttled',
  ThrottlingException: 'throttled',
  ThrottledException: 'throttled',
  TooManyRequestsException: 'throttled',
  RequestLimitExceeded: 'throttled',
};

interface ServiceError {
  readonly name?: string;
  readonly message?: string;
  readonly exceptionMessage?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string; readonly attempts?: number };
  readonly $response?: unknown;
}

/** Pure: an error in, its meaning out. */
export function classify(error: unknown, service: Record<string, ErrorClass> = {}): ErrorClass {
  if (error instanceof TerminalError) return 'terminal';
  if (error instanceof TransientError) return 'conflict';
  const { name = '', $metadata } = (error ?? {}) as ServiceError;
  const status = $metadata?.httpStatusCode;
  const known = service[name] ?? COMMON[name];
  if (known) return known;
  if (status === 429) return 'throttled';
  if (status !== undefined && status >= 500) return 'busy';
  return classifyTransport(error);
}

const UNREACHABLE = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH)\b/;

/** Aborted, timed out, or connection lost: there is no status, and the outcome is unknown. */
const TRANSPORT = /\b(AbortError|TimeoutError|RequestTimeout|ECONN\w+|EPIPE|ETIMEDOUT|socket hang up)\b/;

function classifyTransport(error: unknown): ErrorClass {
  const { name, code, message, $response } = (error ?? {}) as ServiceError & { code?: string };
  const text = `${name} ${code} ${message}`;
  if (UNREACHABLE.test(text)) return 'unreachable';
  // A response that is cut short: the SDK meets it while reading.
  return TRANSPORT.test(text) || (name === 'SyntaxError' && $response !== undefined) ? 'busy' : 'terminal';
}

/** Pure: for a call that reads what an earlier attempt of a create may have created. */
export const isNotTerminal = (errorClass: ErrorClass): boolean => errorClass !== 'terminal';

/**
 * A call that creates something. Its error is marked if the call may have created it all the same: if the error's class says so, or if the SDK
 * repeated the call and shows only the last of its errors.
 */
export async function markingUnknownOutcome<T>(
  errorClasses: Record<string, ErrorClass>, call: () => Promise<T>, isUnknown: (errorClass: ErrorClass) => boolean = (errorClass) => errorClass === 'busy',
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const attempts = (error as ServiceError).$metadata?.attempts ?? 1;
    if (isUnknown(classify(error, errorClasses)) || attempts > 1) Object.assign(error as Error, { isOutcomeUnknown: true });
    throw error;
  }
}

/** Characters of a secret in a row that tell something of it; less may be chance, or its beginning, which names a region. */
const TELLING = 16;

const WITHHELD = 'the service repeats what is secret, so its words are left out';

/** A call of which secrets are part. An error that repeats one keeps its name, and loses its words. */
export async function withholding<T>(secrets: readonly string[], call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const { message, exceptionMessage } = error as ServiceError;
    throw tells(`${message} ${exceptionMessage}`, secrets) ? withoutWords(error, WITHHELD) : error;
  }
}

/** The same error, with its name and request ID, and with the text in place of the service's words. */
export function withoutWords(error: unknown, text: string): unknown {
  const { name, exceptionMessage } = error as ServiceError;
  return Object.assign(error as Error, { message: text, stack: `${name}: ${text}` }, exceptionMessage === undefined ? {} : { exceptionMessage: text });
}

function tells(words: string, secrets: readonly string[]): boolean {
  const parts = secrets.flatMap((secret) => Array.from({ length: secret.length - TELLING + 1 }, (_, at) => secret.slice(at, at + TELLING)));
  return parts.some((part) => words.includes(part));
}

/** The result of a call, or undefined if the resource doesn't exist. */
export async function unlessGone<T>(errorClasses: Record<string, ErrorClass>, call: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (classify(error, errorClasses) === 'gone') return undefined;
    throw error;
  }
}

export function isOutcomeUnknown(error: unknown): boolean {
  return (error as { isOutcomeUnknown?: boolean }).isOutcomeUnknown === true;
}

/** The service's own words, with its request id, for people who ask AWS. */
export function describeError(error: unknown): string {
  const { name, message, exceptionMessage, $metadata } = (error ?? {}) as ServiceError;
  if (error instanceof TerminalError || error instanceof TransientError) return error.message;
  // The parser shows what it stumbled over, which may be the end of a secret.
  if (name === 'SyntaxError') return 'SyntaxError: the answer of the service is not what it should be, and could not be read';
  // The IVS model calls it exceptionMessage, and the SDK then knows only 'UnknownError'.
  const words = exceptionMessage ?? message ?? String(error);
  return $metadata?.requestId ? `${name}: ${words} (request id ${$metadata.requestId})` : `${name ?? 'Error'}: ${words}`;
}
