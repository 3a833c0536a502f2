/**
 * Validates a key that an aspect may have set after the policies of the handlers were created. AWS managed keys need no permissions.
 *
 * @param property The property in which the app can set the key instead.
 * @param keyOwner The resource that has the key.
 * @param known The key for which the handlers have permissions.
 */
export function validateLateKey(property: string, keyOwner: string, known: unknown, found: unknown): string[] {
  if (found === undefined || found === known || String(found).includes('alias/aws/')) return [];
  return [`${property}: an aspect has given the ${keyOwner} a key, and the functions have no permissions to use it; give the key in ${property}, or in a property injector`];
}
