/** The quota of concurrent AWS Lambda executions that an account has in one region. */
export class Concurrency {
  /** The most executions that there were at once. */
  peak = 0;
  /** Invocations that were refused. */
  throttled = 0;
  private executions = 0;

  constructor(readonly quota: number) {}

  get isLimited(): boolean {
    return Number.isFinite(this.quota);
  }

  /** Runs a function; undefined, at once, if it is throttled. */
  async run<T>(work: () => Promise<T>): Promise<{ readonly result: T } | undefined> {
    if (this.executions >= this.quota) {
      this.throttled += 1;
      return undefined;
    }
    this.executions += 1;
    this.peak = Math.max(this.peak, this.executions);
    try {
      return { result: await work() };
    } finally {
      this.executions -= 1;
    }
  }
}

/** How the SDK reports a throttled synchronous invocation. */
export class TooManyRequests extends Error {
  constructor() {
    super('Rate Exceeded.');
    this.name = 'TooManyRequestsException';
    // Its first line has the name of this moment, and is what CloudFormation is told.
    Error.captureStackTrace(this);
  }
}

/** Milliseconds before the n-th repetition of an asynchronous invocation that was throttled. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
export function queueDelay(repetition: number): number {
  return Math.min(1000 * 2 ** repetition, 300_000);
}

/** The same of the SDK in its standard mode, at most; it waits for a random part of it. */
export function sdkDelay(repetition: number): number {
  return Math.min(1000 * 2 ** repetition, 20_000);
}
