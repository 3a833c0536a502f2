/** An error that the service itself answers with. The status comes from the service model unless it is given. */
export class ServiceError extends Error {
  constructor(readonly errorName: string, message: string, readonly status?: number, readonly members: Record<string, unknown> = {}) {
    super(message);
    this.name = errorName;
  }
}

/**
 * The connection broke: the caller gets no answer and cannot know whether the call was carried out.
 * Over HTTP the socket is destroyed; in a process this is thrown, looking like Node's own error to the SDK.
 */
export class ConnectionLost extends Error {
  readonly code = 'ECONNRESET';
  readonly emulated = true;

  constructor(message = 'socket hang up (connection lost by the emulator)') {
    super(message);
    this.name = 'ConnectionLost';
  }
}
