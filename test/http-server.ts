import type { Server } from 'node:http';

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
