/**
 * Takes the place of `@smithy/node-http-handler` in the simulation's bundle of the handlers: the same class to the clients, with its time-out and
 * its abort signal, but what they send goes to the function that the simulation has put there.
 */
// @ts-expect-error It has no types under this path, under which the alias does not catch it.
export { streamCollector } from '../../node_modules/@smithy/node-http-handler/dist-es/index.js';

/* eslint-disable @typescript-eslint/no-explicit-any */
export class NodeHttpHandler {
  static create(options: any): NodeHttpHandler {
    return new NodeHttpHandler(options);
  }

  readonly metadata = { handlerProtocol: 'http/1.1' };

  constructor(private readonly options: any = {}) {}

  /** Who waits no longer does not take back what is on its way. */
  async handle(request: any, { abortSignal, requestTimeout = this.options.requestTimeout }: any = {}): Promise<any> {
    if (abortSignal?.aborted) throw aborted();
    let timer: NodeJS.Timeout | undefined;
    let abort!: () => void;
    const fate = { isGivenUp: false };
    try {
      return await Promise.race([
        (globalThis as any).simulatedTransport(request, fate),
        new Promise((_, reject) => {
          const giveUp = (error: Error) => {
            fate.isGivenUp = true;
            reject(error);
          };
          abort = () => giveUp(aborted());
          abortSignal?.addEventListener('abort', abort, { once: true });
          if (requestTimeout) timer = setTimeout(() => giveUp(timedOut(requestTimeout)), requestTimeout);
        }),
      ]);
    } finally {
      clearTimeout(timer);
      abortSignal?.removeEventListener('abort', abort);
    }
  }

  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): object {
    return {};
  }

  destroy(): void {}
}

function aborted(): Error {
  return Object.assign(new Error('Request aborted'), { name: 'AbortError' });
}

function timedOut(milliseconds: number): Error {
  return Object.assign(new Error(`Connection timed out after ${milliseconds} ms`), { name: 'TimeoutError' });
}
