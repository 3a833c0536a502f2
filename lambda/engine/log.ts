import { Logger } from '@aws-lambda-powertools/logger';

/** Structured log lines; each carries the request and the logical id. */
export interface Log {
  info(message: string, fields: Record<string, unknown>): void;
  error(message: string, fields: Record<string, unknown>): void;
  child(fields: Record<string, unknown>): Log;
}

const SECRET = /streamkey|jointoken|secret|password|credential|responseurl/i;

/** A phone number in E.164 format, as such or encoded for a URL. */
const PHONE_NUMBER = /(?:\+|%2B)[1-9]\d{6,14}/gi;

/** Pure: for JSON.stringify; a secret's name is enough to hide it. A phone number is personal data, so its last digits stand for it. */
export function redact(key: string, value: unknown): unknown {
  if (SECRET.test(key)) return '***';
  return typeof value === 'string' ? maskPhoneNumbers(value) : value;
}

/** Pure: the text with the last digits of each phone number only. */
export function maskPhoneNumbers(text: string): string {
  return text.replace(PHONE_NUMBER, (number) => `+…${number.slice(-4)}`);
}

/** With fields that each of its lines has. Not by child loggers: each would read all settings again. */
export function createLog(logger = new Logger({ serviceName: 'cdk-rtc', jsonReplacerFn: redact }), context: Record<string, unknown> = {}): Log {
  return {
    info: (message, fields) => logger.info(message, { ...context, ...fields }),
    error: (message, fields) => logger.error(message, { ...context, ...fields }),
    child: (fields) => createLog(logger, { ...context, ...fields }),
  };
}
