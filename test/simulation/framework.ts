import * as path from 'node:path';
import { Concurrency, queueDelay, sdkDelay, TooManyRequests } from './concurrency';
import { Containers, Killed, type Run } from './functions';
import type { Handlers } from './handlers';
import type { Time } from './time';
import { seededRandom } from '../../local/emulator/random';

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-require-imports */
const RUNTIME = path.join(path.dirname(require.resolve('aws-cdk-lib/package.json')), 'custom-resources', 'lib', 'provider-framework', 'runtime');

process.env.USER_ON_EVENT_FUNCTION_ARN = 'arn:aws:lambda:us-east-1:123456789012:function:onEvent';
process.env.USER_IS_COMPLETE_FUNCTION_ARN = 'arn:aws:lambda:us-east-1:123456789012:function:isComplete';
process.env.WAITER_STATE_MACHINE_ARN = 'arn:aws:states:us-east-1:123456789012:stateMachine:waiter';

const framework = require(path.join(RUNTIME, 'framework.js'));
const outbound = require(path.join(RUNTIME, 'outbound.js'));

/** Bytes of an answer to CloudFormation. */
const MAX_ANSWER = 4096;

/** What CloudFormation is told. */
export interface Answer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason: string;
  readonly PhysicalResourceId: string;
  readonly Data?: Record<string, string>;
}

/** How a request is played. */
export interface Manner extends Pick<Run, 'state' | 'mortal'> {
  /** Of the stack's handlers. */
  readonly containers: Containers;
}

/** How the functions share the account's quota. */
export interface Limits {
  readonly concurrency: Concurrency;
  /** AWS_MAX_ATTEMPTS of the framework's functions. */
  readonly attempts: number;
}

/** Milliseconds from the start of an execution of the state machine to its first task: by then the function that started it has ended. */
const FIRST_TASK = 50;

/**
 * The provider framework's own runtime from aws-cdk-lib, with Lambda, Step Functions and the response URL played.
 */
export class Framework {
  /** All that the framework's functions, ours, and the state machine have written. */
  readonly written: string[] = [];
  /** Answers that CloudFormation would not take. */
  readonly tooLong: string[] = [];
  private readonly answers = new Map<string, (answer: Answer) => void>();
  private readonly answered = new Set<string>();
  private readonly over = new Set<string>();
  private readonly manners = new Map<string, Manner>();
  /** The last of each resource: what an earlier waiter would mend is wished no more. */
  private readonly inputs = new Map<string, any>();
  /** How a delivery ends whose function dies, by its number: several of one request may be under way. */
  private readonly deaths = new Map<number, (death: Killed) => void>();
  private deliveries = 0;
  private executions = 0;
  containers = new Containers();
  /** Unless it is limited, nothing is throttled. */
  limits: Limits = { concurrency: new Concurrency(Infinity), attempts: 3 };
  private readonly random = seededRandom(1);

  /** `pollsAtOnce`: how many polls go by before the next one is played, after so many. */
  constructor(private readonly time: Time, private readonly pollsAtOnce: (attempt: number) => number = fewer) {
    outbound.invokeFunction = async ({ FunctionName, Payload }: any) => {
      const { Delivery, ...event } = JSON.parse(Payload);
      const isBeginning = FunctionName.endsWith('onEvent');
      const { containers, ...manner } = this.manners.get(event.RequestId)!;
      try {
        const run = (handlers: Handlers) => (isBeginning ? handlers.onEvent(event) : handlers.isComplete(event));
        return { Payload: JSON.stringify(await this.invoke(() => containers.invoke({ stackId: event.StackId, ...manner }, run))) };
      } catch (error) {
        if (error instanceof TooManyRequests) throw error;
        // On Create our own function dies together with the framework's: where ours alone dies, the framework answers FAILED with a marker, and
        // swallows the Delete that follows. A limit that docs/reliability.md names.
        if (error instanceof Killed && isBeginning && event.RequestType === 'Create') {
          this.deaths.get(Delivery)!(error);
          return new Promise(() => {});
        }
        const { message, name: errorType, stack } = error as Error;
        this.written.push(String(stack));
        return { FunctionError: 'Unhandled', Payload: JSON.stringify({ errorMessage: message, errorType, trace: String(stack).split('\n') }) };
      }
    };
    outbound.startExecution = async ({ input }: any) => {
      this.written.push(input);
      const event = JSON.parse(input);
      this.inputs.set(`${event.StackId} ${event.LogicalResourceId} ${event.PhysicalResourceId}`, event);
      this.executions += 1;
      void this.execute(JSON.parse(input)).finally(() => { this.executions -= 1; });
    };
    outbound.httpRequest = async (options: any, body: string) => {
      this.written.push(body);
      if (Buffer.byteLength(body) > MAX_ANSWER) this.tooLong.push(body);
      this.answered.add(JSON.parse(body).RequestId);
      this.answers.get(options.path)?.(JSON.parse(body));
    };
  }

