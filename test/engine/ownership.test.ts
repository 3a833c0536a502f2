import { createHash } from 'node:crypto';
import { creationOf, generatedName, hashOf, ownershipOf, isNameOf, ownerOf, ownerTags, requestToken, unconfirmedId, unconfirmedRequest } from '../../lambda/engine/ownership';

/* All of this stands in tags, names and ids of what is deployed: it is for ever. */

const STACK = 'arn:aws:cloudformation:us-east-1:123456789012:stack/Doorbells/1';
const REQUEST = { StackId: STACK, LogicalResourceId: 'Front', RequestId: 'r-1' };
const owner = ownerOf(REQUEST);
const sha256 = (...parts: string[]) => createHash('sha256').update(parts.join('\0')).digest('hex');

test('an owner is the stack, the logical id, and a hash of both and of the request', () => {
  expect(ownerOf(REQUEST)).toEqual({ stackId: STACK, logicalId: 'Front', resource: sha256(STACK, 'Front').slice(0, 16), request: sha256('r-1').slice(0, 8) });
});

test('the owner tags tell the stack, the resource, the request, the create-only properties, and what is retained', () => {
  const creation = creationOf(owner, { name: 'a' });
  expect(creation).toEqual({ request: owner.request, createOnlyHash: sha256('{"name":"a"}').slice(0, 8), retained: false });
  const parts = [owner.resource, owner.request, creation.createOnlyHash];
  expect(ownerTags(owner, creation)).toEqual({ 'cdk-rtc:stack': STACK, 'cdk-rtc:resource': parts.join('.') });
  expect(ownerTags(owner, { ...creation, retained: true })).toEqual({ 'cdk-rtc:stack': STACK, 'cdk-rtc:resource': [...parts, 'retained'].join('.') });
});

describe('the holder by the tags', () => {
  const creation = { request: '12345678', createOnlyHash: '9abcdef0', retained: false };

  test.each([false, true])('ours, with how it was created (retained: %p)', (retained) => {
    expect(ownershipOf(ownerTags(owner, { ...creation, retained }), owner)).toEqual({ kind: 'self', creation: { ...creation, retained } });
  });

  test('ours, also where the tag tells the resource only', () => {
    expect(ownershipOf({ 'cdk-rtc:stack': STACK, 'cdk-rtc:resource': owner.resource }, owner)).toEqual({ kind: 'self', creation: { request: '', createOnlyHash: '', retained: false } });
  });

  test('a sibling, also without the tag of the resource', () => {
    expect(ownershipOf(ownerTags({ ...owner, resource: 'other' }, creation), owner)).toEqual({ kind: 'sameStack', creation });
    expect(ownershipOf({ 'cdk-rtc:stack': STACK }, owner)).toMatchObject({ kind: 'sameStack', creation: { retained: false } });
  });

  test('a stranger with its stack, and nobody', () => {
    expect(ownershipOf(ownerTags({ ...owner, stackId: 'other' }, creation), owner)).toEqual({ kind: 'otherStack', stackId: 'other' });
    expect(ownershipOf({ 'team': 'doors', 'cdk-rtc:resource': owner.resource }, owner)).toEqual({ kind: 'unowned' });
  });
});

describe('a generated name', () => {
  test('is readable, then the two hashes', () => {
    const prefix = `Doorbells-Front-${owner.resource}-`;
    expect(generatedName(owner, 256)).toEqual({ name: `${prefix}${owner.request}`, prefix });
  });

  test('is cut before the hashes to fit', () => {
    expect(generatedName(owner, 30).name).toBe(`Door-${owner.resource}-${owner.request}`);
    expect(generatedName(owner, 30).name).toHaveLength(30);
  });

  test('of a stack id without a name', () => {
    expect(generatedName({ ...owner, stackId: 'x' }, 256).prefix).toBe(`stack-Front-${owner.resource}-`);
  });
});

test('a name is the resource\'s own if it is generated for it, whatever the request, or one of its fixed names', () => {
  const other = { ...owner, resource: '0123456789abcdef' };
  const names = [generatedName(owner, 256).name, generatedName({ ...owner, request: 'another' }, 256).name, 'front', generatedName(other, 256).name, 'back', ''];
  expect(names.map((name) => isNameOf(owner, name, 256, ['front', undefined]))).toEqual([true, true, true, false, false, false]);
});

test('a request token is 64 hexadecimal digits, of the resource, the request and what the parts say', () => {
  expect(requestToken(owner, 'a', 'b')).toBe(sha256(owner.resource, owner.request, 'a', 'b'));
  expect(requestToken(owner)).toHaveLength(64);
});

test('an unconfirmed id tells its request, and no other id is one', () => {
  expect(unconfirmedId(owner)).toBe(`cdk-rtc-unconfirmed:${owner.request}`);
  expect(unconfirmedRequest(unconfirmedId(owner))).toBe(owner.request);
  expect(unconfirmedRequest(`arn:cdk-rtc-unconfirmed:${owner.request}`)).toBeUndefined();
});

test('a hash of a value is that of its JSON', () => {
  expect(hashOf({ a: 1 })).toBe(sha256('{"a":1}').slice(0, 8));
});
