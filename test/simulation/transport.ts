/**
 * Takes the place of `@smithy/node-http-handler` in the simulation's bundle of the handlers: the same class to the clients, with its time-out and
 * its abort signal, but what they send goes to the function that their options name, or else to the global one.
 */
// @ts-expect-error It has no types under this path, under which the alias does not catch it.
export { streamCollector } from '../../node_modules/@smithy/node-http-handler/dist-es/index.js';
import { within } from '../request-limits';

/* eslint-disable @typescript-eslint/no-explicit-any */
export class NodeHttpHandler {
  static create(options: any): NodeHttpHandler {
    return new NodeHttpHandler(options);
  }

  readonly metadata = { handlerProtocol: 'http/1.1' };

  constructor(private readonly options: any = {}) {}

  async handle(request: any, { abortSignal, requestTimeout = this.options.requestTimeout }: any = {}): Promise<any> {
    const fate = { isGivenUp: false };
    const { transport = (globalThis as any).simulatedTransport } = this.options;
    try {
      return await within({ abortSignal, requestTimeout }, () => transport(request, fate));
    } catch (error) {
      fate.isGivenUp = true;
      throw error;
    }
  }

  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): object {
    return {};
  }

  destroy(): void {}
}
