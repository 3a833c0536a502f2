/** The connection settings of every SDK client: a call ends long before the time budget of an invocation. */
export const REQUEST_HANDLER = { connectionTimeout: 2_000, requestTimeout: 4_000, throwOnRequestTimeout: true } as const;

/** The settings of an SDK client that retries throttled and interrupted calls, and slows down when the service throttles. */
export function clientSettings(region: string) {
  return { region, retryMode: 'adaptive', maxAttempts: 3, requestHandler: REQUEST_HANDLER } as const;
}
