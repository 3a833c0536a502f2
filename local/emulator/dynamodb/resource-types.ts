import { ServiceError } from '../errors';
import { scrambled, uuid } from '../random';
import { Input, ResourceRequest, ResourceResult, ResourceType } from '../service';
import { mapOfTags } from '../tags';
import { invalid, notEmulated } from './errors';
import { Context, regionOf } from './lookup';
import { Index, ItemStore, KeyAttribute, Table, tableArn } from './state';

/** Billing, encryption, backups and streams change nothing here. */
const ignored = [
  'BillingMode', 'ContributorInsightsSpecification', 'KinesisStreamSpecification', 'OnDemandThroughput', 'PointInTimeRecoverySpecification',
  'ProvisionedThroughput', 'ResourcePolicy', 'SSESpecification', 'TableClass', 'WarmThroughput', 'WriteOnDemandThroughputSettings',
  'WriteProvisionedThroughputSettings',
];
const known = [
  'AttributeDefinitions', 'DeletionProtectionEnabled', 'GlobalSecondaryIndexes', 'KeySchema', 'Replicas', 'TableName', 'Tags', 'TimeToLiveSpecification',
  ...ignored,
];

/** AWS::DynamoDB::Table and AWS::DynamoDB::GlobalTable with one replica. Ref is the name. A new name or key makes a new table. */
export function tableType(context: Context): ResourceType {
  const create = (request: ResourceRequest): ResourceResult => {
    const { tables, items, changed } = regionOf(context, request);
    const table = wanted(request, nameOf(request));
    if (tables.byArn(table.arn, request.now)) throw new ServiceError('ResourceInUseException', `Table already exists: ${table.name}`, 400);
    tables.add(table, request.now);
    items.set(table.arn, new ItemStore(changed));
    return resultOf(table);
  };
  return {
    create,
    update: request => {
      const { tables } = regionOf(context, request);
      const table = existing(context, request);
      if (!table) throw new ServiceError('ResourceNotFoundException', `${request.physicalId} does not exist`, 404);
      const changed = wanted(request, String(request.properties.TableName ?? table.name));
      if (changed.name !== table.name || JSON.stringify(changed.keys) !== JSON.stringify(table.keys)) return create(request);
      tables.change(table.arn, request.now, ({ created, id }) => ({ ...changed, created, id }));
      return resultOf(table);
    },
    delete: request => {
      const { tables, items } = regionOf(context, request);
      const table = existing(context, request);
      if (table?.deletionProtection) throw invalid('Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.');
      if (table) tables.change(table.arn, request.now, () => undefined);
      if (table) items.delete(table.arn);
      return { physicalId: request.physicalId ?? '', attributes: {} };
    },
  };
}

function existing(context: Context, request: ResourceRequest): Table | undefined {
  return regionOf(context, request).tables.byName(request.physicalId ?? '', request.now);
}

function wanted(request: ResourceRequest, name: string): Table {
  const { region, now } = request;
  const properties = request.properties as Input;
  const unknown = Object.keys(properties).find(property => !known.includes(property));
  if (unknown === 'LocalSecondaryIndexes' || unknown === 'StreamSpecification') throw notEmulated(unknown);
  if (unknown) throw invalid(`a table has no property ${unknown}`);
  const [replica = {}, ...others] = (properties.Replicas ?? []) as Input[];
  if (others.length > 0 || (replica.Region ?? region) !== region) throw notEmulated('replicas in other regions');
  const { TimeToLiveSpecification: ttl, GlobalSecondaryIndexes = [] } = properties;
  const arn = tableArn(request, name);
  return {
    name,
    arn,
    id: uuid(`${arn} ${now}`),
    keys: keysOf(properties.KeySchema ?? [], properties),
    indexes: GlobalSecondaryIndexes.map((index: Input): Index => ({
      name: index.IndexName, keys: keysOf(index.KeySchema, properties), projection: index.Projection,
    })),
    ttlAttribute: isTrue(ttl?.Enabled) ? ttl.AttributeName : undefined,
    deletionProtection: isTrue(properties.DeletionProtectionEnabled ?? replica.DeletionProtectionEnabled),
    created: now,
    tags: mapOfTags(properties.Tags ?? replica.Tags ?? [], invalid),
  };
}

function keysOf(schema: { AttributeName: string; KeyType: string }[], { AttributeDefinitions = [] }: Input): KeyAttribute[] {
  const ordered = ['HASH', 'RANGE'].flatMap(type => schema.filter(({ KeyType }) => KeyType === type));
  if (ordered.length !== schema.length || ordered[0]?.KeyType !== 'HASH' || ordered.length > 2) throw invalid('The key schema is not valid');
  return ordered.map(({ AttributeName }) => {
    const type = AttributeDefinitions.find((definition: Input) => definition.AttributeName === AttributeName)?.AttributeType;
    if (!type) throw invalid(`The key ${AttributeName} has no attribute definition`);
    return { name: AttributeName, type };
  });
}

function nameOf({ properties, logicalId = 'Table', stackId = '', now }: ResourceRequest): string {
  const stackName = stackId.split('/')[1] ?? 'stack';
  return String(properties.TableName ?? `${stackName}-${logicalId}-${scrambled(`${stackId} ${logicalId} ${now}`, 12)}`);
}

/** A template may hold a boolean as a string. */
function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

function resultOf({ name, arn, id }: Table): ResourceResult {
  return { physicalId: name, attributes: { Arn: arn, TableId: id } };
}
