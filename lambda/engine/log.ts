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

/** With fields that each of its lines has. Not by child loggers: each would read all settings again. */
export function createLog(logger = new Logger({ serviceName: 'cdk-rtc', jsonReplacerFn: redact }), context: Record<string, unknown> = {}): Log {
  return {
    info: (message, fields) => logger.info(message, { ...context, ...fields }),
    error: (message, fields) => logger.error(message, { ...context, ...fields }),
    child: (fields) => createLog(logger, { ...context, ...fields }),
  };
}
