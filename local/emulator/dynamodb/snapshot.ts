import { redacted } from '../calls';
import { Context, itemsAt } from './lookup';
import { Region } from './state';
import { AttributeValue, Item } from './values';

const secretNames = /token|attendees/i;

/** Living items, without what by its name is a secret. */
export function snapshotOf(context: Context, region: Region, now: number): Record<string, unknown> {
  return {
    account: region.account,
    region: region.region,
    tables: region.tables.all(now).map(table => ({ ...table, items: itemsAt(context, region, table, now).map(withoutSecrets) })),
  };
}

function withoutSecrets(item: Item): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, secretNames.test(name) ? redacted : shown(value)]));
}

function shown(value: AttributeValue): unknown {
  return value.M ? { M: withoutSecrets(value.M) } : value.L ? { L: value.L.map(shown) } : value;
}
