/* eslint-disable @typescript-eslint/no-explicit-any */

export interface RequestLimits {
  /** Milliseconds. */
  readonly requestTimeout?: number;
  readonly abortSignal?: any;
}

/** As the SDK's own transport waits for an answer: who waits no longer does not take back what is on its way. */
export async function within<T>({ abortSignal, requestTimeout }: RequestLimits, send: () => Promise<T>): Promise<T> {
  if (abortSignal?.aborted) throw aborted();
  let timer: NodeJS.Timeout | undefined;
  let abort!: () => void;
  try {
    return await Promise.race([
      send(),
      new Promise<never>((_, reject) => {
        abort = () => reject(aborted());
        abortSignal?.addEventListener('abort', abort, { once: true });
        if (requestTimeout) timer = setTimeout(() => reject(timedOut(requestTimeout)), requestTimeout);
      }),
    ]);
  } finally {
    clearTimeout(timer);
    abortSignal?.removeEventListener('abort', abort);
  }
}

function aborted(): Error {
  return Object.assign(new Error('Request aborted'), { name: 'AbortError' });
}

function timedOut(milliseconds: number): Error {
  return Object.assign(new Error(`Connection timed out after ${milliseconds} ms`), { name: 'TimeoutError' });
}
