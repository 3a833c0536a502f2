import { nameFromToken } from '../paging';
import { invalidRequest } from './lookup';

/** The ARN that the page before ended with. Pages are in the order of ARNs, which is by chance. */
export function arnFromToken(token: string): string {
  const arn = nameFromToken(token);
  if (arn === undefined) throw invalidRequest('nextToken is not valid');
  return arn;
}
