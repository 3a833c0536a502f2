import { asServiceModel, ServiceModel } from '../model';
import modelJson from '../models/dynamodb.json';
import { CallContext, Input, Operation, Service, ServiceFactory } from '../service';
import { batchGetItem, batchWriteItem } from './batches';
import { applyEdit } from './edit';
import { Context } from './lookup';
import { DynamoDbOptions } from './options';
import { getItem, query, scan } from './queries';
import { tableType } from './resource-types';
import { snapshotOf } from './snapshot';
import { newRegions } from './state';
import { describeTable } from './tables';
import { batchTarget, tableTarget, transactionTarget, viewTarget } from './targets';
import { transactWriteItems } from './transactions';
import { deleteItem, putItem, updateItem } from './writes';

export type { DynamoDbOptions } from './options';
export type { DynamoDbEdit } from './edit';

type Run = (context: Context, input: Input, call: CallContext) => Record<string, unknown>;

/** DynamoDB: items and their expressions. Tables are made as CloudFormation resources. */
export function dynamoDb(options: DynamoDbOptions = {}): ServiceFactory {
  return (): Service => {
    const regions = newRegions();
    const context: Context = { options, regions };
    const read = (targets: Operation['targets'], run: Run): Operation =>
      ({ access: 'read', targets, run: (input, call) => run(context, input, call) });
    const write = (targets: Operation['targets'], run: Run): Operation => ({ ...read(targets, run), access: 'write' });
    const [table, view, batch] = [tableTarget(context), viewTarget(context), batchTarget(context)];
    return {
      name: 'dynamodb',
      model: modelWithSecretValues(),
      iamPrefix: 'dynamodb',
      errors: {
        invalid: 'ValidationException',
        throttled: 'ProvisionedThroughputExceededException',
        accessDenied: 'AccessDeniedException',
        internalFailure: 'InternalServerError',
      },
      rates: {},
      operations: {
        PutItem: write(table, putItem),
        GetItem: read(table, getItem),
        UpdateItem: write(table, updateItem),
        DeleteItem: write(table, deleteItem),
        Query: read(view, query),
        Scan: read(view, scan),
        BatchGetItem: read(batch, batchGetItem),
        BatchWriteItem: write(batch, batchWriteItem),
        TransactWriteItems: write(transactionTarget(context), transactWriteItems),
        DescribeTable: read(table, describeTable),
      },
      resourceTypes: { 'AWS::DynamoDB::Table': tableType(context), 'AWS::DynamoDB::GlobalTable': tableType(context) },
      changes: () => regions.changes,
      edit: (edit, now) => applyEdit(context, edit, now),
      snapshot: now => regions.all().map(region => snapshotOf(context, region, now)),
      reset: () => regions.reset(),
    };
  };
}

/** The model knows no secrets; here no call log and no message shows what an attribute holds. */
function modelWithSecretValues(): ServiceModel {
  const model = asServiceModel(modelJson);
  return { ...model, shapes: { ...model.shapes, AttributeValue: { ...model.shapes.AttributeValue, sensitive: true } } };
}
