import { Logger } from '@aws-lambda-powertools/logger';

/** Structured log lines; each carries the request and the logical id. */
export interface Log {
  info(message: string, fields: Record<string, unknown>): void;
  error(message: string, fields: Record<string, unknown>): void;
  child(fields: Record<string, unknown>): Log;
}

const SECRET = /streamkey|jointoken|secret|password|credential|responseurl/i;

/** Pure: for JSON.stringify; a secret's name is enough to hide it. */
export function redact(key: string, value: unknown): unknown {
  return SECRET.test(key) ? '***' : value;
}

export function createLog(logger = new Logger({ serviceName: 'cdk-rtc', jsonReplacerFn: redact })): Log {
  return {
    info: (message, fields) => logger.info(message, fields),
    error: (message, fields) => logger.error(message, fields),
    child: (fields) => {
      const child = logger.createChild();
      child.appendKeys(fields);
      return createLog(child);
    },
  };
}
