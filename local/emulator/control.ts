import { Emulator } from './emulator';
import { ServiceError } from './errors';

export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** One request to `/_cloud/…`. The paths are documented in server.ts. */
export function control(emulator: Emulator, method: string, path: string, query: URLSearchParams, body: string): ControlAnswer {
  try {
    return answer(emulator, `${method} ${path}`, query, () => JSON.parse(body || '{}'));
  } catch (error) {
    const { name, message } = error as Error;
    const status = error instanceof ServiceError ? error.status ?? 400 : 400;
    return { status, body: { error: error instanceof ServiceError ? error.errorName : name, message } };
  }
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
function answer(emulator: Emulator, request: string, query: URLSearchParams, parsed: () => any): ControlAnswer {
  const done = (body: unknown = {}): ControlAnswer => ({ status: 200, body });
  switch (request) {
    case 'GET /_cloud/health': return done({ services: emulator.services.map(({ name }) => name) });
    case 'GET /_cloud/state': return done(emulator.state());
    case 'GET /_cloud/calls': return done(emulator.calls.filter(({ id }) => id > Number(query.get('after') ?? 0)));
    case 'GET /_cloud/faults': return done(emulator.listFaults());
    case 'POST /_cloud/faults': return done({ id: emulator.addFault(parsed()) });
    case 'DELETE /_cloud/faults': return done(emulator.removeFaults(query.get('id') ?? undefined));
    case 'POST /_cloud/rates': return done(emulator.setRates(parsed().rates));
    case 'POST /_cloud/edit': return done(emulator.edit(parsed()));
    case 'POST /_cloud/resources': return done(emulator.applyResource(parsed()));
    case 'POST /_cloud/reset': return done(emulator.reset());
    default: return { status: 404, body: { error: 'NotFound', message: `no control request ${request}` } };
  }
}
