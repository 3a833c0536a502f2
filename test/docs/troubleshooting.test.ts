import * as fs from 'node:fs';
import * as path from 'node:path';
import { partsOf, quotedMessages, says, textsIn, textsOf } from './messages';

const ROOT = path.join(__dirname, '..', '..');

/** Messages of AWS services, of the AWS CDK, and of Node.js, which the library passes on. */
const OF_OTHERS = [
  /^(NoDataRetention|AccountChannelLimitExceeded|ServiceQuotaExceeded|Validation)Exception$/, // names of errors in the service models
  /^PendingVerification$/,
  /^Cannot use resource '$/, /^\/Checkout' in a cross-environment fashion$/, // aws-cdk-lib
  /^TooManyRequestsException: Rate Exceeded\.$/, /^Rate Exceeded\.$/, // AWS Lambda
  /^CloudFormation did not receive a response from your Custom Resource\.$/, // AWS CloudFormation
  /^getaddrinfo ENOTFOUND$/, // Node.js
  /^<property>: Invalid$/, /^Invalid key$/, // valibot
];

const texts = ['src', 'lambda'].flatMap((folder) => textsIn(path.join(ROOT, folder)));
const words = new Set(['src', 'lambda'].flatMap((folder) => wordsIn(path.join(ROOT, folder))));

function wordsIn(folder: string): string[] {
  return fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
    .flatMap((name) => fs.readFileSync(path.join(folder, name), 'utf8').match(/\w+/g) ?? []);
}

/** Whether it is the path of a property, such as `notifications.sqsQueue`, whose names the code has. */
function isProperty(part: string): boolean {
  return /^[\w.[\]]+$/.test(part) && part.match(/\w+/g)!.every((word) => words.has(word));
}

function isInCode(part: string): boolean {
  return isProperty(part) || texts.some((text) => says(text, part));
}

const pages = ['signaling-channel', 'video-stream', 'mixins', 'telephony', 'phone-number', 'voice-connector-streaming', 'real-time-stage', 'ingest-configuration', 'chime-meeting-pool', 'drift-monitor', 'provider'];
const quotations = pages.flatMap((page) =>
  quotedMessages(fs.readFileSync(path.join(ROOT, 'docs', `${page}.md`), 'utf8')).map((message) => ({ page, message })));

test.each(pages)('%s quotes messages', (page) => {
  expect(quotations.filter((quotation) => quotation.page === page).length).toBeGreaterThan(3);
});

test.each(quotations)('$page quotes a message of the code: $message', ({ message }) => {
  expect(partsOf(message).filter((part) => !isInCode(part) && !OF_OTHERS.some((pattern) => pattern.test(part)))).toEqual([]);
});

describe('the comparison', () => {
  const [text] = textsOf('throw new Error(`size: must be from ${min} to ${max}, got ${size}; ` + \'leave it out\');');

  test('accepts a part, with values in the place of placeholders', () => {
    for (const part of ['must be from 1 to 200', 'must be from 1 to 200, got', '; leave it out', 'from 1']) expect(says(text, part)).toBe(true);
  });

  test('rejects a part with other words', () => {
    for (const part of ['must be between 1 and 200', 'must be from 1 to 200 meetings, got', 'must be from 1 up to 200, got', 'leave it away']) expect(says(text, part)).toBe(false);
  });

  test('finds no message that the code no longer has', () => {
    expect(isInCode('must be a whole number of hours, 0 or more')).toBe(false);
  });

  test('reads the columns of messages and log lines only', () => {
    const page = '\n## Troubleshooting\n\n| Message | Cause |\n|---|---|\n| `a: b`, `c` | `d` |\n\n| Log line | Cause |\n|---|---|\n| `e` | `f` |\n\n## Migration\n\n| Message |\n|---|\n| `g` |\n';
    expect(quotedMessages(page)).toEqual(['a: b', 'c', 'e']);
  });
});
