/*
 * The page of the local cloud, on the loopback interface only.
 *
 *   GET    /            the page; GET /page.js, /page.css, /icon.svg
 *   GET    /events      server-sent events: `feed`, `calls`, `invocations`, `requests`, `reset` (see Message)
 *   POST   /faults      Fault in ../emulator/faults.ts -> { id }
 *   DELETE /faults?id=
 *   POST   /service-events   { kind, resource } of service-events.ts -> { rules }, the names of the rules that match
 *
 * No other site may use it, whatever name it has given this address: see refusal().
 */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { buildSync } from 'esbuild';
import type { CloudSource } from './cloud-source';
import { faultOf, type FaultView, type ServiceView } from './faults';
import { callView, type CallView, type Feed, feedOf, type InvocationView, invocationView, type RequestView, requestView, type Sources } from './feed';
import { type EventChoice, eventChoices, serviceEventOf } from './service-events';
import { ownerOf } from '../../lambda/engine/ownership';
import type { Emulator } from '../emulator';
import type { CustomResourceRequest } from '../launcher/local-cloud';

const HOST = '127.0.0.1';
/** Milliseconds between two polls while a browser is connected. Every fourth poll includes the local AWS. */
const TICK = 250;
const MAX_BODY = 16 * 1024;
/** Of the timeline: the page stays quick in a cloud that runs for days. */
const NEWEST = 2000;

/** Everything but the timeline. */
export interface PageFeed extends Feed {
  readonly now: number;
  readonly services: ServiceView[];
  readonly faults: FaultView[];
  /** The events of the services that can be emitted. None without a local AWS. */
  readonly events: EventChoice[];
  /** Why what is shown may be old. */
  readonly problem?: string;
}

/** The server-sent events. Lists have only new and changed items. */
export type Message =
  | { readonly event: 'feed'; readonly data: PageFeed }
  | { readonly event: 'calls'; readonly data: CallView[] }
  | { readonly event: 'invocations'; readonly data: InvocationView[] }
  | { readonly event: 'requests'; readonly data: RequestView[] }
  /** The emulator was emptied: forget the timeline. */
  | { readonly event: 'reset'; readonly data: null };

export interface PageOptions {
  readonly emulator: Emulator;
  /** Where functions, secrets and tables are. Default: there are none. */
  readonly cloud?: CloudSource;
  /** The services that can have faults. Default: all of the emulator. */
  readonly services?: readonly string[];
  /** Default: any free one. */
  readonly port?: number;
}

export interface RunningPage {
  readonly url: string;
  close(): Promise<void>;
}

