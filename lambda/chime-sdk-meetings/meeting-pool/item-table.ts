import {
  DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, type QueryCommandInput, ScanCommand, type ScanCommandInput,
  TransactWriteCommand, type TransactWriteCommandInput, UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { POOL_TABLE } from '../../../src/chime-sdk-meetings/private/meeting-pool-contract';

const { partitionKey, sortKey } = POOL_TABLE;

export type Attributes = Record<string, unknown>;

/** The values that attributes must have. A list allows each of its values; `undefined` requires that the attribute doesn't exist. */
export type Condition = Attributes;

export interface ItemUpdate {
  /** Attributes whose value is `undefined` stay as they are. */
  readonly set: Attributes;
  readonly remove?: readonly string[];
  readonly onlyIf?: Condition;
}

export type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** The reason that DynamoDB reports for one item of a canceled transaction. */
export interface CancellationReason {
  readonly Code?: string;
  readonly Item?: Attributes;
}

interface Page {
  readonly Items?: Attributes[];
  readonly LastEvaluatedKey?: Attributes;
}

export interface ItemTableOptions {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly abortSignal: AbortSignal;
}

/** Consistent reads and conditional writes of a table with one partition per pool. A write returns whether its condition was met. */
export class ItemTable {
  constructor(private readonly options: ItemTableOptions) {}

  public async get(pool: string, item: string): Promise<Attributes | undefined> {
    const { Item } = await this.send<{ Item?: Attributes }>(new GetCommand({ ...this.key(pool, item), ConsistentRead: true }));
    return Item;
  }

  /** All items, on every page. */
  public query(input: Omit<QueryCommandInput, 'TableName'>): Promise<Attributes[]> {
    return this.allPages((page) => new QueryCommand({ ...input, ...page, TableName: this.options.tableName, ConsistentRead: true }));
  }

  /** All items, on every page. */
  public scan(input: Omit<ScanCommandInput, 'TableName'>): Promise<Attributes[]> {
    return this.allPages((page) => new ScanCommand({ ...input, ...page, TableName: this.options.tableName, ConsistentRead: true }));
  }

  /** One page of an index. The reads of an index are eventually consistent. */
  public async queryIndex(input: Omit<QueryCommandInput, 'TableName'>): Promise<Attributes[]> {
    const { Items = [] } = await this.send<Page>(new QueryCommand({ ...input, TableName: this.options.tableName }));
    return Items;
  }

  public add(pool: string, item: string, attributes: Attributes): Promise<boolean> {
    return this.isConditionMet(new PutCommand(this.newItem(pool, item, attributes)));
  }

  public update(pool: string, item: string, update: ItemUpdate): Promise<boolean> {
    return this.isConditionMet(new UpdateCommand(this.updateInput(pool, item, update)));
  }

  /** Returns all attributes of the updated item, or `undefined` if the condition wasn't met. */
  public async updateAndGet(pool: string, item: string, update: ItemUpdate): Promise<Attributes | undefined> {
    return this.updateIf(new UpdateCommand({ ...this.updateInput(pool, item, update), ReturnValues: 'ALL_NEW' }));
  }

  /** Returns the attributes that the command asks for, or `undefined` if its condition wasn't met. */
  public async updateIf(command: UpdateCommand): Promise<Attributes | undefined> {
    const result = await unlessConditionFails(() => this.send<{ Attributes: Attributes }>(command));
    return result?.Attributes;
  }

  public delete(pool: string, item: string, onlyIf: Condition): Promise<boolean> {
    return this.isConditionMet(new DeleteCommand(this.deleteInput(pool, item, onlyIf)));
  }

  /** Returns the reason for each item, or `undefined` if the transaction succeeded. */
  public async transact(TransactItems: TransactItem[]): Promise<CancellationReason[] | undefined> {
    try {
      await this.send(new TransactWriteCommand({ TransactItems }));
      return undefined;
    } catch (error) {
      const { name, CancellationReasons } = error as { name?: string; CancellationReasons?: CancellationReason[] };
      if (name === 'TransactionCanceledException' && CancellationReasons) return CancellationReasons;
      throw error;
    }
  }

  public async isConditionMet(command: object): Promise<boolean> {
    return await unlessConditionFails(() => this.send(command)) !== undefined;
  }

  // Inputs, also of the items of a transaction

  public key(pool: string, item: string) {
    return { TableName: this.options.tableName, Key: { [partitionKey]: pool, [sortKey]: item } };
  }

  public item(pool: string, item: string, attributes: Attributes) {
    return { TableName: this.options.tableName, Item: { [partitionKey]: pool, [sortKey]: item, ...attributes } };
  }

  public newItem(pool: string, item: string, attributes: Attributes) {
    return { ...this.item(pool, item, attributes), ...conditionInput({ [sortKey]: undefined }) };
  }

  public updateInput(pool: string, item: string, { set, remove = [], onlyIf = {} }: ItemUpdate) {
    const condition = conditionInput(onlyIf);
    const assigned = Object.entries(set).filter(([, value]) => value !== undefined);
    const assignments = assigned.map(([name]) => `#${name} = :${name}`).join(', ');
    const names = [...assigned.map(([name]) => name), ...remove];
    const removals = remove.map((name) => `#${name}`).join(', ');
    return {
      ...this.key(pool, item),
      UpdateExpression: `SET ${assignments}${removals ? ` REMOVE ${removals}` : ''}`,
      ...condition,
      ExpressionAttributeNames: { ...condition.ExpressionAttributeNames, ...Object.fromEntries(names.map((name) => [`#${name}`, name])) },
      ExpressionAttributeValues: { ...condition.ExpressionAttributeValues, ...Object.fromEntries(assigned.map(([name, value]) => [`:${name}`, value])) },
    };
  }

  public deleteInput(pool: string, item: string, onlyIf: Condition) {
    return { ...this.key(pool, item), ...conditionInput(onlyIf) };
  }

  private async allPages(command: (page: { ExclusiveStartKey?: Attributes }) => object): Promise<Attributes[]> {
    const items: Attributes[] = [];
    let ExclusiveStartKey: Attributes | undefined;
    do {
      const { Items = [], LastEvaluatedKey }: Page = await this.send<Page>(command({ ExclusiveStartKey }));
      items.push(...Items);
      ExclusiveStartKey = LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return items;
  }

  private send<T>(command: object): Promise<T> {
    return this.options.client.send(command as never, { abortSignal: this.options.abortSignal }) as Promise<T>;
  }
}

interface ConditionInput {
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Attributes;
}

export function conditionInput(onlyIf: Condition): ConditionInput {
  const entries = Object.entries(onlyIf);
  if (entries.length === 0) return {};
  const values = entries.flatMap(([name, allowed]) => listOf(allowed).map((value, index): [string, unknown] => [`:if_${name}_${index}`, value]));
  return {
    ConditionExpression: entries.map(([name, allowed]) => conditionOf(name, listOf(allowed).length)).join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(entries.map(([name]) => [`#${name}`, name])),
    ...values.length > 0 ? { ExpressionAttributeValues: Object.fromEntries(values) } : {},
  };
}

function conditionOf(name: string, alternatives: number): string {
  if (alternatives === 0) return `attribute_not_exists(#${name})`;
  return `#${name} IN (${Array.from({ length: alternatives }, (_, index) => `:if_${name}_${index}`).join(', ')})`;
}

function listOf(allowed: unknown): unknown[] {
  if (allowed === undefined) return [];
  return Array.isArray(allowed) ? allowed : [allowed];
}

async function unlessConditionFails<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if ((error as Error).name === 'ConditionalCheckFailedException') return undefined;
    throw error;
  }
}
