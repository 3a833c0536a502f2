import { ServiceError } from '../../errors';
import { invalid } from '../errors';
import { AttributeValue } from '../values';
import { checkCall, checkTest } from './checks';
import { Placeholders } from './placeholders';
import { isReserved } from './reserved-words';
import { Condition, Operand, Path, pathText, UpdateAction } from './syntax';
import { Token, tokensOf } from './tokens';

const comparators = ['=', '<>', '<', '<=', '>', '>='];
const maximumBytes = 4096;

/** Reads one expression from left to right, each method one rule of the grammar. `kind` is the name of the request's member. */
export class Parser {
  private readonly tokens: Token[];
  private position = 0;
  private lastGroup = { open: -1, close: -1 };

  constructor(private readonly kind: string, private readonly text: string, private readonly placeholders: Placeholders) {
    if (text === '') throw this.error('The expression can not be empty;');
    if (Buffer.byteLength(text) > maximumBytes) throw this.error('Expression size has exceeded the maximum allowed size;');
    this.tokens = tokensOf(text);
  }

  condition(): Condition {
    const condition = this.disjunction();
    this.assertEnd();
    return condition;
  }

  update(): UpdateAction[] {
    const sections: [string, UpdateAction[]][] = [];
    while (sections.length === 0 || this.position < this.tokens.length) {
      const name = (this.keyword('SET', 'REMOVE', 'ADD', 'DELETE') ?? this.unexpected()) as UpdateAction['kind'];
      if (sections.some(([known]) => known === name)) throw this.error(`The "${name}" section can only be used once in an update expression;`);
      sections.push([name, this.list(() => this.action(name))]);
    }
    const actions = sections.flatMap(([, section]) => section);
    this.assertApart(actions.map(({ path }) => path));
    return actions;
  }

  projection(): Path[] {
    const paths = this.list(() => this.path());
    this.assertEnd();
    this.assertApart(paths);
    return paths;
  }

  private disjunction(): Condition {
    let left = this.conjunction();
    while (this.keyword('OR')) left = { kind: 'or', left, right: this.conjunction() };
    return left;
  }

  private conjunction(): Condition {
    let left = this.negation();
    while (this.keyword('AND')) left = { kind: 'and', left, right: this.negation() };
    return left;
  }

  private negation(): Condition {
    return this.keyword('NOT') ? { kind: 'not', condition: this.negation() } : this.group() ?? this.test();
  }

  private group(): Condition | undefined {
    const open = this.position;
    if (!this.accept('(')) return undefined;
    const condition = this.disjunction();
    if (this.lastGroup.open === open + 1 && this.lastGroup.close === this.position - 1) {
      throw this.error('The expression has redundant parentheses;');
    }
    this.lastGroup = { open, close: this.position };
    this.expect(')');
    return condition;
  }

  private test(): Condition {
    const first = this.operand();
    const comparator = comparators.find(candidate => this.accept(candidate));
    if (comparator) return this.tested(comparator, [first, this.operand()]);
    if (this.keyword('BETWEEN')) {
      const low = this.operand();
      if (!this.keyword('AND')) this.unexpected();
      return this.tested('BETWEEN', [first, low, this.operand()]);
    }
    if (this.keyword('IN')) {
      this.expect('(');
      const candidates = this.list(() => this.operand());
      this.expect(')');
      return this.tested('IN', [first, ...candidates]);
    }
    if (first.kind !== 'call') return this.unexpected();
    if (first.name === 'size') throw this.misused(first.name);
    return this.tested(first.name, first.operands);
  }

  private tested(name: string, operands: readonly Operand[]): Condition {
    const nested = operands.find(operand => operand.kind === 'call' && operand.name !== 'size');
    if (nested?.kind === 'call') throw this.misused(nested.name);
    this.check(() => checkTest(name, operands));
    return { kind: 'test', name, operands };
  }

  private action(kind: UpdateAction['kind']): UpdateAction {
    const path = this.path();
    if (kind === 'REMOVE') return { kind, path };
    if (kind === 'SET') {
      this.expect('=');
      return { kind, path, operand: this.sum() };
    }
    const value = this.value() ?? this.unexpected();
    this.check(() => checkTest(kind, [{ kind: 'value', value }]));
    return { kind, path, value };
  }

