/** Why a call or a step failed. */
export type ProblemKind = 'denied permission' | 'throttled account' | 'expired session' | 'unreachable service' | 'missing credentials' | 'interrupted' | 'error';

export interface Problem {
  readonly kind: ProblemKind;
  readonly message: string;
}

/** Ends a step after Ctrl-C. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  constructor() {
    super('The run was interrupted.');
  }
}

const BY_NAME: readonly [RegExp, ProblemKind][] = [
  [/^Interrupted$/, 'interrupted'],
  [/^(ExpiredToken(Exception)?|TokenRefreshRequired|RequestExpired|InvalidClientTokenId|UnrecognizedClientException)$/, 'expired session'],
  [/^(CredentialsProviderError|TokenProviderError)$/, 'missing credentials'],
  [/^(AccessDenied(Exception)?|Forbidden(Exception)?|UnauthorizedOperation|NotAuthorizedException)$/, 'denied permission'],
  [/^(Throttl\w*|TooManyRequests(Exception)?|ClientLimitExceededException|RequestLimitExceeded|ServiceQuotaExceededException|LimitExceededException)$/, 'throttled account'],
  [/^(TimeoutError|NetworkingError|ENOTFOUND|ECONNREFUSED|ECONNRESET)$/, 'unreachable service'],
];

const BY_MESSAGE: readonly [RegExp, ProblemKind][] = [
  [/ExpiredToken|(token|session|credentials)[^.]{0,40} (has |have )?expired|security token included in the request is (expired|invalid)/i, 'expired session'],
  [/Could not load credentials|Unable to resolve AWS account|no credentials have been configured/i, 'missing credentials'],
  [/is not authorized to perform|AccessDenied|Access denied/i, 'denied permission'],
  [/Rate exceeded|Throttling|Too Many Requests/i, 'throttled account'],
  [/ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN/, 'unreachable service'],
];

/** Classifies what a step, a probe, or a deletion threw. */
export function problemOf(error: unknown): Problem {
  const { name = 'Error', message = String(error), code, cause } = error as Error & { code?: string };
  const known = [name, code ?? ''].flatMap((text) => BY_NAME.filter(([pattern]) => pattern.test(text)));
  const kind = known[0]?.[1] ?? BY_MESSAGE.find(([pattern]) => pattern.test(message))?.[1];
  if (kind === undefined && cause instanceof Error) return problemOf(cause);
  return { kind: kind ?? 'error', message };
}

/** One line for the report. */
export function describeProblem(error: unknown): string {
  const { kind, message } = problemOf(error);
  return kind === 'error' ? message : `${kind}: ${message}`;
}
