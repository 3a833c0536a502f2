/** Pages are in the order of names; the token holds the last one given out. */
export function tokenFromName(name: string): string {
  return Buffer.from(`after:${name}`).toString('base64');
}

/** undefined: not a token of ours. */
export function nameFromToken(token: string): string | undefined {
  const text = Buffer.from(token, 'base64').toString('utf8');
  return text.startsWith('after:') ? text.slice('after:'.length) : undefined;
}
