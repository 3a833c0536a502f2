import { Member, ServiceModel, Shape, shapeOf } from './model';

export interface ValidationOptions {
  /** Shapes whose pattern in the model is known to be wrong. */
  readonly ignoredPatterns?: readonly string[];
  /** Only members and types, no limits: for what the emulator itself sends. */
  readonly structureOnly?: boolean;
}

/** What a value breaks of a shape's rules, each in the words AWS services use. Empty: the value is valid. */
export function validate(model: ServiceModel, shapeName: string, value: unknown, options: ValidationOptions = {}): string[] {
  return check({ model, options }, { shape: shapeName }, value, '');
}

/** The text of a service's answer to an invalid request. */
export function validationMessage(messages: string[]): string {
  return `${messages.length} validation error${messages.length > 1 ? 's' : ''} detected: ${messages.join('; ')}`;
}

interface Checker {
  readonly model: ServiceModel;
  readonly options: ValidationOptions;
}

function check(checker: Checker, member: Member, value: unknown, path: string): string[] {
  const shape = shapeOf(checker.model, member.shape);
  const finding = typeFinding(shape, value);
  if (finding) return [failed(shown(shape, member, value), path, finding)];
  switch (shape.type) {
    case 'structure': return checkStructure(checker, shape, value as Record<string, unknown>, path);
    case 'list': return [
      ...limits(checker, member, shape, value, (value as unknown[]).length, path),
      ...(value as unknown[]).flatMap((item, i) => check(checker, shape.member!, item, `${path}.${i + 1}.member`)),
    ];
    case 'map': return [
      ...limits(checker, member, shape, value, Object.keys(value as object).length, path),
      ...Object.entries(value as object).flatMap(([key, item]) => [
        ...check(checker, shape.key!, key, `${path}.key`),
        ...check(checker, shape.value!, item, `${path}.${key}.member`),
      ]),
    ];
    case 'string': return limits(checker, member, shape, value, hasLength(shape) ? [...value as string].length : 0, path);
    case 'blob': return limits(checker, member, shape, value, Buffer.from(value as string, 'base64').length, path);
    default: return limits(checker, member, shape, value, value as number, path);
  }
}

/** Every member of every request and response: loops, because intermediate arrays took a tenth of the time of handler tests. */
function checkStructure(checker: Checker, shape: Shape, value: Record<string, unknown>, path: string): string[] {
  const members = shape.members ?? {};
  const findings: string[] = [];
  for (const name of shape.required ?? []) {
    if (value[name] === undefined || value[name] === null) findings.push(failed('', below(path, name), 'Member must not be null'));
  }
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(members, name)) findings.push(failed('', below(path, name), 'Member is unknown'));
  }
  for (const name of Object.keys(members)) {
    // JSON null is an absent member.
    if (!Object.hasOwn(value, name) || value[name] === undefined || value[name] === null) continue;
    findings.push(...check(checker, members[name], value[name], below(path, name)));
  }
  return findings;
}

function typeFinding(shape: Shape, value: unknown): string | undefined {
  switch (shape.type) {
    case 'structure': return expected('structure', isObject(value));
    case 'map': return expected('map', isObject(value));
    case 'list': return expected('list', Array.isArray(value));
    case 'integer':
    case 'long': return expected('integer', Number.isInteger(value));
    case 'float':
    case 'double': return expected('number', typeof value === 'number' && Number.isFinite(value));
    case 'boolean': return expected('boolean', typeof value === 'boolean');
    case 'timestamp': return shape.timestampFormat === 'iso8601'
      ? expected('timestamp', typeof value === 'string' && !Number.isNaN(Date.parse(value)))
      : expected('timestamp', typeof value === 'number');
    case 'blob': return expected('blob', typeof value === 'string' && base64.test(value));
    default: return expected('string', typeof value === 'string');
  }
}

function expected(type: string, holds: boolean): string | undefined {
  return holds ? undefined : `Member must be of type ${type}`;
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Characters are counted only if a limit asks for it. */
function hasLength({ min, max }: Shape): boolean {
  return min !== undefined || max !== undefined;
}

function limits(checker: Checker, member: Member, shape: Shape, value: unknown, size: number, path: string): string[] {
  if (checker.options.structureOnly || shape.type === 'boolean' || shape.type === 'timestamp') return [];
  const noun = shape.type === 'integer' || shape.type === 'long' || shape.type === 'float' || shape.type === 'double' ? 'value' : 'length';
  const findings: string[] = [];
  if (shape.min !== undefined && size < shape.min) findings.push(`Member must have ${noun} greater than or equal to ${shape.min}`);
  if (shape.max !== undefined && size > shape.max) findings.push(`Member must have ${noun} less than or equal to ${shape.max}`);
  if (shape.enum && !shape.enum.includes(value as string)) findings.push(`Member must satisfy enum value set: [${shape.enum.join(', ')}]`);
  if (shape.pattern !== undefined && !checker.options.ignoredPatterns?.includes(member.shape) && !anchored(shape.pattern).test(value as string)) {
    findings.push(`Member must satisfy regular expression pattern: ${shape.pattern}`);
  }
  return findings.map(finding => failed(shown(shape, member, value), path, finding));
}

const compiled = new Map<string, RegExp>();

/** The models' patterns mean the whole string. Those with \p need the u flag; others (`\:` in the ARN ones) are invalid under it. */
export function anchored(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known) return known;
  const expression = new RegExp(`^(?:${pattern})$`, pattern.includes('\\p{') ? 'u' : '');
  compiled.set(pattern, expression);
  return expression;
}

function failed(value: string, path: string, constraint: string): string {
  return `Value ${value}at '${path || 'input'}' failed to satisfy constraint: ${constraint}`;
}

/** A secret is never quoted. */
function shown(shape: Shape, member: Member, value: unknown): string {
  if (shape.sensitive || member.sensitive || typeof value === 'object') return '';
  return `'${String(value)}' `;
}

function below(path: string, name: string): string {
  const camel = name.charAt(0).toLowerCase() + name.slice(1);
  return path ? `${path}.${camel}` : camel;
}