  private sum(): Operand {
    const left = this.operand();
    const sign = ['+', '-'].find(candidate => this.accept(candidate));
    return sign ? this.called(sign, [left, this.operand()]) : left;
  }

  private operand(): Operand {
    const value = this.value();
    if (value) return { kind: 'value', value };
    if (this.kind === 'UpdateExpression' && this.accept('(')) {
      const inner = this.sum();
      this.expect(')');
      return inner;
    }
    if (this.tokens[this.position + 1]?.text === '(' && /^[A-Za-z]/.test(this.tokens[this.position].text)) return this.call();
    return { kind: 'path', path: this.path() };
  }

  private call(): Operand {
    const name = this.next();
    this.expect('(');
    const operands = this.list(() => this.operand());
    this.expect(')');
    return this.called(name, operands);
  }

  private called(name: string, operands: Operand[]): Operand {
    this.check(() => checkCall(this.kind === 'UpdateExpression' ? 'update' : 'condition', name, operands));
    return { kind: 'call', name, operands };
  }

  private path(): Path {
    const path: (string | number)[] = [this.attribute()];
    for (;;) {
      if (this.accept('.')) {
        path.push(this.attribute());
      } else if (this.accept('[')) {
        if (!/^\d+$/.test(this.peek())) this.unexpected();
        path.push(Number(this.next()));
        this.expect(']');
      } else {
        return path;
      }
    }
  }

  private attribute(): string {
    const text = this.peek();
    if (text.startsWith('#')) {
      const name = this.placeholders.name(this.next());
      if (name === undefined) throw this.error(`An expression attribute name used in the document path is not defined; attribute name: ${text}`);
      return name;
    }
    if (!/^[A-Za-z]/.test(text)) this.unexpected();
    if (isReserved(text)) throw this.error(`Attribute name is a reserved keyword; reserved keyword: ${text}`);
    return this.next();
  }

  private value(): AttributeValue | undefined {
    if (!this.peek().startsWith(':')) return undefined;
    const placeholder = this.next();
    const value = this.placeholders.value(placeholder);
    if (!value) throw this.error(`An expression attribute value used in expression is not defined; attribute value: ${placeholder}`);
    return value;
  }

  private list<T>(element: () => T): T[] {
    const elements = [element()];
    while (this.accept(',')) elements.push(element());
    return elements;
  }

  private peek(): string {
    return this.tokens[this.position]?.text ?? '';
  }

  private next(): string {
    this.position += 1;
    return this.tokens[this.position - 1].text;
  }

  private accept(text: string): boolean {
    if (this.peek() !== text) return false;
    this.position += 1;
    return true;
  }

  private keyword(...words: string[]): string | undefined {
    const word = this.peek().toUpperCase();
    if (!words.includes(word)) return undefined;
    this.position += 1;
    return word;
  }

  private expect(text: string): void {
    if (!this.accept(text)) this.unexpected();
  }

  private assertEnd(): void {
    if (this.position < this.tokens.length) this.unexpected();
  }

  /** No path may lead to, or through, what another one leads to. */
  private assertApart(paths: Path[]): void {
    for (const [i, one] of paths.entries()) {
      for (const two of paths.slice(i + 1)) {
        const shared = one.slice(0, two.length);
        const conflict = shared.findIndex((step, at) => step !== two[at]);
        if (conflict >= 0 && typeof one[conflict] === typeof two[conflict]) continue;
        throw this.error(`Two document paths ${conflict >= 0 ? 'conflict' : 'overlap'} with each other; must remove or rewrite one of these paths; `
          + `path one: ${pathText(one)}, path two: ${pathText(two)}`);
      }
    }
  }

  private check(rule: () => string | undefined): void {
    const finding = rule();
    if (finding) throw this.error(finding);
  }

  private misused(name: string): ServiceError {
    return this.error(`The function is not allowed to be used this way in an expression; function: ${name}`);
  }

  private unexpected(): never {
    const [before, token, after] = [-1, 0, 1].map(offset => this.tokens[this.position + offset] as Token | undefined);
    const near = this.text.slice((before ?? token)?.start ?? 0, (after ?? token ?? before)?.end);
    throw this.error(`Syntax error; token: "${token?.text ?? '<EOF>'}", near: "${near}"`);
  }

  private error(message: string): ServiceError {
    return invalid(`Invalid ${this.kind}: ${message}`);
  }
}
