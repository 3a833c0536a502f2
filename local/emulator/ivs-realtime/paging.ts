import { nameFromToken, tokenFromName } from '../paging';
import { invalidRequest } from './lookup';

/** Pages are in the order of ARNs, which is by chance. A token is the ARN that the page before ended with. */
export function pageByArn<T extends { readonly arn: string }>(
  items: readonly T[], maxResults: number, token?: string,
): { page: T[]; nextToken?: string } {
  const after = token ? nameFromToken(token) : '';
  if (after === undefined) throw invalidRequest('nextToken is not valid');
  const remaining = items.filter(({ arn }) => arn > after).sort((a, b) => a.arn < b.arn ? -1 : 1);
  const page = remaining.slice(0, maxResults);
  return { page, ...remaining.length > page.length && { nextToken: tokenFromName(page.at(-1)!.arn) } };
}
