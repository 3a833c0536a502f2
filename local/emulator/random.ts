import { createHash } from 'crypto';

/** Park and Miller's generator: the same seed gives the same run. Numbers in [0, 1). */
export function seededRandom(seed: number): () => number {
  const modulus = 2147483647;
  let state = (Math.abs(Math.trunc(seed)) % (modulus - 1)) + 1;
  return () => {
    state = (state * 48271) % modulus;
    return (state - 1) / (modulus - 1);
  };
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Looks random, is the same for the same input. */
export function scrambled(input: string, length: number): string {
  const bytes = createHash('sha512').update(input).digest();
  return Array.from({ length }, (_, i) => alphabet[bytes[i % bytes.length] % alphabet.length]).join('');
}

export function scrambledHex(input: string, length: number): string {
  return createHash('sha512').update(input).digest('hex').slice(0, length);
}

export function uuid(input: string): string {
  const hex = scrambledHex(input, 32);
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20)].join('-');
}
