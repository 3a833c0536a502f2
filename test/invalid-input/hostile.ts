import { CfnParameter, Duration, Lazy, type Stack, Token } from 'aws-cdk-lib';
import * as fc from 'fast-check';

/* What users, and those who send users their values, give to constructs. */

/** The same in every run; `npm run test:all` has more. A failure prints the path that repeats it alone: `{ seed, path }`. */
export const RUN = { seed: 20261121, numRuns: Number(process.env.RANDOM_INPUTS ?? 50) };

/** Text with a meaning for a component that processes it: the CDK, CloudFormation, a shell, JavaScript, or a service. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '', ' ', ' a ', '\t', 'a\nb', '\n', '\r\n', '\0', '\u001f', '\u007f', '\u200b', '\ufeff', '\ud800', '\udc00a', '😀😀😀', 'é', 'ß', '名前', '‮abc',
    '"', '\'', '`', '\\', '\\"', '$', '${}', '${AWS::StackId}', '${!Literal}', '{{resolve:ssm:/name}}', '{{resolve:secretsmanager:name}}', '{"Ref":"AWS::StackId"}',
    '$(id)', '<script>', '\' or 1=1', '%s', '%00', '../..', 'a/b', 'a:b', '*', '?', 'arn:aws:iam::123456789012:role/x', 'aws:', 'aws:x', 'AWS:x', 'cdk-rtc:stack',
    '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'true', 'false', '1', '-1', '0', '1e3', 'null', 'undefined', 'NaN', '[]', '{}', 'x'.repeat(10_240),
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
);

/** As long as one may be, and a little more and less. */
export function around(limit: number, character = 'a'): fc.Arbitrary<string> {
  return fc.constantFrom(-1, 0, 1).map((offset) => character.repeat(Math.max(0, limit + offset)));
}

/** Numbers at a limit and next to it, and values such as NaN. */
export function numbersAround(...limits: number[]): fc.Arbitrary<number> {
  return fc.oneof(
    fc.constantFrom(...limits.flatMap((limit) => [limit - 1, limit, limit + 1, limit + 0.5])),
    fc.constantFrom(NaN, Infinity, -Infinity, -1, -0, 0, 0.1, 1e21, 2 ** 31, 2 ** 53),
  );
}

/** The amount in each unit; what no Duration can be is left out, because that is core's own error. */
export function durations(seconds: fc.Arbitrary<number>): fc.Arbitrary<Duration> {
  const units: ((amount: number) => Duration)[] = [
    (amount) => Duration.seconds(amount),
    (amount) => Duration.millis(amount * 1000),
    (amount) => Duration.minutes(amount / 60),
    (amount) => Duration.hours(amount / 3600),
    (amount) => Duration.days(amount / 86_400),
  ];
  return fc.tuple(seconds.filter((amount) => !(amount < 0)), fc.constantFrom(...units)).map(([amount, unit]) => unit(amount));
}

/** Mostly what is right, so that what is wrong is not always wrong in the same first place. */
export function mostly<T>(right: fc.Arbitrary<T>, wrong: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: wrong });
}

export const flag = fc.boolean();

/** An enum's members, and what JavaScript lets through. */
export function members<T extends string>(values: Record<string, T>): fc.Arbitrary<T> {
  return mostly(fc.constantFrom(...Object.values(values)), hostileText as fc.Arbitrary<T>);
}

export const regions = mostly(fc.constant('us-east-1'), hostileText);

export const tags: fc.Arbitrary<[string, string][]> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<[string, string][]>([]) },
  { weight: 6, arbitrary: fc.array(fc.tuple<[string, string]>(fc.constantFrom('team', 'cost center', 'a.b:c/d=e+f-g@h'), fc.constantFrom('', 'studio', 'Müller & Söhne', 'a b')), { maxLength: 3 }) },
  { weight: 2, arbitrary: fc.array(fc.tuple(fc.oneof(hostileText, around(128)), fc.oneof(hostileText, around(256))), { maxLength: 2 }) },
  { weight: 1, arbitrary: fc.constantFrom(46, 47, 48, 49, 51).map((count) => Array.from({ length: count }, (_, i): [string, string] => [`tag${i}`, 'x'])) },
);

/** What is known only at deployment, in each form that the CDK has for it. */
export function tokensOf(stack: Stack, name: string) {
  const text = new CfnParameter(stack, `${name}Text`);
  const number = new CfnParameter(stack, `${name}Number`, { type: 'Number' });
  const list = new CfnParameter(stack, `${name}List`, { type: 'CommaDelimitedList' });
  return {
    strings: [text.valueAsString, `before-${text.valueAsString}`, Lazy.string({ produce: () => 'late' })],
    numbers: [number.valueAsNumber, Lazy.number({ produce: () => 7 })],
    lists: [list.valueAsList, Lazy.list({ produce: () => ['late', 'later'] }), Token.asList({ 'Fn::Split': [',', 'a,b'] })],
  };
}
