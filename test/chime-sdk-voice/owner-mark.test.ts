import { ownerOfMark, readName, writeName } from '../../lambda/chime-sdk-voice/owner-mark';
import { redact } from '../../lambda/engine/log';
import { ownerOf } from '../../lambda/engine/ownership';
import model from '../../local/emulator/models/chime-sdk-voice.json';

const mark = { resource: '0123456789abcdef', request: '01234567', createOnlyHash: '89abcdef', adopted: false, retained: false };
const TEXT = 'cdk-rtc.0123456789abcdef.01234567.89abcdef';

test.each([
  [TEXT, { mark }],
  [`Front desk ${TEXT}`, { words: 'Front desk', mark }],
  [`${TEXT}.adopted`, { mark: { ...mark, adopted: true } }],
  [`${TEXT}.retained`, { mark: { ...mark, retained: true } }],
  [`Sales ${TEXT}.adopted.retained`, { words: 'Sales', mark: { ...mark, adopted: true, retained: true } }],
  ['Front desk', { words: 'Front desk' }],
  ['', {}],
])('%s is read and written', (name, expected) => {
  expect(readName(name)).toEqual(expected);
  expect(writeName(expected)).toBe(name);
});

test.each([`${TEXT} Sales`, 'cdk-rtc.0123.01234567.89abcdef', `x${TEXT}`, `${TEXT}.other`])('%s has no owner mark', (name) => {
  expect(readName(name)).toEqual({ words: name });
});

test('the longest words of the user fit next to the mark, and the name is valid', () => {
  const { max, pattern } = model.shapes.PhoneNumberName;
  const name = writeName({ words: 'a'.repeat(180), mark: { ...mark, adopted: true, retained: true } });
  expect(readName(name).words).toHaveLength(180);
  expect(name.length).toBeLessThanOrEqual(max);
  expect(name).toMatch(new RegExp(pattern));
});

test('the name of an adopted number is shortened, not its mark', () => {
  const name = writeName({ words: 'word '.repeat(51).trim(), mark });
  expect(name.length).toBeLessThanOrEqual(256);
  expect(readName(name).mark).toEqual(mark);
});

test('a mark names its resource', () => {
  const owner = ownerOf({ StackId: 'stack', LogicalResourceId: 'Hotline', RequestId: '1' });
  expect(ownerOfMark({ ...mark, resource: owner.resource }, owner)).toBe('self');
  expect(ownerOfMark(mark, owner)).toBe('other');
  expect(ownerOfMark(undefined, owner)).toBe('unowned');
});

test.each([
  ['+12065550105', '+…0105'],
  ['arn:aws:chime:us-east-1:123456789012:vc/abc/+12065550105 is Assigned', 'arn:aws:chime:us-east-1:123456789012:vc/abc/+…0105 is Assigned'],
  ['%2B12065550105', '+…0105'],
  ['2026-11-30T02:00:00+0100', '2026-11-30T02:00:00+0100'],
])('a log line shows %s as %s', (value, shown) => {
  expect(redact('observed', value)).toBe(shown);
});
