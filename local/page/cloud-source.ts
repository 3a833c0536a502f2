import { DescribeTableCommand, DynamoDBClient, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { PoolItemView, PoolView, StoredSecret } from './feed';
import { POOL_TABLE } from '../../src/chime-sdk-meetings/private/meeting-pool-contract';
import type { CustomResourceRequest, Invocation, LocalCloud, ServiceEvent } from '../launcher/local-cloud';

/** The requests of the page to the local AWS. */
export interface CloudSource {
  readonly region: string;
  invocations(after: number): Promise<Invocation[]>;
  requests(): Promise<CustomResourceRequest[]>;
  secrets(): Promise<StoredSecret[]>;
  pools(): Promise<PoolView[]>;
  /** Returns the names of the rules that match. */
  emitEvent(event: ServiceEvent): Promise<string[]>;
  close(): void;
}

export function cloudSource(cloud: LocalCloud): CloudSource {
  const settings = {
    endpoint: cloud.url,
    region: cloud.region,
    credentials: { accessKeyId: cloud.env.AWS_ACCESS_KEY_ID, secretAccessKey: cloud.env.AWS_SECRET_ACCESS_KEY },
    maxAttempts: 1,
  };
  const dynamoDb = new DynamoDBClient(settings);
  const secretsManager = new SecretsManagerClient(settings);
  /** Whether a table is one of a pool: a table never changes its key. */
  const known = new Map<string, boolean>();

  const holdsPools = async (TableName: string): Promise<boolean> => {
    const { Table } = await dynamoDb.send(new DescribeTableCommand({ TableName }));
    const keys = (Table?.KeySchema ?? []).map(({ AttributeName }) => AttributeName);
    return keys.join() === [POOL_TABLE.partitionKey, POOL_TABLE.sortKey].join();
  };
  return {
    region: cloud.region,
    invocations: async (after) => cloud.invocations(after),
    requests: async () => cloud.customResources(),
    secrets: async () => {
      const { SecretList = [] } = await secretsManager.send(new ListSecretsCommand({ MaxResults: 100 }));
      return SecretList.map(({ ARN = '', Name = '', Tags = [], DeletedDate }) =>
        ({ arn: ARN, name: Name, tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key!, Value!])), deleted: DeletedDate !== undefined }));
    },
    pools: async () => {
      const { TableNames = [] } = await dynamoDb.send(new ListTablesCommand({}));
      for (const name of TableNames) if (!known.has(name)) known.set(name, await holdsPools(name));
      const tables = TableNames.filter((name) => known.get(name));
      return (await Promise.all(tables.map(async (table) => poolsIn(table, dynamoDb)))).flat();
    },
    emitEvent: async (event) => cloud.emitEvent(event),
    close: () => {
      dynamoDb.destroy();
      secretsManager.destroy();
    },
  };
}

/** The join tokens in the items are not even asked for. */
async function poolsIn(table: string, dynamoDb: DynamoDBClient): Promise<PoolView[]> {
  const names = { '#pool': POOL_TABLE.partitionKey, '#item': POOL_TABLE.sortKey, '#state': 'state', '#size': 'size', '#life': 'life', '#slot': 'slot', '#meetingId': 'meetingId', '#endsAt': 'endsAt' };
  const { Items = [] } = await dynamoDb.send(new ScanCommand({
    TableName: table, ConsistentRead: true, ProjectionExpression: Object.keys(names).join(), ExpressionAttributeNames: names,
  }));
  const items = Items.map((item) => Object.fromEntries(Object.entries(item).map(([name, { S, N }]) => [name, S ?? N])));
  return items.filter(({ state }) => state !== undefined).map(({ pool, state, size }) => ({
    table,
    name: pool!,
    state: state!,
    size: Number(size),
    items: items.filter((item) => item.pool === pool && item.life !== undefined).map(poolItem).sort(bySlot),
  }));
}

function poolItem({ slot, life, meetingId, endsAt }: Record<string, string | undefined>): PoolItemView {
  return { slot: slot === undefined ? undefined : Number(slot), life: life!, meetingId, endsAt: endsAt === undefined ? undefined : Number(endsAt) };
}

function bySlot(a: PoolItemView, b: PoolItemView): number {
  return (a.slot ?? Infinity) - (b.slot ?? Infinity) || (a.endsAt ?? 0) - (b.endsAt ?? 0);
}
