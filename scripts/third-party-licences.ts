import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

/** Writes the licenses of the packages that esbuild has bundled into the handlers. The package contains them next to the handlers. */
const BUNDLES = { 'handlers': 'lib/lambda/index.js', 'chime-legacy': 'lib/lambda/chime-legacy/index.js' };
const FILE = 'lib/lambda/THIRD-PARTY-LICENCES.txt';

function packageFolders(contents: string): string[] {
  const files: string[] = JSON.parse(readFileSync(contents, 'utf8'));
  const folders = files.map((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]).filter((folder) => folder !== undefined);
  return [...new Set(folders)];
}

interface Notice {
  readonly title: string;
  readonly text: string;
}

function notice(folder: string): Notice {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((candidate) => /^licen[cs]e/i.test(candidate));
  return { title: `${name} ${version} (${license})`, text: file ? readFileSync(path.join(folder, file), 'utf8').trim() : '' };
}

/** Each text once, under all that it holds for. Apart from white space and the year of the copyright many are the same. */
function render(notices: Notice[]): string {
  const byText = new Map<string, { titles: Set<string>; text: string }>();
  for (const { title, text } of notices) {
    const key = text.replace(/\s+/g, ' ').replace(/Copyright \d{4}(-\d{4})?/, 'Copyright');
    const entry = byText.get(key) ?? { titles: new Set(), text };
    entry.titles.add(title);
    byText.set(key, entry);
  }
  return [...byText.values()].map(({ titles, text }) => [[...titles].sort().join('\n'), text].join('\n\n')).join(`\n\n${'-'.repeat(80)}\n\n`);
}

const missing = Object.values(BUNDLES).filter((bundle) => !existsSync(bundle));
if (missing.length > 0) throw new Error(`not bundled yet: ${missing.join(', ')}; run \`npx projen bundle\` first`);

const notices = Object.keys(BUNDLES).flatMap((name) => packageFolders(`.bundle-${name}.json`)).map(notice);
const text = `${render(notices)}\n`;
// The file belongs to the code of the functions. It isn't written again while tests compute the hash of that code.
if (!existsSync(FILE) || readFileSync(FILE, 'utf8') !== text) writeFileSync(FILE, text);
console.log(`named ${notices.length} bundled packages`);
