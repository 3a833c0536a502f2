/** A word, a placeholder, a number or an operator of an expression. */
export interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const token = /[A-Za-z][A-Za-z0-9_]*|[#:][A-Za-z0-9_]+|\d+|<>|<=|>=|[=<>()[\],.+-]/y;

/** The tokens of an expression; what is none becomes a token of a single character, at which the parser stops. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (let position = 0; position < text.length;) {
    token.lastIndex = position;
    const match = token.exec(text);
    const end = match ? token.lastIndex : position + 1;
    if (match || !/\s/.test(text[position])) tokens.push({ text: text.slice(position, end), start: position, end });
    position = end;
  }
  return tokens;
}
