/*
 * A picture of a terminal, from what a command has really printed: tsx scripts/terminal-picture.ts OUTPUT.txt PICTURE.svg TITLE
 * Readable in light and dark. The long lists of ordinary resources are counted instead of shown.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const COLUMNS = 118;
/** Of what goes on in the next line. */
const INDENT = 17;
/** What follows these headings looks like what is shown already: of it only the time is. */
const ALIKE = /s {2}cdk (deploy: a voice|deploy: an encoder|deploy -c (retentionHours|size|redundant)|destroy)/;
const HEADING = /^ *[\d.]+ s {2}(cdk |An out-of-band change|\d+ callers|Two callers|All meetings|nothing is left)/;
const [CHARACTER, LINE, MARGIN] = [7.23, 17, 16];

/** Pure: of a stretch of resources those stay that this library is about; the others are counted. */
export function shortened(lines: readonly string[]): string[] {
  const shown: string[] = [];
  let [others, alike] = [0, false];
  for (const line of lines) {
    if (HEADING.test(line)) alike = ALIKE.test(line);
    else if (alike && !/ s {2}took /.test(line)) continue;
    if (isResource(line) && !/ Custom::Rtc/.test(line)) {
      others += 1;
      continue;
    }
    if (others > 0) shown.push(`          … ${others} more ${others === 1 ? 'resource' : 'resources'}`);
    others = 0;
    // Empty lines, "synthesizing" and long outputs say little on a picture.
    if (!/^$| synthesizing …$| s {4}\w+\.\w+ = /.test(line)) shown.push(line);
  }
  return shown;
}

function isResource(line: string): boolean {
  return /^ *[\d.]+ s {4}[A-Z_]+_(COMPLETE|FAILED) /.test(line);
}

/** Pure: the picture of these lines. */
export function terminalPicture(lines: readonly string[], title: string): string {
  const wide = Math.ceil(COLUMNS * CHARACTER + 2 * MARGIN);
  const shown = lines.flatMap((line) => folded(line).map((text) => ({ text, kind: kindOf(line) })));
  const high = shown.length * LINE + 2 * MARGIN + 28;
  const rows = shown.map(({ text, kind }, index) =>
    `<text x="${MARGIN}" y="${28 + MARGIN + (index + 0.75) * LINE}" class="${kind}" xml:space="preserve">${escaped(text)}</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${high}" width="${wide}" height="${high}" role="img" aria-label="${escaped(title)}">
<style>
  .ground { fill: #ffffff; stroke: #d0d7de } .bar { fill: #eef1f4 } .dot { fill: #b8c0c9 }
  text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #1f2328 }
  .faint { fill: #59636e } .head { fill: #0b57b0; font-weight: 600 } .good { fill: #1a6b37 } .bad { fill: #b3261e }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #12161c; stroke: #3d444d } .bar { fill: #1f252d } .dot { fill: #59636e }
    text { fill: #e6edf3 } .faint { fill: #9aa5b1 } .head { fill: #8cb0ff } .good { fill: #7fd49b } .bad { fill: #ff9a92 }
  }
</style>
<rect class="ground" x=".5" y=".5" width="${wide - 1}" height="${high - 1}" rx="8"/>
<path class="bar" d="M1 28V9a8 8 0 0 1 8-8h${wide - 18}a8 8 0 0 1 8 8v19z"/>
<circle class="dot" cx="18" cy="15" r="5"/><circle class="dot" cx="36" cy="15" r="5"/><circle class="dot" cx="54" cy="15" r="5"/>
<text class="faint" x="76" y="19">${escaped(title)}</text>
${rows.join('\n')}
</svg>
`;
}

/** In lines that fit, broken between words where there are any. */
function folded(line: string): string[] {
  if (line.length <= COLUMNS) return [line];
  const space = line.lastIndexOf(' ', COLUMNS);
  const end = space > INDENT ? space : COLUMNS;
  return [line.slice(0, end), ...folded(' '.repeat(INDENT) + line.slice(end).trimStart())];
}

function kindOf(line: string): string {
  const said = line.replace(/^ *[\d.]+ s /, '');
  if (/FAILED/.test(said)) return 'bad';
  if (/^ {2,}… \d+ more/.test(line) || isResource(line)) return 'faint';
  if (/^ (cdk |An out-of-band change|\d+ callers|Two callers|All meetings|Starting|The local cloud keeps)/.test(said)) return 'head';
  return /^ (nothing is left|Done:)/.test(said) ? 'good' : '';
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

if (require.main === module) {
  const [input, output, title] = process.argv.slice(2);
  writeFileSync(output, terminalPicture(shortened(readFileSync(input, 'utf8').replace(/^\n+/, '').trimEnd().split('\n')), title));
}
