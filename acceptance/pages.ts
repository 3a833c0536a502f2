/** All pages of a list. */
export async function pagesOf<T>(
  read: (token: string | undefined) => Promise<{ readonly items?: readonly T[]; readonly next?: string }>,
): Promise<T[]> {
  const all: T[] = [];
  let token: string | undefined;
  do {
    const { items = [], next } = await read(token);
    all.push(...items);
    token = next;
  } while (token);
  return all;
}
