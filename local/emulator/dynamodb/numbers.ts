import { invalid } from './errors';

/** A number is digits times a power of ten: it may have 38 digits, more than a number of JavaScript holds. */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

const maximumDigits = 38;
const [lowest, highest] = [-130, 125];

/** The one way in which the service writes a number, so that equal numbers are equal texts. */
export function normalNumber(text: string): string {
  return textOf(parse(text));
}

export function compareNumbers(a: string, b: string): number {
  const [left, right] = aligned(parse(a), parse(b));
  return left.digits < right.digits ? -1 : left.digits > right.digits ? 1 : 0;
}

export function addNumbers(a: string, b: string, sign: 1 | -1 = 1): string {
  const [left, right] = aligned(parse(a), parse(b));
  return textOf(shortened({ digits: left.digits + BigInt(sign) * right.digits, exponent: left.exponent }));
}

function parse(text: string): Decimal {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/.exec(text);
  if (!match || !(match[2] || match[3])) throw invalid(`The parameter cannot be converted to a numeric value${text && `: ${text}`}`);
  const [, sign, whole, fraction = '', exponent = '0'] = match;
  return shortened({ digits: BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`), exponent: Number(exponent) - fraction.length });
}

/** Without zeros at the end, and within the limits. */
function shortened({ digits, exponent }: Decimal): Decimal {
  if (digits === 0n) return { digits, exponent: 0 };
  const zeros = /0*$/.exec(String(digits))![0].length;
  const short = { digits: digits / 10n ** BigInt(zeros), exponent: exponent + zeros };
  const { length } = String(short.digits).replace('-', '');
  const magnitude = length + short.exponent - 1;
  if (magnitude > highest) throw invalid('Number overflow. Attempting to store a number with magnitude larger than supported range');
  if (magnitude < lowest) throw invalid('Number underflow. Attempting to store a number with magnitude smaller than supported range');
  if (length > maximumDigits) throw invalid(`Attempting to store more than ${maximumDigits} significant digits in a Number`);
  return short;
}

function aligned(...decimals: [Decimal, Decimal]): Decimal[] {
  const exponent = Math.min(...decimals.map(decimal => decimal.exponent));
  return decimals.map(decimal => ({ digits: decimal.digits * 10n ** BigInt(decimal.exponent - exponent), exponent }));
}

function textOf({ digits, exponent }: Decimal): string {
  if (exponent >= 0) return String(digits * 10n ** BigInt(exponent));
  const places = -exponent;
  const padded = String(digits).replace('-', '').padStart(places + 1, '0');
  return `${digits < 0n ? '-' : ''}${padded.slice(0, -places)}.${padded.slice(-places)}`;
}
