/**
 * Replaces `@smithy/node-http-handler` in the simulation's bundle of the handlers. Clients see the same class, with its timeout and abort signal, but
 * requests go to the function that the options name, or to the global one.
 */
// @ts-expect-error This path has no types; the alias of the bundle doesn't apply to it.
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
    const call = { isAborted: false };
    const { transport = (globalThis as any).simulatedTransport } = this.options;
    try {
      return await within({ abortSignal, requestTimeout }, () => transport(request, call));
    } catch (error) {
      call.isAborted = true;
      throw error;
    }
  }

  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): object {
    return {};
  }

  destroy(): void {}
}
