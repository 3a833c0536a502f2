import { DynamoDBClient, DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand, DeleteCommandInput, DynamoDBDocumentClient, GetCommand, GetCommandInput, PutCommand, PutCommandInput, QueryCommand,
  QueryCommandInput, ScanCommand, ScanCommandInput, TransactWriteCommand, TransactWriteCommandInput, UpdateCommand, UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { errorOf, region } from './harness';
import { dynamoDb, DynamoDbOptions, Emulator, EmulatorOptions, requestHandler, VirtualClock } from '../../../local/emulator';

export const table = 'rooms';

/** A partition key, a sort key, an index with a number for its sort key, one with few attributes, and a time to live. */
export const tableProperties = {
  TableName: table,
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' }, { AttributeName: 'sk', AttributeType: 'N' },
    { AttributeName: 'owner', AttributeType: 'S' }, { AttributeName: 'started', AttributeType: 'N' },
  ],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'sk', KeyType: 'RANGE' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byOwner',
      KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }, { AttributeName: 'started', KeyType: 'RANGE' }],
      Projection: { ProjectionType: 'ALL' },
    },
    { IndexName: 'owners', KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }], Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['title'] } },
  ],
  TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
  BillingMode: 'PAY_PER_REQUEST',
};

type Key = { pk: string; sk: number };
export const key: Key = { pk: 'a', sk: 1 };

export interface DynamoHarness {
  readonly emulator: Emulator;
  readonly clock: VirtualClock;
  /** The real SDK client, without sockets and without retries of its own. */
  readonly client: DynamoDBClient;
  readonly calls: ReturnType<typeof callsOf>;
  clientOf(config: Partial<DynamoDBClientConfig>): DynamoDBClient;
}

/** Time stands still until a test advances it. The table is there. */
export function startDynamo(options: DynamoDbOptions = {}, emulatorOptions: EmulatorOptions = {}): DynamoHarness {
  const clock = new VirtualClock();
  const emulator = new Emulator({ clock, services: [dynamoDb(options)], ...emulatorOptions });
  emulator.applyResource({ action: 'create', type: 'AWS::DynamoDB::Table', region, properties: tableProperties });
  const clientOf = (config: Partial<DynamoDBClientConfig>) => new DynamoDBClient({
    requestHandler: requestHandler(emulator, 'dynamodb'), region, credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' }, maxAttempts: 1, ...config,
  });
  const client = clientOf({});
  return { emulator, clock, client, clientOf, calls: callsOf(client) };
}

/** The operations with plain values, on the table and the key by default. */
export function callsOf(client: DynamoDBClient) {
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  const get = async (more: Partial<GetCommandInput> = {}) => (await documents.send(new GetCommand({ TableName: table, Key: key, ...more }))).Item;
  return {
    get,
    put: async (item: object = {}, more: Partial<PutCommandInput> = {}) =>
      documents.send(new PutCommand({ TableName: table, Item: { ...key, ...item }, ...more })),
    update: async (UpdateExpression?: string, values?: object, more: Partial<UpdateCommandInput> = {}) =>
      documents.send(new UpdateCommand({ TableName: table, Key: key, UpdateExpression, ExpressionAttributeValues: values as never, ...more })),
    remove: async (more: Partial<DeleteCommandInput> = {}) => documents.send(new DeleteCommand({ TableName: table, Key: key, ...more })),
    query: async (KeyConditionExpression?: string, values?: object, more: Partial<QueryCommandInput> = {}) =>
      documents.send(new QueryCommand({ TableName: table, KeyConditionExpression, ExpressionAttributeValues: values as never, ...more })),
    scan: async (more: Partial<ScanCommandInput> = {}) => documents.send(new ScanCommand({ TableName: table, ...more })),
    transact: async (TransactItems: TransactWriteCommandInput['TransactItems'], ClientRequestToken?: string) =>
      documents.send(new TransactWriteCommand({ TransactItems, ClientRequestToken })),
  };
}

/** 'yes', 'no' or the message of another error: whether a condition holds for an item. */
export async function whether(condition: string, item: object | undefined, values?: object, names?: Record<string, string>): Promise<string> {
  const { calls } = startDynamo();
  if (item) await calls.put(item);
  const outcome = calls.put(item, { ConditionExpression: condition, ExpressionAttributeValues: values as never, ExpressionAttributeNames: names });
  return outcome.then(() => 'yes', ({ name, message }) => name === 'ConditionalCheckFailedException' ? 'no' : message);
}

export async function messageOf(call: Promise<unknown>): Promise<string> {
  const { name, message } = await errorOf(call);
  return name === 'ValidationException' ? message : `${name}: ${message}`;
}
