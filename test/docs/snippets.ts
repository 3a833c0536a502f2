/** The code of the snippets of a page in one language. `info` follows the language in the first line: ```ts nofixture */
export function snippetsIn(markdown: string, language: string, info = ''): string[] {
  const fence = `\`\`\`${language}${info && ` ${info}`}`;
  return [...markdown.matchAll(new RegExp(`^${fence}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, code]) => code);
}
