/*
 * The emulator behind HTTP, on the loopback interface only.
 *
 *   const server = await startServer(new Emulator());
 *   new KinesisVideoClient({ endpoint: server.endpoint('kinesisvideo'), region, credentials })
 *
 * In addition to the services there is a small control API. Requests and responses are JSON; an error is `{ error, message }` with a status >= 400.
 *
 *   GET    /_cloud/health            { services }
 *   GET    /_cloud/state             per service a list of { account, region, channels, streams, … }
 *   GET    /_cloud/calls?after=ID    the calls so far (CallRecord in calls.ts), those after an id
 *   GET    /_cloud/faults            the rules, with how often each has hit
 *   POST   /_cloud/faults            Fault in faults.ts, for example { kind: 'throttle', operation: 'DeleteSignalingChannel', times: 2 } -> { id }
 *   DELETE /_cloud/faults?id=ID      without an id: all
 *   POST   /_cloud/rates             { rates: 'documented' | 'off' | { factor } }
 *   POST   /_cloud/edit              { service, resource: ARN or name, … } an out-of-band change; see the service's edit.ts
 *   POST   /_cloud/resources         { action: 'create' | 'update' | 'delete', type: 'AWS::KinesisVideo::Stream', account?, region, properties,
 *                                      physicalId?, logicalId?, stackId? } -> { physicalId, attributes }
 *   POST   /_cloud/reset             empties everything
 *
 * Web pages are refused: requests with an Origin, or with another Host than 127.0.0.1 or localhost.
 */
import { createServer, IncomingMessage, ServerResponse } from 'http';
import { AddressInfo } from 'net';
import { control, ControlAnswer } from './control';
import { Emulator } from './emulator';
import { ConnectionLost } from './errors';
import { EmulatorResponse } from './request';

export interface ServerOptions {
  /** Default: any free one. */
  readonly port?: number;
}

export interface RunningServer {
  readonly url: string;
  /** What a client of a service takes as its endpoint, for example of `kinesisvideo`. */
  endpoint(service: string): string;
  close(): Promise<void>;
}

export async function startServer(emulator: Emulator, options: ServerOptions = {}): Promise<RunningServer> {
  const server = createServer((request, response) => {
    serve(emulator, request, response).catch(error => response.destroy(error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    endpoint: service => `${url}/${emulator.service(service).name}`,
    close: async () => new Promise(resolve => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

async function serve(emulator: Emulator, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request);
  const method = request.method ?? 'GET';
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (pathname.startsWith('/_cloud/')) {
    const answer = isOfWebPage(request) ? refused : control(emulator, method, pathname, searchParams, body.toString('utf8'));
    send(response, { status: answer.status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer.body ?? {}) });
    return;
  }
  try {
    send(response, await emulator.handle({ method, path: request.url ?? '/', headers: request.headers, body }));
  } catch (error) {
    if (error instanceof ConnectionLost) request.socket.destroy();
    else send(response, defect(error as Error));
  }
}

const refused: ControlAnswer = { status: 403, body: { error: 'Forbidden', message: 'Web pages may not control the emulator.' } };

/** Whether a request comes from a web page: browsers send its Origin, and after DNS rebinding, a foreign name in Host. */
function isOfWebPage({ headers: { host = '', origin } }: IncomingMessage): boolean {
  return origin !== undefined || !/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);
}

/** Not a status that the SDK retries: a mistake in the emulator or in a listener must show at once. */
function defect(error: Error): EmulatorResponse {
  return {
    status: 501,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'EmulatorDefect' },
    body: JSON.stringify({ message: error.stack ?? String(error) }),
  };
}

function send(response: ServerResponse, { status, headers, body }: EmulatorResponse): void {
  response.writeHead(status, headers).end(body);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
