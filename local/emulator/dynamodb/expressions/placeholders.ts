import { ServiceError } from '../../errors';
import { invalid } from '../errors';
import { AttributeValue, checkedValue } from '../values';

interface Given {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, AttributeValue>>;
}

/** The `#names` and `:values` of a request. Each must be used. */
export class Placeholders {
  private readonly names: Readonly<Record<string, string>>;
  private readonly values: Readonly<Record<string, AttributeValue>>;
  private readonly used = new Set<string>();

  constructor({ ExpressionAttributeNames: names, ExpressionAttributeValues: values }: Given, expressions: Record<string, string | undefined>) {
    if (names && Object.values(expressions).every(text => text === undefined)) {
      throw invalid('ExpressionAttributeNames can only be specified when using expressions');
    }
    const withValues = Object.keys(expressions).filter(name => name !== 'ProjectionExpression');
    if (values && withValues.every(name => expressions[name] === undefined)) {
      throw invalid('ExpressionAttributeValues can only be specified when using expressions: '
        + `${withValues.join(' and ')} ${withValues.length > 1 ? 'are' : 'is'} null`);
    }
    assertKeys('ExpressionAttributeNames', '#', names);
    assertKeys('ExpressionAttributeValues', ':', values);
    this.names = names ?? {};
    this.values = Object.fromEntries(Object.entries(values ?? {}).map(([key, value]) => [key, checked(key, value)]));
  }

  name(placeholder: string): string | undefined {
    this.used.add(placeholder);
    return Object.hasOwn(this.names, placeholder) ? this.names[placeholder] : undefined;
  }

  value(placeholder: string): AttributeValue | undefined {
    this.used.add(placeholder);
    return Object.hasOwn(this.values, placeholder) ? this.values[placeholder] : undefined;
  }

  assertAllUsed(): void {
    for (const [member, given] of [['ExpressionAttributeNames', this.names], ['ExpressionAttributeValues', this.values]] as const) {
      const unused = Object.keys(given).filter(key => !this.used.has(key));
      if (unused.length > 0) throw invalid(`Value provided in ${member} unused in expressions: keys: {${unused.join(', ')}}`);
    }
  }
}

function assertKeys(member: string, sign: string, given: object | undefined): void {
  if (!given) return;
  if (Object.keys(given).length === 0) throw invalid(`${member} must not be empty`);
  const wrong = Object.keys(given).find(key => !key.startsWith(sign) || !/^[A-Za-z0-9_]+$/.test(key.slice(1)));
  if (wrong !== undefined) throw invalid(`${member} contains invalid key: Syntax error; key: "${wrong}"`);
}

function checked(key: string, value: AttributeValue): AttributeValue {
  try {
    return checkedValue(value);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw invalid(`ExpressionAttributeValues contains invalid value: ${error.message} for key ${key}`);
  }
}