export async function startPage(options: PageOptions): Promise<RunningPage> {
  const assets = pageAssets();
  const watch = new Watch(options);
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: Error) => send(response, 400, 'application/json', JSON.stringify({ message: error.message })));
  });
  let port = 0;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refused = refusal(request.method ?? '', request.headers, port);
    if (refused) return send(response, 403, 'text/plain', refused);
    const { pathname, searchParams } = new URL(request.url ?? '/', `http://${HOST}`);
    const asset = request.method === 'GET' ? assets[pathname] : undefined;
    if (asset) return send(response, 200, asset.type, asset.content);
    switch (`${request.method} ${pathname}`) {
      case 'GET /events': return watch.add(response);
      case 'POST /faults': {
        const id = options.emulator.addFault(faultOf(JSON.parse(await bodyOf(request)), watch.services));
        return send(response, 200, 'application/json', JSON.stringify({ id }));
      }
      case 'POST /service-events': {
        if (!options.cloud) throw new Error('There is no local AWS that receives events.');
        const event = serviceEventOf(JSON.parse(await bodyOf(request)), options.emulator.state(), new Date(options.emulator.clock.now()));
        return send(response, 200, 'application/json', JSON.stringify({ rules: await options.cloud.emitEvent(event) }));
      }
      case 'DELETE /faults': {
        const id = searchParams.get('id');
        if (!id) throw new Error('id: which fault is meant?');
        options.emulator.removeFaults(id);
        return send(response, 200, 'application/json', '{}');
      }
      default: return send(response, 404, 'text/plain', 'There is nothing here.');
    }
  };

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, HOST, resolve);
  });
  ({ port } = server.address() as AddressInfo);
  return {
    url: `http://${HOST}:${port}/`,
    close: async () => {
      await watch.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/**
 * Pure: why a request is not answered. A name that leads to 127.0.0.1 (DNS rebinding) shows in Host; a page of another site that
 * changes something shows in Origin, which browsers always send then.
 */
export function refusal(method: string, headers: IncomingMessage['headers'], port: number): string | undefined {
  const own = [`${HOST}:${port}`, `localhost:${port}`];
  if (!own.includes(headers.host ?? '')) return 'This page is only for this machine: ask for 127.0.0.1 or localhost.';
  const { origin, 'sec-fetch-site': site } = headers;
  if (origin !== undefined && !own.some((host) => origin === `http://${host}`)) return 'Other sites may not use this page.';
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'Other sites may not use this page.';
  if (method !== 'GET' && origin === undefined) return 'Changes need the Origin of this page.';
  return undefined;
}

// ---- who watches -----------------------------------------------------------------------------------------------------

/** Polls the emulator and the local AWS while a browser is connected, and sends the changes. */
class Watch {
  readonly services: ServiceView[];
  private readonly watchers = new Map<ServerResponse, SentData>();
  private readonly invocations = new Map<number, InvocationView>();
  private requests: CustomResourceRequest[] = [];
  private stored: Pick<Sources, 'secrets' | 'pools'> = { secrets: [], pools: [] };
  private problem?: string;
  private ticks = 0;
  private timer?: NodeJS.Timeout;
  private looking?: Promise<void>;

  constructor(private readonly options: PageOptions) {
    this.services = options.emulator.services
      .filter(({ name }) => options.services?.includes(name) ?? true)
      .map(({ name, operations, model: { shapes } }) => ({
        name, operations: Object.keys(operations).sort(), errors: Object.keys(shapes).filter((shape) => shapes[shape].exception).sort(),
      }));
  }

  add(response: ServerResponse): void {
    response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': 'text/event-stream' }).write('retry: 1000\n\n');
    response.once('close', () => this.remove(response));
    this.watchers.set(response, new SentData());
    this.timer ??= setInterval(() => { this.looking ??= this.look().catch(() => this.hangUp()).finally(() => { this.looking = undefined; }); }, TICK);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
    this.hangUp();
    this.options.cloud?.close();
  }

  private remove(response: ServerResponse): void {
    this.watchers.delete(response);
    if (this.watchers.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** The page says then that what it shows is old, and comes again. */
  private hangUp(): void {
    for (const response of this.watchers.keys()) response.end();
  }

  private async look(): Promise<void> {
    if (this.options.cloud && this.ticks++ % 4 === 0) await this.ask(this.options.cloud);
    const { emulator } = this.options;
    const state = emulator.state();
    const feed: Omit<PageFeed, 'now'> = {
      ...feedOf({
        state, region: this.options.cloud?.region ?? '', ...this.stored, logicalIds: logicalIdsOf(this.requests),
      }),
      services: this.services,
      faults: emulator.listFaults(),
      events: this.options.cloud ? eventChoices(state) : [],
      problem: this.problem,
    };
    const calls = emulator.calls.slice(-NEWEST).map(callView);
    const requests = this.requests.slice(-NEWEST).map(requestView);
    for (const [response, sent] of this.watchers) {
      for (const message of sent.changes(emulator.clock.now(), feed, calls, [...this.invocations.values()], requests)) {
        response.write(`event: ${message.event}\ndata: ${JSON.stringify(message.data)}\n\n`);
      }
    }
  }

  private async ask(cloud: CloudSource): Promise<void> {
    try {
      const open = [...this.invocations].filter(([, { endedAt }]) => endedAt === undefined).map(([id]) => id - 1);
      const [invocations, requests, secrets, pools] = await Promise.all([
        cloud.invocations(Math.min(...open, Math.max(0, ...this.invocations.keys()))), cloud.requests(), cloud.secrets(), cloud.pools(),
      ]);
      for (const invocation of invocations) this.invocations.set(invocation.id, invocationView(invocation));
      for (const id of [...this.invocations.keys()].slice(0, -2 * NEWEST)) this.invocations.delete(id);
      this.requests = requests;
      this.stored = { secrets, pools };
      this.problem = undefined;
    } catch (error) {
      this.problem = `The local AWS doesn't respond: ${(error as Error).message}`;
    }
  }
}

/** The data that one browser has received already. */
class SentData {
  private feed = '';
  private readonly items = new Map<string, string>();
  private lastCall = 0;

  * changes(now: number, feed: Omit<PageFeed, 'now'>, calls: CallView[], invocations: InvocationView[], requests: RequestView[]): Generator<Message> {
    const lastCall = calls.at(-1)?.id ?? 0;
    if (lastCall < this.lastCall) {
      this.items.clear();
      yield { event: 'reset', data: null };
    }
    this.lastCall = lastCall;
    const serialized = JSON.stringify(feed);
    if (serialized !== this.feed) yield { event: 'feed', data: { ...feed, now } };
    this.feed = serialized;
    const changedRequests = this.changed(requests, ({ requestId }) => requestId);
    if (changedRequests.length > 0) yield { event: 'requests', data: changedRequests };
    const changedInvocations = this.changed(invocations, ({ traceId }) => traceId);
    if (changedInvocations.length > 0) yield { event: 'invocations', data: changedInvocations };
    const changedCalls = this.changed(calls, ({ id }) => `call-${id}`);
    if (changedCalls.length > 0) yield { event: 'calls', data: changedCalls };
  }

  private changed<T>(list: T[], keyOf: (item: T) => string): T[] {
    return list.filter((item) => {
      const [key, content] = [keyOf(item), JSON.stringify(item)];
      const known = this.items.get(key) === content;
      this.items.set(key, content);
      return !known;
    });
  }
}

/** The owner tag has only a hash of the stack and the logical ID. The requests have their names. */
function logicalIdsOf(requests: readonly CustomResourceRequest[]): Map<string, string> {
  return new Map(requests.map(({ stackId, logicalId, requestId }) =>
    [ownerOf({ StackId: stackId, LogicalResourceId: logicalId, RequestId: requestId }).resource, logicalId]));
}

// ---- answers ---------------------------------------------------------------------------------------------------------

const SECURITY_HEADERS = {
  // Nothing from elsewhere, nothing inline, and no text is ever taken for markup.
  'content-security-policy': [
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'", "base-uri 'none'", "form-action 'none'",
    "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
};

interface Asset {
  readonly type: string;
  readonly content: string;
}

/** The page's TypeScript is bundled at the start: it takes a few milliseconds, and nothing can be stale. */
function pageAssets(): Record<string, Asset | undefined> {
  const folder = path.join(__dirname, 'browser');
  const read = (name: string) => readFileSync(path.join(folder, name), 'utf8');
  const { outputFiles: [script] } = buildSync({
    entryPoints: [path.join(folder, 'page.ts')], bundle: true, write: false, format: 'iife', target: 'es2022', charset: 'utf8',
  });
  return {
    '/': { type: 'text/html', content: read('page.html') },
    '/page.css': { type: 'text/css', content: read('page.css') },
    '/icon.svg': { type: 'image/svg+xml', content: read('icon.svg') },
    '/page.js': { type: 'text/javascript', content: script.text },
  };
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { ...SECURITY_HEADERS, 'content-type': `${type}; charset=utf-8` }).end(body);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length > MAX_BODY) throw new Error('The request is too long.');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
