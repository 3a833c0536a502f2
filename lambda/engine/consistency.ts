/** Seconds during which a read may lag behind a write. */
export const READ_LAG = 10;

/** Seconds during which a resource that was just created may be unknown to a read. */
export const CREATE_LAG = 60;

/** Seconds between two reads of the same resource within one invocation. */
export const POLL_INTERVAL = 1;
