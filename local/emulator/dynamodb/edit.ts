import { ServiceError } from '../errors';
import { Edit } from '../service';
import { editedTags } from '../tags';
import { keyText } from './keys';
import { Context } from './lookup';
import { checkedItem, Item } from './values';

/**
 * An out-of-band change: immediately, without the service's checks. Of a table: putItem, deleteItem (its key), tags
 * ({ key: value | null }, null removes), replaceTags.
 */
export interface DynamoDbEdit extends Edit {
  readonly putItem?: Item;
  readonly deleteItem?: Item;
  readonly tags?: Record<string, string | null>;
  readonly replaceTags?: Record<string, string>;
}

const known = ['service', 'resource', 'putItem', 'deleteItem', 'tags', 'replaceTags'];

export function applyEdit(context: Context, given: Edit, now: number): void {
  const edit = given as DynamoDbEdit;
  const unknown = Object.keys(edit).find(key => !known.includes(key));
  if (unknown) throw new ServiceError('InvalidEdit', `unknown edit ${unknown}; known: ${known.join(', ')}`, 400);
  const found = context.regions.all().flatMap(region => region.tables.all(now)
    .filter(({ arn, name }) => arn === edit.resource || name === edit.resource)
    .map(table => ({ region, table })));
  if (found.length !== 1) throw new ServiceError('InvalidEdit', `${found.length} living resources match ${edit.resource}`, 404);
  const [{ region, table }] = found;
  const store = region.items.get(table.arn)!;
  if (edit.putItem) store.write(keyText(table, checkedItem(edit.putItem)), checkedItem(edit.putItem), now);
  if (edit.deleteItem) store.write(keyText(table, checkedItem(edit.deleteItem)), undefined, now);
  if (edit.tags || edit.replaceTags) region.tables.change(table.arn, now, before => ({ ...before, tags: editedTags(before.tags, edit) }));
}
