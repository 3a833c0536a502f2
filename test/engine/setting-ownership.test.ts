import { decodeStreaming, encodeStreaming, type StreamingDocument } from '../../lambda/chime-sdk-voice/streaming-document';
import type { Owner } from '../../lambda/engine/ownership';
import { jsonEncoding, type Former, formerTag, parseFormerTag, settingOwnershipOf, settingOwnerTag as ownerTag } from '../../lambda/engine/setting-ownership';
import { STACK_ID, stackId } from '../handler-setup';
import { problem } from '../problem';

const OWNER = { stackId: STACK_ID, resource: '0123456789abcdef' } as Owner;
const ownershipOf = (value: string) => settingOwnershipOf(value, OWNER);
const encoding = { encode: encodeStreaming, decode: decodeStreaming };
const before = (former: Former<StreamingDocument>) => formerTag(former, encoding);
const parseBefore = (value: string | undefined) => parseFormerTag(value, encoding);

test('the tag tells the stack, the resource, and whether it is retained or being given up', () => {
  expect([ownerTag(OWNER), ownerTag(OWNER, 'retained')]).toEqual([`${STACK_ID}/${OWNER.resource}`, `${STACK_ID}/${OWNER.resource}/retained`]);
  expect(ownershipOf(ownerTag(OWNER))).toEqual({ kind: 'self', resource: OWNER.resource, retained: false, deleting: false });
  expect(ownershipOf(ownerTag(OWNER, 'retained'))).toMatchObject({ kind: 'self', retained: true, deleting: false });
  expect(ownershipOf(ownerTag(OWNER, 'deleting'))).toMatchObject({ kind: 'self', retained: false, deleting: true });
  expect(ownershipOf(ownerTag({ ...OWNER, resource: 'fedcba9876543210' }))).toMatchObject({ kind: 'sameStack', resource: 'fedcba9876543210' });
  expect(ownershipOf(STACK_ID)).toMatchObject({ kind: 'sameStack', resource: '' });
  expect(ownershipOf(ownerTag({ ...OWNER, stackId: stackId('Neighbour', '2') }))).toEqual({ kind: 'otherStack', stackId: stackId('Neighbour', '2') });
  expect(settingOwnershipOf(undefined, OWNER)).toEqual({ kind: 'unowned' });
});

describe('what a renamed construct has taken over', () => {
  const insights = (disabled: boolean) => ({ configurationArn: 'arn:aws:chime:us-east-1:123456789012:media-insights-pipeline-configuration/calls', disabled });

  test.each([
    { dataRetentionHours: 0, disabled: true, notificationTargets: [] },
    { dataRetentionHours: 24, disabled: false, notificationTargets: ['EventBridge', 'SNS'] },
    { dataRetentionHours: 24, disabled: false, notificationTargets: ['SQS'], mediaInsights: insights(true) },
    { dataRetentionHours: 24, disabled: true, notificationTargets: [], mediaInsights: insights(false) },
  ])('is read as it was written: %j', (document) => {
    expect(parseBefore(before({ resource: OWNER.resource, document }))).toEqual({ resource: OWNER.resource, document });
  });

  test('uses no characters that a tag may not have', () => {
    const document = { dataRetentionHours: 24, disabled: true, notificationTargets: ['EventBridge', 'SNS', 'SQS'], mediaInsights: insights(true) };
    expect(before({ resource: OWNER.resource, document })).toMatch(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u);
  });

  test('of nobody is nothing', () => {
    expect(parseBefore(undefined)).toBeUndefined();
  });

  test('fits a tag of 256 characters, and a longer one is refused with what to do', () => {
    const written = (length: number) => before({
      resource: OWNER.resource,
      document: { dataRetentionHours: 1, disabled: false, notificationTargets: [], mediaInsights: { disabled: false, configurationArn: 'a'.repeat(length) } },
    });
    const room = 256 - written(1).length + 1;
    expect(written(room)).toHaveLength(256);
    expect(problem(() => written(room + 1))).toBe('the former configuration is too long to be remembered until the rename of this construct is complete; '
      + 'remove the old construct in a deployment of its own');
  });
});

test('a document without an encoding of its own is read as it was written', () => {
  const document = { statement: 'ünïcode + more', list: [1, 2] };
  const json = jsonEncoding<typeof document>();
  const written = formerTag({ resource: OWNER.resource, document }, json);
  expect(written).toMatch(/^[\w.:/=+\-@]*$/);
  expect(parseFormerTag(written, json)).toEqual({ resource: OWNER.resource, document });
});

test.each(['', 'edited', '0123456789abcdef', '0123456789abcdef+%', '0123456789abcdef+e30'])('a former tag that was edited to %j is no former tag', (value) => {
  expect(parseFormerTag(value, jsonEncoding())).toBeUndefined();
});
