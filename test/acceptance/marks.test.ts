import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Fact } from '../../acceptance/fact';
import { FACTS } from '../../acceptance/facts';
import { anchorOf } from '../../acceptance/verification-page';

const ROOT = path.join(__dirname, '..', '..');

/** The page that lists the facts. */
const GENERATED = path.join('docs', 'verification.md');

const files = ['README.md', 'SECURITY.md', ...['docs', 'src', 'lambda', 'local'].flatMap(filesIn)].filter((file) => file !== GENERATED);
const PAGES = files.filter((file) => file.endsWith('.md'));
/** Code that relies on facts. */
const CODE = files.filter((file) => /^(src|lambda)\b.*\.ts$/.test(file));
/** Code that imitates AWS. */
const EMULATION = files.filter((file) => /^local\b.*\.(ts|md)$/.test(file));

/** Sentences about marks, and not about one fact. */
const EXPLANATIONS = [
  'Facts marked "(unverified)" are listed on the',
  '"(unverified)" marks a statement without sufficient evidence.',
  'fact about AWS that is still unverified',
  'lists every fact that is still unverified',
  '**Unverified behavior.**',
  '## Unverified behavior',
];

interface Mark {
  readonly place: string;
  readonly text: string;
  /** Of the marks that follow the word in the same line. */
  readonly ids: readonly string[];
}

function filesIn(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesIn(name);
    return /\.(md|ts)$/.test(name) ? [name] : [];
  });
}

function marksIn(names: readonly string[]): Mark[] {
  return names.flatMap((file) => readFileSync(path.join(ROOT, file), 'utf8').split('\n').flatMap((line, index) => (
    EXPLANATIONS.some((explanation) => line.includes(explanation)) ? [] : marksOf(line).map((mark) => ({ ...mark, place: `${file}:${index + 1}` }))
  )));
}

/** The form of a mark: the word, and soon after it the IDs of its facts. */
function marksOf(line: string): Pick<Mark, 'ids' | 'text'>[] {
  return [...line.matchAll(/unverified/gi)].map(({ index }) => {
    const text = line.slice(index, index + 90);
    const ids = /^unverified(?:\]\([^)]*\))?(?:[,:]? \(?)((?:F-\d+(?:, )?)+)/i.exec(text)?.[1] ?? '';
    return { text, ids: ids.split(', ').filter((id) => id !== '') };
  });
}

const known = FACTS.map(({ id }) => id);
const isIndependent = ({ behavior }: { readonly behavior: string }) => behavior === 'None' || behavior.startsWith('None. ');

test('IDs have one form, and each ID names one fact', () => {
  expect(known.filter((id) => !/^F-\d{2}$/.test(id))).toEqual([]);
  expect(known).toEqual([...new Set(known)]);
});

test('each fact has a probe, or the reason why it has none', () => {
  const isWrong = ({ probe, run, whyNoProbe }: Fact) => Boolean(probe) !== Boolean(run) || Boolean(probe) === Boolean(whyNoProbe);
  expect(FACTS.filter(isWrong).map(({ id }) => id)).toEqual([]);
});

test('each mark of documentation and code has the ID of a fact', () => {
  const marks = marksIn(files);
  expect(marks.length).toBeGreaterThan(100);
  expect(marks.filter(({ ids }) => ids.length === 0 || ids.some((id) => !known.includes(id))).map(({ place, text }) => `${place}: ${text}`)).toEqual([]);
});

test('each mark of a page links to its first fact', () => {
  const wrong = marksIn(PAGES).filter(({ ids, text }) => text.includes('](') && !text.includes(`verification.md#${anchorOf(ids[0] ?? '')})`));
  expect(wrong.map(({ place, text }) => `${place}: ${text}`)).toEqual([]);
});

test('each fact is marked in the code that relies on it, unless the library does not depend on it', () => {
  const marked = new Set(marksIn(CODE).flatMap(({ ids }) => ids));
  const ofLocalCloud = new Set(marksIn(EMULATION).flatMap(({ ids }) => ids));
  const isMarked = ({ id, section }: { readonly id: string; readonly section: string }) => (section === 'Local cloud' ? ofLocalCloud : marked).has(id);
  expect(FACTS.filter((fact) => !isIndependent(fact) && !isMarked(fact)).map(({ id }) => id)).toEqual([]);
  expect(FACTS.filter((fact) => isIndependent(fact) && marked.has(fact.id)).map(({ id }) => id)).toEqual([]);
});
