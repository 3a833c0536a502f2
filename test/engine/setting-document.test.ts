import { differenceBetween, propertiesBetween } from '../../lambda/engine/setting-document';

interface Document {
  readonly hours?: number;
  readonly targets?: string[];
}

const difference = (observed: Document | undefined, desired: Document, tolerated?: string[]) => differenceBetween(observed, desired, 'document', tolerated);

test('equal documents have no difference', () => {
  expect(difference({ hours: 1, targets: ['a'] }, { hours: 1, targets: ['a'] })).toBeUndefined();
  expect(difference({}, { hours: undefined })).toBeUndefined();
});

test('a difference names each member with both values', () => {
  expect(difference({ hours: 1, targets: ['a'] }, { hours: 2 })).toBe('hours is 1, desired 2; targets is ["a"], desired none');
  expect(difference({}, { targets: ['a'] })).toBe('targets is none, desired ["a"]');
});

test('a missing document differs from every desired one', () => {
  expect(difference(undefined, {})).toBe('there is no document');
});

test('a tolerated member may differ', () => {
  expect(difference({ hours: 1, targets: ['a'] }, { hours: 2 }, ['targets'])).toBe('hours is 1, desired 2');
  expect(difference({ hours: 1, targets: ['a'] }, { hours: 1 }, ['targets'])).toBeUndefined();
});

test('the drift monitor sees the differences by resource property', () => {
  const toProperties = ({ hours }: Document) => ({ Hours: hours });
  expect(propertiesBetween({ hours: 1 }, { hours: 2 }, toProperties)).toEqual([{ propertyPath: '/Hours', expectedValue: '2', actualValue: '1' }]);
  expect(propertiesBetween({ hours: 1, targets: ['a'] }, { hours: 1 }, toProperties)).toEqual([]);
});
