/**
 * A key that an aspect has set, after the policies of the handlers were created. Findings out. Keys that AWS manages need no rights.
 *
 * @param property where the app can give the key instead
 * @param what has the key
 * @param known the key for which the handlers have rights
 */
export function validateLateKey(property: string, what: string, known: unknown, found: unknown): string[] {
  if (found === undefined || found === known || String(found).includes('alias/aws/')) return [];
  return [`${property}: an aspect has given the ${what} a key, and the functions have no rights to use it; give the key in ${property}, or in a property injector`];
}
