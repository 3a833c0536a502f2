import * as v from 'valibot';
import { memberDifferences, ownerDifference, propertyDifference, tagDifferences } from '../../lambda/engine/drift';
import type { Request } from '../../lambda/engine/lifecycle';
import { creationOf, ownerOf, ownerTags } from '../../lambda/engine/ownership';
import {
  booleanProperty, integerProperty, ownProperties, parseProperties, stringProperty, tagList, tagRecord, tagsProperty, throwIfInvalid,
} from '../../lambda/engine/properties';
import { ownerTagChanges, retainChanges, userTagChanges } from '../../lambda/engine/tag-changes';
import { problem } from '../problem';

const owner = ownerOf({ StackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/Doorbells/1', LogicalResourceId: 'Front', RequestId: 'r' });
const owned = ownerTags(owner, creationOf(owner, {}));
const request = (Tags: unknown = []) => ({ owner, oldProperties: { Tags } } as unknown as Request);

describe('properties as CloudFormation delivers them', () => {
  const schema = v.strictObject({ On: v.optional(booleanProperty), Count: v.optional(integerProperty), Tags: v.optional(tagsProperty) });

  test('are read from strings', () => {
    expect(parseProperties(schema, { On: 'true', Count: '-12' })).toEqual({ On: true, Count: -12 });
    expect(parseProperties(schema, { On: 'false', Tags: [{ Key: 'a', Value: 'b' }] })).toEqual({ On: false, Tags: [{ Key: 'a', Value: 'b' }] });
  });

  test.each([{ On: 'yes' }, { Count: '1.5' }, { Count: 'x1' }, { Count: '1x' }, { Count: '' }, { Tags: [{ Key: 'a' }] }, { Tags: [{ Key: 'a', Value: 'b', Colour: 'red' }] }, { Colour: 'red' }])(
    'are refused by their paths: %j', (properties) => {
      expect(problem(() => parseProperties(schema, properties))).toMatch(new RegExp(`^${Object.keys(properties)[0]}(\\.0\\.(Value|Colour))?: `));
    });

  test('are refused all at once, and as a whole where they are none', () => {
    expect(problem(() => parseProperties(schema, { On: 'yes', Count: 'x' }))).toMatch(/^On: .*\n {2}Count: /);
    expect(problem(() => parseProperties(schema, 'none'))).toMatch(/^properties: /);
  });

  test('are those that the resource type declares', () => {
    expect(ownProperties({ ServiceToken: 'arn', ServiceTimeout: '60', ForceUpdateNonce: '1', On: 'true' })).toEqual({ On: 'true' });
  });

  test('fail the operation with all findings', () => {
    expect(problem(() => throwIfInvalid(['On: no', 'Count: too large']))).toBe('On: no\n  Count: too large');
    expect(throwIfInvalid([])).toBeUndefined();
  });

  test('of another version are read leniently', () => {
    expect(stringProperty({ a: 'text' }, 'a')).toBe('text');
    expect([stringProperty({ a: '' }, 'a'), stringProperty({ a: 1 }, 'a'), stringProperty({}, 'a')]).toEqual([undefined, undefined, undefined]);
  });
});

describe('a difference', () => {
  test('shows text as it is, all else as JSON, and what is not there as none', () => {
    expect(propertyDifference('A', 'text', { b: 1 })).toEqual({ propertyPath: '/A', expectedValue: 'text', actualValue: '{"b":1}' });
    expect(propertyDifference('A', 5, undefined)).toEqual({ propertyPath: '/A', expectedValue: '5', actualValue: 'none' });
  });

  test('shows 500 characters at most', () => {
    const { expectedValue, actualValue } = propertyDifference('A', 'x'.repeat(500), 'y'.repeat(501));
    expect([expectedValue, actualValue]).toEqual(['x'.repeat(500), `${'y'.repeat(500)}…`]);
  });

  test('is told for each member of either side', () => {
    expect(memberDifferences({ same: [1], changed: 'a', missing: true }, { same: [1], changed: 'b', more: 1 })).toEqual([
      { propertyPath: '/changed', expectedValue: 'a', actualValue: 'b' },
      { propertyPath: '/missing', expectedValue: 'true', actualValue: 'none' },
      { propertyPath: '/more', expectedValue: 'none', actualValue: '1' },
    ]);
  });

  test('of tags, and of the owner: the stack before the resource', () => {
    expect(tagDifferences(['a'], { a: '1' }, {})).toEqual([{ propertyPath: '/Tags/a', expectedValue: '1', actualValue: 'none' }]);
    expect(ownerDifference(owner, {})).toEqual({ propertyPath: '/Tags/cdk-rtc:stack', expectedValue: owner.stackId, actualValue: 'none' });
    expect(ownerDifference(owner, { 'cdk-rtc:stack': owner.stackId, 'cdk-rtc:resource': 'x' }))
      .toEqual({ propertyPath: '/Tags/cdk-rtc:resource', expectedValue: owner.resource, actualValue: 'x' });
  });
});

test('tags have the form of a list and of a record', () => {
  const list = [{ Key: 'a', Value: '1' }, { Key: 'b', Value: '2' }];
  expect(tagList({ a: '1', b: '2' })).toEqual(list);
  expect(tagRecord(list)).toEqual({ a: '1', b: '2' });
});

describe('tags that are not as desired', () => {
  test('the owner\'s', () => {
    expect(ownerTagChanges(owned, {}, request())).toEqual([]);
    expect(ownerTagChanges({}, {}, request())).toEqual([
      { kind: 'owner tags', tags: owned, text: 'owner tags are missing', properties: [{ propertyPath: '/Tags/cdk-rtc:stack', expectedValue: owner.stackId, actualValue: 'none' }] },
    ]);
  });

  test('none', () => {
    expect(userTagChanges({ ...owned, a: '1', others: 'x' }, { a: '1' }, request([{ Key: 'a', Value: '0' }]))).toEqual([]);
  });

  test('to remove, where the old properties name them and the new do not, then to add or to change', () => {
    const tags = { ...owned, gone: '1', gone2: '1', changed: '1', others: 'x' };
    const former = ['gone', 'gone2', 'changed', 'never'].map((Key) => ({ Key, Value: '1' }));
    expect(userTagChanges(tags, { changed: '2', new: '1' }, request(former))).toEqual([
      {
        kind: 'tags to remove',
        keys: ['gone', 'gone2'],
        text: 'tags to remove: gone, gone2',
        properties: ['gone', 'gone2'].map((key) => ({ propertyPath: `/Tags/${key}`, expectedValue: 'none', actualValue: '1' })),
      },
      {
        kind: 'tags to add',
        tags: { changed: '2', new: '1' },
        text: 'tags to add: changed, new',
        properties: [{ propertyPath: '/Tags/changed', expectedValue: '2', actualValue: '1' }, { propertyPath: '/Tags/new', expectedValue: '1', actualValue: 'none' }],
      },
    ]);
  });

  test('are not removed by old properties that cannot be read', () => {
    expect(userTagChanges({ ...owned, a: '1' }, {}, request('none'))).toEqual([]);
  });

  test.each([true, false])('the mark of what is to stay: desired %p', (retain) => {
    const tags = ownerTags(owner, { ...creationOf(owner, {}), retained: !retain });
    expect(retainChanges(tags, retain, request())).toEqual([{
      kind: 'retained',
      tags: ownerTags(owner, { ...creationOf(owner, {}), retained: retain }),
      text: `retained is ${!retain}, desired ${retain}`,
      properties: [{ propertyPath: '/Retain', expectedValue: `${retain}`, actualValue: `${!retain}` }],
    }]);
    expect(retainChanges({}, retain, request())).toEqual([]);
    expect(retainChanges(ownerTags(owner, { ...creationOf(owner, {}), retained: retain }), retain, request())).toEqual([]);
  });
});
