import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { fakeCloud, last, start, stopAll, watch } from './page-setup';
import { type CloudSource, cloudSource } from '../../../local/page/cloud-source';
import { POOL_TABLE } from '../../../src/chime-sdk-meetings/private/meeting-pool-contract';
import { Sandbox, scripted } from '../launcher/sandbox';

let sandbox: Sandbox;
let source: CloudSource;
beforeAll(async () => {
  sandbox = await Sandbox.start();
  source = cloudSource(sandbox.cloud);
});
afterAll(async () => {
  await stopAll();
  for (const client of clients) client.destroy();
  source?.close();
  await sandbox?.stop();
});

const clients: { destroy(): void }[] = [];
const clientOf = <C extends { destroy(): void }>(Client: new (settings: object) => C) => {
  const client = new Client({ endpoint: sandbox.cloud.url, region: sandbox.cloud.region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  clients.push(client);
  return client;
};

const table = (names: string[]) => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: names.map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
    AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
  },
});

test('returns secrets, pools, requests, and invocations, but neither values nor join tokens', async () => {
  await clientOf(SecretsManagerClient).send(new CreateSecretCommand({
    Name: 'stream-key', SecretString: 'canary-secret', Description: 'canary-description', Tags: [{ Key: 'team', Value: 'doors' }],
  }));
  const { journal: [{ requestId }] } = await sandbox.create('stack', {
    Pool: table([POOL_TABLE.partitionKey, POOL_TABLE.sortKey]), Other: table(['id']), Thing: scripted({}, { props: { Secret: 'canary-property' } }),
  });
  const dynamoDb = clientOf(DynamoDBClient);
  const before = await source.pools();
  expect(before).toEqual([]);
  const { StackResources = [] } = await sandbox.cfn.describeStackResources({ StackName: 'stack' });
  const nameOf = (logicalId: string) => StackResources.find(({ LogicalResourceId }) => LogicalResourceId === logicalId)!.PhysicalResourceId!;
  const put = (TableName: string, item: Record<string, string | number>) => dynamoDb.send(new PutItemCommand({
    TableName, Item: Object.fromEntries(Object.entries(item).map(([name, value]) => [name, typeof value === 'number' ? { N: String(value) } : { S: value }])),
  }));
  const poolTable = nameOf('Pool');
  await put(poolTable, { pool: 'rooms', item: 'pool', state: 'open', size: 2, settings: 'canary-settings' });
  await put(poolTable, { pool: 'rooms', item: 'meeting#canary-b', token: 'canary-token', life: 'ready', slot: 1, meetingId: 'b', endsAt: 500, attendees: 'canary-join-token', meeting: 'canary' });
  await put(poolTable, { pool: 'rooms', item: 'meeting#canary-a', life: 'creating', slot: 0, request: 'canary-request' });
  await put(poolTable, { pool: 'rooms', item: 'lease#canary-lease', token: 'canary-token' });
  await put(nameOf('Other'), { id: 'other', life: 'ready' });

  const { page } = await start({ cloud: { ...source, close: fakeCloud().close } });
  const { raw, messages } = await watch(page, (all) => last(all, 'feed')?.pools.length === 1 && last(all, 'invocations') !== undefined);
  const feed = last(messages, 'feed')!;
  expect(feed.problem).toBeUndefined();
  expect(feed.resources).toEqual([{
    arn: expect.stringContaining('secret:stream-key'), kind: 'Secret', name: 'stream-key', region: 'us-east-1', state: '–', facts: ['value hidden'], tags: { team: 'doors' },
  }]);
  expect(feed.pools).toEqual([{
    table: poolTable, name: 'rooms', state: 'open', size: 2, items: [{ slot: 0, life: 'creating' }, { slot: 1, life: 'ready', meetingId: 'b', endsAt: 500 }],
  }]);
  expect(last(messages, 'requests')).toEqual([expect.objectContaining({ requestId, requestType: 'Create', logicalId: 'Thing', outcome: 'SUCCESS' })]);
  expect(last(messages, 'invocations')).toEqual([expect.objectContaining({ functionName: 'scripted-provider', request: requestId })]);
  expect(raw).not.toContain('canary');
});
