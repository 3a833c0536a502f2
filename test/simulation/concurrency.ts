/** The quota of concurrent AWS Lambda executions that an account has in one region. */
export class Concurrency {
  /** The highest number of concurrent executions. */
  peak = 0;
  /** The number of throttled invocations. */
  throttled = 0;
  private executions = 0;

  constructor(readonly quota: number) {}

  get isLimited(): boolean {
    return Number.isFinite(this.quota);
  }

  /** Runs a function. Undefined, at once: it is throttled. */
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

/** The error of the SDK for a throttled synchronous invocation. */
export class TooManyRequests extends Error {
  constructor() {
    super('Rate Exceeded.');
    this.name = 'TooManyRequestsException';
    // The first line of the stack, which CloudFormation receives, has the name at the time of the capture.
    Error.captureStackTrace(this);
  }
}

/** Milliseconds before the n-th retry of a throttled asynchronous invocation. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
export function queueDelay(retry: number): number {
  return Math.min(1000 * 2 ** retry, 300_000);
}

/** The upper limit of the SDK's delay in standard mode. The SDK waits for a random part of it. */
export function sdkDelay(retry: number): number {
  return Math.min(1000 * 2 ** retry, 20_000);
}
