import * as fs from 'node:fs';
import * as path from 'node:path';
import * as ts from 'typescript';

/** A text of the source code. Between two neighboring pieces stands a value that only the running program knows. */
export type Text = readonly string[];

/** Every text in the TypeScript files of a folder: literals, templates, and their concatenations. */
export function textsIn(folder: string): Text[] {
  const files = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.flatMap((name) => textsOf(fs.readFileSync(path.join(folder, name), 'utf8')));
}

export function textsOf(code: string): Text[] {
  const texts: Text[] = [];
  const visit = (node: ts.Node) => {
    const text = textOf(node);
    if (text && text.join('') !== '') texts.push(text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('code.ts', code, ts.ScriptTarget.Latest));
  return texts;
}

function textOf(node: ts.Node): Text | undefined {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isTemplateExpression(node)) {
    return node.templateSpans.reduce<Text>((text, { expression, literal }) => join(join(text, textOf(expression) ?? ['', '']), [literal.text]), [node.head.text]);
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return join(textOf(node.left) ?? ['', ''], textOf(node.right) ?? ['', '']);
  }
  return ts.isParenthesizedExpression(node) ? textOf(node.expression) : undefined;
}

function join(one: Text, other: Text): Text {
  return [...one.slice(0, -1), one[one.length - 1] + other[0], ...other.slice(1)];
}

/** The number of characters of the source that a quotation must have in addition to its values. */
const LEAST_LITERAL = 4;

/** A single word, or the noun by which a declaration names its resource. */
const VALUE = /^(?:media storage|streaming configuration|voice connector|\S*)/;

/**
 * Whether a part of a message, which has no ellipsis, is a part of what the text becomes with some values.
 * Other words than those of the source don't count as a value.
 */
export function says(text: Text, part: string): boolean {
  return text.some((piece, index) => piece.includes(part) || suffixes(piece).some((suffix) =>
    part.startsWith(suffix) && continues(text.slice(index + 1), part.slice(suffix.length), suffix.length)));
}

function continues(text: Text, rest: string, covered: number): boolean {
  if (text.length === 0) return false;
  const [piece, ...others] = text;
  const [value] = VALUE.exec(rest)!;
  for (let length = 0; length <= value.length; length++) {
    const after = rest.slice(length);
    if (piece.startsWith(after) && covered + after.length >= LEAST_LITERAL) return true;
    if (after.startsWith(piece) && continues(others, after.slice(piece.length), covered + piece.length)) return true;
  }
  return false;
}

function suffixes(text: string): string[] {
  return Array.from({ length: text.length + 1 }, (_, index) => text.slice(index));
}

/** The messages that a page quotes under Troubleshooting: the code in the columns "Message" and "Log line" of its tables. */
export function quotedMessages(markdown: string): string[] {
  const [, section = ''] = /\n## Troubleshooting\n([\s\S]*?)(?=\n## |$)/.exec(markdown) ?? [];
  return section.split(/\n\n+/).filter((block) => block.trim().startsWith('|')).flatMap((block) => {
    const [header, , ...rows] = block.trim().split('\n').map((line) => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim()));
    const columns = header.flatMap((cell, index) => /^(Message|Log line)$/.test(cell) ? [index] : []);
    return rows.flatMap((row) => columns.flatMap((column) => [...row[column].matchAll(/`([^`]+)`/g)].map(([, message]) => message)));
  });
}

/** The parts of a message around its ellipses. The property in front of a colon is a part of its own, because the code adds it to the rule. */
export function partsOf(message: string): string[] {
  return message.split('…').flatMap((part) => {
    const [, property, rule] = /^([\w.[\]]+): (.*)$/.exec(part) ?? [];
    return property ? [property, rule] : [part];
  }).map((part) => part.trim().replace(/^[;,:.]+\s*|\s*[;,:]$/g, '')).filter((part) => part.length > 2);
}