  /** The first answer that comes; CloudFormation hears no other. */
  expect(requestId: string, manner: Manner): Promise<Answer> {
    this.manners.set(requestId, manner);
    return new Promise((resolve) => this.answers.set(`/${requestId}`, resolve));
  }

  /** One delivery. CloudFormation invokes asynchronously: where the function dies, Lambda delivers again a minute later, twice at most. */
  async deliver(event: any): Promise<void> {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const Delivery = this.deliveries += 1;
      const death = new Promise<never>((_, reject) => { this.deaths.set(Delivery, reject); });
      try {
        return await this.queued(() => {
          const answered = framework.onEvent({ ...event, ResponseURL: `https://response.example/${event.RequestId}`, Delivery });
          return Promise.race([answered, death]);
        });
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        await this.time.sleep(60_000);
        // Its twin has been answered: what comes now outlives its operation, a limit that docs/reliability.md names.
        if (this.answered.has(event.RequestId) || this.over.has(event.RequestId)) return;
      }
    }
  }

  /** CloudFormation gave the request up, and the Delete of what it had made has ended: a delivery that comes now outlives its operation. */
  end(requestId: string): void {
    this.over.add(requestId);
  }

  /** Until every waiter has ended. */
  async quiet(): Promise<void> {
    while (this.executions > 0) await this.time.sleep(1000);
  }

  /** From now on, waiters are remembered to ask again. */
  askNobodyBefore(): void {
    this.inputs.clear();
  }

  /** A waiter that outlived its operation: each that there was asks once more. */
  async askAgain(): Promise<void> {
    for (const input of this.inputs.values()) await framework.isComplete(JSON.parse(JSON.stringify(input))).catch(() => undefined);
  }

  forget(): void {
    this.answers.clear();
    this.answered.clear();
    this.over.clear();
    this.manners.clear();
    this.inputs.clear();
    this.executions = 0;
    this.written.length = 0;
    this.tooLong.length = 0;
    this.deaths.clear();
    this.containers = new Containers();
  }

  /** An asynchronous invocation: one that is throttled waits in Lambda's queue. */
  private queued<T>(work: () => Promise<T>): Promise<T> {
    const { concurrency } = this.limits;
    const repeat = async () => {
      for (let repetition = 0; ; repetition += 1) {
        const ended = await concurrency.run(work);
        if (ended) return ended.result;
        await this.time.sleep(queueDelay(repetition));
      }
    };
    return concurrency.isLimited ? repeat() : work();
  }

  /** A synchronous invocation by the framework: the SDK repeats one that is throttled, and then the framework itself begins once more. */
  private invoke<T>(work: () => Promise<T>): Promise<T> {
    const { concurrency, attempts } = this.limits;
    const repeat = async () => {
      for (let attempt = 0; attempt < 2 * attempts; attempt += 1) {
        const ended = await concurrency.run(work);
        if (ended) return ended.result;
        const isLastOfSdk = attempt % attempts === attempts - 1;
        if (!isLastOfSdk) await this.time.sleep(Math.floor(this.random() * sdkDelay(attempt % attempts)));
      }
      throw new TooManyRequests();
    };
    return concurrency.isLimited ? repeat() : work();
  }

  /** The waiter state machine: every error is repeated after the interval, throttling among them, and after 240 times it is the time-out. */
  private async execute(input: any): Promise<void> {
    const { concurrency } = this.limits;
    if (concurrency.isLimited) await this.time.sleep(FIRST_TASK);
    let cause = '';
    for (let attempt = 0; attempt <= 240;) {
      try {
        const poll = () => framework.isComplete(JSON.parse(JSON.stringify(input)));
        if (!concurrency.isLimited) {
          await poll();
          return;
        }
        if (await concurrency.run(poll)) return;
        cause = 'Rate Exceeded.';
      } catch (error) {
        cause = JSON.stringify({ errorMessage: (error as Error).message });
      }
      const polls = this.pollsAtOnce(attempt);
      attempt += polls;
      await this.time.sleep(polls * 2000);
    }
    this.written.push(cause);
    const timeOut = () => framework.onTimeout({ Cause: cause });
    if (!concurrency.isLimited) {
      await timeOut();
      return;
    }
    // It can't read the cause of a task that was throttled, and nothing repeats it if it is throttled itself: then CloudFormation hears nothing.
    if (cause.startsWith('{')) await concurrency.run(timeOut);
  }
}

/** Pure: who has waited for long mostly goes on to wait, and that only some of the polls are played then makes several times as many histories. */
function fewer(attempt: number): number {
  if (attempt < 5) return 1;
  return attempt < 30 ? 5 : 15;
}
