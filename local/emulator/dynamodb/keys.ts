import { invalid, invalidParameter } from './errors';
import { Path } from './expressions/syntax';
import { Index, KeyAttribute, Table } from './state';
import { AttributeValue, bytesOf, Item, typeOf } from './values';

const maximumBytes = [2048, 1024];
const tooLong = [
  'Size of hashkey has exceeded the maximum size limit of2048 bytes',
  'Aggregated size of all range keys has exceeded the size limit of 1024 bytes',
];

/** The text by which an item of a table is known. */
export function keyText(table: Table, item: Item): string {
  return JSON.stringify(table.keys.map(({ name, type }) => item[name]?.[type]));
}

export function keyOf(keys: readonly KeyAttribute[], item: Item): Item {
  return Object.fromEntries(keys.map(({ name }) => [name, item[name]]));
}

/** Of what is given as a key: these attributes, and nothing else. */
export function assertKey(table: Table, key: Item): void {
  const fits = Object.keys(key).length === table.keys.length && table.keys.every(({ name, type }) => key[name]?.[type] !== undefined);
  if (!fits) throw invalid('The provided key element does not match the schema');
  table.keys.forEach((attribute, position) => assertKeyValue(attribute, key[attribute.name], position));
}

/** Of a whole item: its key, and those of the indexes if it has them. */
export function assertItemKeys(table: Table, item: Item): void {
  table.keys.forEach((attribute, position) => {
    const { name, type } = attribute;
    if (!item[name]) throw invalidParameter(`Missing the key ${name} in the item`);
    if (item[name][type] === undefined) throw invalidParameter(`Type mismatch for key ${name} expected: ${type} actual: ${typeOf(item[name])}`);
    assertKeyValue(attribute, item[name], position);
  });
  for (const index of table.indexes) index.keys.forEach((attribute, position) => assertIndexKey(index, attribute, item[attribute.name], position));
}

function assertIndexKey(index: Index, attribute: KeyAttribute, value: AttributeValue | undefined, position: number): void {
  const { name, type } = attribute;
  if (!value) return;
  if (value[type] === undefined) {
    throw invalidParameter(`Type mismatch for Index Key ${name} Expected: ${type} Actual: ${typeOf(value)} IndexName: ${index.name}`);
  }
  assertKeyValue(attribute, value, position, index);
}

function assertKeyValue({ name, type }: KeyAttribute, value: AttributeValue, position: number, index?: Index): void {
  if (value[type] === '') {
    const what = `cannot contain an empty ${type === 'S' ? 'string' : 'binary'} value.`;
    throw invalid(`One or more parameter values are not valid. ${index
      ? `A value specified for a secondary index key is not supported. The AttributeValue for a key attribute ${what} IndexName: ${index.name}, IndexKey: ${name}`
      : `The AttributeValue for a key attribute ${what} Key: ${name}`}`);
  }
  if (type === 'N') return;
  const bytes = type === 'B' ? bytesOf(value.B!).length : Buffer.byteLength(value.S!);
  if (bytes > maximumBytes[position]) throw invalidParameter(tooLong[position]);
}

/** Keys are scalars: no path leads into them. */
export function assertScalarKeys(table: Table, paths: readonly Path[]): void {
  const keys = [...table.keys, ...table.indexes.flatMap(index => index.keys)];
  const nested = paths.find(path => path.length > 1 && keys.some(({ name }) => name === path[0]));
  if (nested) throw invalid(`Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: ${nested[0]}`);
}
