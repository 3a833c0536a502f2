import * as paging from '../paging';
import { invalidArgument } from './lookup';

export { tokenFromName } from '../paging';

export function nameFromToken(token: string): string {
  const name = paging.nameFromToken(token);
  if (name === undefined) throw invalidArgument('The NextToken is not valid.');
  return name;
}
