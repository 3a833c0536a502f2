import { TerminalError } from '../engine/error-classes';

/** New accounts have no access to the legacy API, whatever their policies allow. */
export function refusalOf(error: unknown, instead: string): TerminalError | undefined {
  const { name, message } = error as Error;
  if (name !== 'ForbiddenException' || !/not authorized to call (deprecated|chime sdk)/i.test(message)) return undefined;
  return new TerminalError(`namespace: AWS refuses the legacy chime API to this account (${message}); leave the namespace out for CHIME_SDK, ${instead}`);
}
