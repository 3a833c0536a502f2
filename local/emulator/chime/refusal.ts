import { ServiceError } from '../errors';
import { Operation } from '../service';
import { ChimeOptions } from './options';

/** New accounts have no access to the legacy namespace, whatever their policies allow. */
export function refusing(options: ChimeOptions, operations: Record<string, Operation>): Record<string, Operation> {
  return Object.fromEntries(Object.entries(operations).map(([name, operation]): [string, Operation] => [name, {
    ...operation,
    run: (input, call) => {
      assertAccepted(options, call.account);
      return operation.run(input, call);
    },
  }]));
}

function assertAccepted({ refusedAccounts = [], refusal = 'deprecated-api' }: ChimeOptions, account: string): void {
  if (refusedAccounts !== 'all' && !refusedAccounts.includes(account)) return;
  throw new ServiceError('ForbiddenException', refusal === 'not-authorized'
    ? `Not authorized to call Chime SDK with Account Id ${account}`
    : `Account Id ${account} is not authorized to call deprecated Amazon Chime SDK API on the "chime" endpoint, use one of the "*-chime*" endpoints instead.`);
}
