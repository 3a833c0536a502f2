import { ServiceError } from '../errors';
import { CallContext, Input } from '../service';
import { assertDistinct } from './batches';
import { invalid } from './errors';
import { assertEmulated } from './expressions';
import { Context, regionOf } from './lookup';
import { sizeOf } from './values';
import { Change, decided, store, understood, Write, WriteKind } from './writes';

type Output = Record<string, unknown>;

const tokenLifetime = 10 * 60 * 1000;
const maximumBytes = 4 * 1024 * 1024;
const codes: Record<string, string> = { ConditionalCheckFailedException: 'ConditionalCheckFailed', ValidationException: 'ValidationError' };

/** All writes or none; the same token within ten minutes is the same transaction. */
export function transactWriteItems(context: Context, input: Input, call: CallContext): Output {
  assertEmulated(input);
  const { ClientRequestToken: token, ...request } = input;
  if (token !== undefined && isRepeated(context, call, token, JSON.stringify(request))) return {};
  const writes = operationsOf(input).map(({ kind, parameters }) => understood(context, call, kind, parameters));
  assertDistinct(writes.map(({ table, key }) => `${table.arn} ${key}`), 'Transaction request cannot include multiple operations on one item');
  const changes = decidedAll(context, call, writes);
  writes.forEach((write, i) => store(context, call, write, changes[i]));
  if (token !== undefined) regionOf(context, call).transactions.set(token, { time: call.now, request: JSON.stringify(request) });
  return {};
}

/** What each element of a transaction does: exactly one thing. */
export function operationsOf({ TransactItems }: Input): { kind: WriteKind; parameters: Input }[] {
  return TransactItems.map((element: Input) => {
    const given = Object.entries(element).filter(([, parameters]) => parameters);
    if (given.length !== 1) throw invalid('TransactItems can only contain one of Check, Put, Update or Delete');
    return { kind: given[0][0], parameters: given[0][1] };
  });
}

function isRepeated(context: Context, call: CallContext, token: string, request: string): boolean {
  const known = regionOf(context, call).transactions.get(token);
  if (!known || call.now - known.time >= tokenLifetime) return false;
  if (known.request !== request) {
    throw new ServiceError('IdempotentParameterMismatchException',
      'The provided client request token was already used for a request with different parameters');
  }
  return true;
}

function decidedAll(context: Context, call: CallContext, writes: Write[]): Change[] {
  const outcomes = writes.map(write => outcomeOf(() => decided(context, call, write)));
  const reasons = outcomes.map(outcome => outcome instanceof ServiceError
    ? { Code: codes[outcome.errorName], Message: outcome.message, ...outcome.members }
    : { Code: 'None' });
  if (outcomes.some(outcome => outcome instanceof ServiceError)) {
    throw new ServiceError('TransactionCanceledException',
      `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(', ')}]`,
      undefined, { CancellationReasons: reasons });
  }
  const changes = outcomes as Change[];
  if (changes.reduce((bytes, change) => bytes + (change.new ? sizeOf(change.new) : 0), 0) > maximumBytes) {
    throw invalid('Transaction request exceeds the maximum size of 4 MB');
  }
  return changes;
}

function outcomeOf(decide: () => Change): Change | ServiceError {
  try {
    return decide();
  } catch (error) {
    if (error instanceof ServiceError && codes[error.errorName]) return error;
    throw error;
  }
}
