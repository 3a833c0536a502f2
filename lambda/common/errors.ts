/**
 * What a service's error means for us, decided once.
 *
 * - gone: the thing does not exist
 * - busy: the service cannot do it now, or the outcome is not known: look again
 * - throttled: too many requests: look again, a little later
 * - conflict: somebody else changed it meanwhile: look again
 * - denied: not allowed, or not allowed yet
 * - terminal: no repetition helps
 */
export type Decision = 'gone' | 'busy' | 'throttled' | 'conflict' | 'denied' | 'terminal';

/** Fails the operation now; the message is all that the user sees. */
export class TerminalError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TerminalError';
  }
}

/** Passes by itself: look again. */
export class PassingError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PassingError';
  }
}

/** The names that all AWS services share; a service's own come from its file. */
const COMMON: Record<string, Decision> = {
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
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly $response?: unknown;
}

/** Pure: an error in, its meaning out. */
export function decide(error: unknown, service: Record<string, Decision> = {}): Decision {
  if (error instanceof TerminalError) return 'terminal';
  if (error instanceof PassingError) return 'conflict';
  const { name = '', $metadata } = (error ?? {}) as ServiceError;
  const status = $metadata?.httpStatusCode;
  const known = service[name] ?? COMMON[name];
  if (known) return known;
  if (status === 429) return 'throttled';
  if (status !== undefined && status >= 500) return 'busy';
  // Aborted, timed out, connection lost: no status, and nobody knows whether the service did it.
  return isTransport(error) ? 'busy' : 'terminal';
}

const TRANSPORT = /\b(AbortError|TimeoutError|RequestTimeout|ECONN\w+|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|socket hang up)\b/;

function isTransport(error: unknown): boolean {
  const { name, code, message, $response } = (error ?? {}) as ServiceError & { code?: string };
  return TRANSPORT.test(`${name} ${code} ${message}`)
    // A response that is cut short: the SDK meets it while reading.
    || (name === 'SyntaxError' && $response !== undefined);
}

/** The service's own words, with its request id, for people who ask AWS. */
export function describeError(error: unknown): string {
  const { name, message, exceptionMessage, $metadata } = (error ?? {}) as ServiceError;
  if (error instanceof TerminalError || error instanceof PassingError) return error.message;
  // The IVS model calls it exceptionMessage, and the SDK then knows only 'UnknownError'.
  const words = exceptionMessage ?? message ?? String(error);
  return $metadata?.requestId ? `${name}: ${words} (request id ${$metadata.requestId})` : `${name ?? 'Error'}: ${words}`;
}
