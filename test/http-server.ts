import type { Server } from 'node:http';
import * as os from 'node:os';

/** Closes a server of a test with the connections that `fetch` keeps open, which would keep the test's process alive. */
export async function closed(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => { resolve(); });
    server.closeAllConnections();
  });
}

/** On a busy machine, even a server in this process can take longer to answer than `awsRequest` waits: in this test, it waits without a limit. */
export function waitWithoutLimit(): void {
  jest.spyOn(AbortSignal, 'timeout').mockImplementation(() => new AbortController().signal);
}

/** The addresses of this machine except 127.0.0.1. A server answers there only if it listens on all interfaces. */
export function otherAddresses(): string[] {
  const external = Object.values(os.networkInterfaces()).flat().filter((address) => address && !address.internal && address.family === 'IPv4');
  return ['127.0.0.2', ...external.map((address) => address!.address)];
}
