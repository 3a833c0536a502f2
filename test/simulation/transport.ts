/**
 * Takes the place of `@smithy/node-http-handler` in the simulation's bundle of the handlers: the same class to the clients, but what they send goes
 * to the function that the simulation has put there.
 */
// @ts-expect-error It has no types under this path, under which the alias does not catch it.
export { streamCollector } from '../../node_modules/@smithy/node-http-handler/dist-es/index.js';

/* eslint-disable @typescript-eslint/no-explicit-any */
export class NodeHttpHandler {
  static create(): NodeHttpHandler {
    return new NodeHttpHandler();
  }

  readonly metadata = { handlerProtocol: 'http/1.1' };

  handle(request: any): Promise<any> {
    return (globalThis as any).simulatedTransport(request);
  }

  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): object {
    return {};
  }

  destroy(): void {}
}
