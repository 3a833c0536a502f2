import { TIMING } from '../../src/private/contract';

/** Seconds during which a read may lag behind a write (unverified: F-25). */
export const READ_LAG = 10;

/** Seconds during which a resource that was just created may be unknown to a read. */
export const CREATE_LAG = 60;

/** Seconds between two reads of the same resource within one invocation. */
export const POLL_INTERVAL = 1;

/**
 * Elapsed seconds until which an operation tries to restore the part of another resource that a rolled-back operation took. After that, an update still
 * has the time for its own changes.
 */
export const RESTORE_BY = { delete: 60, update: TIMING.deadline - 60 } as const;
