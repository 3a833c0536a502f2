import { EventEmitter } from 'node:events';
import * as path from 'node:path';
import { Readable } from 'node:stream';
import type { Script } from 'node:vm';
import { type Environment, evaluate, type Handlers, loadModule, processWith, scriptOf, type Transport } from './handlers';
import { readReleased, releasedHandlers } from '../upgrade/released';

/* eslint-disable @typescript-eslint/no-explicit-any */

/** The files of the handler bundle that the previous version deployed, by their paths in the bundle. */
let scripts: ReadonlyMap<string, Script> | undefined;

function compileScripts(): ReadonlyMap<string, Script> {
  const files = Object.entries(releasedHandlers(readReleased()));
  // A script that is evaluated from its text can't import.
  const withoutImport = (text: string) => text.replace(/\bimport\(("[^"]+")\)/g, 'Promise.resolve().then(() => require($1))');
  return new Map(files.map(([file, text]) => [file, scriptOf(withoutImport(text), `previous version: ${file}`)]));
}

/** The handlers of the previous version, from its own bundle. The bundle contains the SDK, so its calls are intercepted at `node:https`. */
export function previousHandlers(transport: Transport, environment: Environment = {}): Handlers {
  scripts ??= compileScripts();
  const loaded = new Map<string, any>();
  const [https, process] = [httpsWith(transport), processWith(environment.variables)];
  const replaced: Record<string, unknown> = { 'node:https': https, https, 'node:process': process, process };
  const load = (file: string): any => {
    const script = scripts!.get(file);
    if (!script) throw new Error(`the bundle of the previous version has no ${file}`);
    const module = { exports: {} };
    if (!loaded.has(file)) {
      loaded.set(file, module);
      evaluate(script, (name) => (name.startsWith('.') ? load(path.posix.join(path.posix.dirname(file), name)) : replaced[name] ?? loadModule(name)), environment, module);
    }
    return loaded.get(file).exports;
  };
  return load('index.js');
}

/** `node:https` with requests that go to a transport. */
function httpsWith(transport: Transport) {
  return {
    Agent: class {},
    request: (options: any, respond: (response: any) => void) => new SimulatedRequest(options, transport, respond),
  };
}

/** The part of a client request that the HTTP handler of the SDK uses. */
class SimulatedRequest extends EventEmitter {
  /** It is connected. */
  readonly socket = { connecting: false, setKeepAlive: () => {}, setTimeout: () => {} };
  private readonly call = { isAborted: false };
  private readonly chunks: Buffer[] = [];

  constructor(private readonly options: any, private readonly transport: Transport, private readonly respond: (response: any) => void) {
    super();
  }

  setTimeout(): this {
    return this;
  }

  write(chunk: any): void {
    this.chunks.push(Buffer.from(chunk));
  }

  end(chunk?: any): void {
    if (chunk) this.write(chunk);
    void this.send();
  }

  destroy(): void {
    this.call.isAborted = true;
  }

  private async send(): Promise<void> {
    const { host: hostname, method, path: target, headers } = this.options;
    const { pathname, searchParams } = new URL(target, 'https://host');
    const request = { hostname, method, headers, path: pathname, query: Object.fromEntries(searchParams), body: Buffer.concat(this.chunks) };
    try {
      const { response } = await this.transport(request, this.call);
      const body = new Readable({ read: () => {} });
      body.push(response.body);
      body.push(null);
      this.respond(Object.assign(body, { statusCode: response.statusCode, headers: response.headers }));
    } catch (error) {
      this.emit('error', error);
    }
  }
}
