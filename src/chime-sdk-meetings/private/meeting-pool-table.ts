import { RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { USE_TABLE_KEY } from './iam-actions';
import { POOL_TABLE } from './meeting-pool-contract';
import { validateLateKey } from '../../private/late-key';
import { suppress } from '../../private/suppressions';

const NO_BACKUP = 'The table needs no backup: only the service knows which meetings exist, and the maintainer refills the pool.';

export function createPoolTable(scope: Construct, encryptionKey: kms.IKey | undefined): dynamodb.Table {
  const { partitionKey, sortKey, timeToLive, readyIndex } = POOL_TABLE;
  const table = new dynamodb.Table(scope, 'Table', {
    partitionKey: { name: partitionKey, type: dynamodb.AttributeType.STRING },
    sortKey: { name: sortKey, type: dynamodb.AttributeType.STRING },
    billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
    timeToLiveAttribute: timeToLive,
    removalPolicy: RemovalPolicy.DESTROY,
    ...encryptionKey ? { encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED, encryptionKey } : {},
  });
  table.addGlobalSecondaryIndex({
    indexName: readyIndex.name,
    partitionKey: { name: readyIndex.partitionKey, type: dynamodb.AttributeType.STRING },
    sortKey: { name: readyIndex.sortKey, type: dynamodb.AttributeType.NUMBER },
    projectionType: dynamodb.ProjectionType.ALL,
  });
  const resource = table.node.defaultChild as dynamodb.CfnTable;
  const { sseSpecification } = resource;
  scope.node.addValidation({ validate: () => validateLateKey('encryptionKey', 'table', keyOf(sseSpecification), keyOf(resource.sseSpecification)) });
  suppress(table, { 'AwsSolutions-DDB3': NO_BACKUP, 'DynamoDBPITREnabled': NO_BACKUP, 'DynamoDBInBackupPlan': NO_BACKUP });
  return table;
}

function keyOf(specification: dynamodb.CfnTable['sseSpecification']): unknown {
  return Token.isUnresolved(specification) ? undefined : (specification as dynamodb.CfnTable.SSESpecificationProperty | undefined)?.kmsMasterKeyId;
}

export function tableStatements(table: dynamodb.ITable, actions: string[]): iam.PolicyStatement[] {
  return [new iam.PolicyStatement({ actions, resources: [table.tableArn] }), ...keyStatements(table, USE_TABLE_KEY)];
}

export function readyIndexArn({ tableArn }: dynamodb.ITable): string {
  return `${tableArn}/index/${POOL_TABLE.readyIndex.name}`;
}

/** The drift monitor reads the item with the desired state of the pool. */
export function tableReads(table: dynamodb.ITable): iam.PolicyStatement[] {
  return [new iam.PolicyStatement({ actions: ['dynamodb:GetItem'], resources: [table.tableArn] }), ...keyStatements(table, ['kms:Decrypt'])];
}

function keyStatements(table: dynamodb.ITable, actions: string[]): iam.PolicyStatement[] {
  if (!table.encryptionKey) return [];
  return [new iam.PolicyStatement({
    actions,
    resources: [table.encryptionKey.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${Stack.of(table).region}.amazonaws.com` } },
  })];
}
