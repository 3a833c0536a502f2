import { Emulator } from './emulator';
import { ConnectionLost } from './errors';
import { EmulatorRequest } from './request';

/** What an SDK for JavaScript v3 client takes as `requestHandler`: its calls go straight into the emulator, no socket is opened. */
export function requestHandler(emulator: Emulator, service: string): {
  metadata: { handlerProtocol: string };
  handle(request: SdkRequest): Promise<{ response: SdkResponse }>;
} {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    handle: async request => {
      // A client may be set to the path of the service, or to nothing and so to the real host.
      const path = request.path.startsWith(`/${service}/`) ? request.path : `/${service}${request.path}`;
      const { status, headers, body } = await emulator.handle({ ...request, path }).catch(asSeenBySdk);
      return { response: { statusCode: status, headers, body: Buffer.from(body) } };
    },
  };
}

/** The SDK's own handler for Node.js gives a broken connection this name, by which it is retried. */
function asSeenBySdk(error: Error): never {
  if (error instanceof ConnectionLost) error.name = 'TimeoutError';
  throw error;
}

interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query: EmulatorRequest['query'];
  readonly headers: Record<string, string>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body?: any;
}

interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}
