import { freshHandlers } from './handlers';
import { previousHandlers } from './previous-version';

/** The handlers of each version that a stack may deploy. */
export const HANDLERS = { current: freshHandlers, previous: previousHandlers };

export type Version = keyof typeof HANDLERS;
