import { CallContext, Input } from '../service';
import { Context, itemsAt, tableOf } from './lookup';
import { KeyAttribute, Table } from './state';
import { sizeOf } from './values';

export function describeTable(context: Context, { TableName }: Input, call: CallContext): Record<string, unknown> {
  const table = tableOf(context, call, TableName, true);
  const items = itemsAt(context, call, table, call.now);
  return {
    Table: {
      TableName: table.name,
      TableArn: table.arn,
      TableId: table.id,
      TableStatus: 'ACTIVE',
      CreationDateTime: new Date(table.created),
      AttributeDefinitions: attributeDefinitions(table),
      KeySchema: keySchema(table.keys),
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      DeletionProtectionEnabled: table.deletionProtection,
      ItemCount: items.length,
      TableSizeBytes: items.reduce((bytes, item) => bytes + sizeOf(item), 0),
      ...table.indexes.length > 0 && {
        GlobalSecondaryIndexes: table.indexes.map(({ name, keys, projection }) => ({
          IndexName: name, IndexArn: `${table.arn}/index/${name}`, IndexStatus: 'ACTIVE', KeySchema: keySchema(keys), Projection: projection,
        })),
      },
    },
  };
}

function keySchema(keys: readonly KeyAttribute[]): object[] {
  return keys.map(({ name }, position) => ({ AttributeName: name, KeyType: ['HASH', 'RANGE'][position] }));
}

function attributeDefinitions({ keys, indexes }: Table): object[] {
  const types = new Map([...keys, ...indexes.flatMap(index => index.keys)].map(({ name, type }) => [name, type]));
  return [...types].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType }));
}
