import { CallContext, Input, Operation, Target } from '../service';
import { tablesOfBatch } from './batches';
import { arnOfTable, Context, regionOf } from './lookup';
import { operationsOf } from './transactions';

/* What each operation is about. Conditions on dynamodb:… keys are not known: what needs one of them is denied. */
type Targets = Operation['targets'];

const actions: Record<string, string> = {
  Put: 'dynamodb:PutItem', Update: 'dynamodb:UpdateItem', Delete: 'dynamodb:DeleteItem', ConditionCheck: 'dynamodb:ConditionCheckItem',
};

export function tableTarget(context: Context): Targets {
  return (input, call) => [target(context, call, arnOfTable(call, input.TableName))];
}

/** Reading an index is decided on the index alone. */
export function viewTarget(context: Context): Targets {
  return (input, call) => {
    const table = target(context, call, arnOfTable(call, input.TableName));
    return [input.IndexName === undefined ? table : { ...table, arn: `${table.arn}/index/${input.IndexName}`, limitKey: table.arn }];
  };
}

export function batchTarget(context: Context): Targets {
  return (input, call) => tablesOfBatch(input, call).map(arn => target(context, call, arn));
}

/** A transaction has no action of its own: each of its writes has. */
export function transactionTarget(context: Context): Targets {
  return (input: Input, call: CallContext) => operationsOf(input)
    .map(({ kind, parameters }) => ({ ...target(context, call, arnOfTable(call, parameters.TableName)), action: actions[kind] }));
}

function target(context: Context, call: CallContext, arn: string): Target {
  return { arn, tags: regionOf(context, call).tables.byArn(arn, call.now)?.tags };
}
