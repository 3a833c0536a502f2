import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { LanguageTablet, TargetLanguage } from 'jsii-rosetta';

/**
 * Compiles every TypeScript snippet of docs/, strictly, and writes below each what it is in the other languages. Needs the assembly (`projen compile`).
 *
 * jsii-rosetta reads the README and the docstrings of an assembly, no other files. So it is given an assembly whose README are these pages.
 */
const LANGUAGES = [TargetLanguage.PYTHON, TargetLanguage.JAVA, TargetLanguage.CSHARP, TargetLanguage.GO];
const TITLES: Record<string, string> = { python: 'Python', java: 'Java', csharp: 'C#', go: 'Go' };

const SNIPPET = /^```ts[^\n]*\n([\s\S]*?)\n```\n/gm;
const TRANSLATIONS = /<!-- translated -->[\s\S]*?<!-- \/translated -->\n/g;

const pages = readdirSync('docs').filter((name) => name.endsWith('.md')).map((name) => path.join('docs', name));
const sources = pages.map((page) => readFileSync(page, 'utf8').replace(new RegExp(`\\n${TRANSLATIONS.source}`, 'g'), ''));

async function translate(markdown: string): Promise<LanguageTablet> {
  const folder = mkdtempSync(path.join(tmpdir(), 'docs-snippets-'));
  try {
    for (const name of ['lib', 'node_modules', 'package.json', 'rosetta']) symlinkSync(path.resolve(name), path.join(folder, name));
    const assembly = JSON.parse(gunzipSync(readFileSync('.jsii.gz')).toString(), (key, value) => key === 'example' ? undefined : value);
    writeFileSync(path.join(folder, '.jsii'), JSON.stringify({ ...assembly, readme: { markdown } }));
    execFileSync('npx', ['jsii-rosetta', 'extract', '--strict', folder], { stdio: 'inherit' });
    return await LanguageTablet.fromFile(path.join(folder, '.jsii.tabl.json'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function translationsOf(tablet: LanguageTablet, code: string): string {
  const snippet = tablet.translatedSnippets.find(({ originalSource }) => originalSource.source.trim() === code.trim());
  const blocks = LANGUAGES.map((language) => {
    const translation = snippet?.get(language);
    if (!translation) throw new Error(`not translated to ${language}:\n${code}`);
    return `${TITLES[language]}:\n\n\`\`\`${language}\n${translation.source.trim()}\n\`\`\``;
  });
  return ['<!-- translated -->', `<details><summary>${LANGUAGES.map((language) => TITLES[language]).join(', ')}</summary>`, '',
    blocks.join('\n\n'), '', '</details>', '<!-- /translated -->', ''].join('\n');
}

async function main(): Promise<void> {
  const tablet = await translate(sources.join('\n\n'));
  pages.forEach((page, index) => {
    const text = sources[index].replace(SNIPPET, (block, code: string) => `${block}\n${translationsOf(tablet, code)}`);
    writeFileSync(page, text);
  });
  console.log(`${tablet.count} snippets on ${pages.length} pages`);
}

main().catch((error) => {
  console.error((error as Error).message);
  process.exitCode = 1;
});
