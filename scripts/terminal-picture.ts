/*
 * A picture of a terminal, from what a command has really printed: tsx scripts/terminal-picture.ts OUTPUT.txt PICTURE.svg TITLE
 * Readable in light and dark. Long lists of ordinary resources, and the lines of the report, are counted instead of shown. Times are left out, because
 * they depend on the computer and its load.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const COLUMNS = 118;
/** Of what goes on in the next line. */
const INDENT = 6;
/** The output after these headings looks like output that is shown already. */
const ALIKE = /s {2}cdk (deploy: a voice|deploy: an encoder|deploy -c (retentionHours|size|redundant)|destroy)/;
const HEADING = /^ *[\d.]+ s {2}(cdk |An out-of-band change|\d+ callers|Two callers|All meetings|nothing is left)/;
const [CHARACTER, LINE, MARGIN] = [7.23, 17, 16];

/** Pure: of a stretch of resources those stay that this library is about; the others are counted. */
export function shortened(lines: readonly string[]): string[] {
  const shown: string[] = [];
  let [others, alike] = [0, false];
  for (const line of lines) {
    if (HEADING.test(line)) alike = ALIKE.test(line);
    else if (alike) continue;
    if (isResource(line) && !/ Custom::Rtc/.test(line)) {
      others += 1;
      continue;
    }
    if (others > 0) shown.push(`          … ${others} more ${others === 1 ? 'resource' : 'resources'}`);
    others = 0;
    // Lines of npm, projen, and Node.js, which have no time, "synthesizing", durations, and long outputs say little on a picture.
    if (/^ *[\d.]+ s /.test(line) && !/ synthesizing …$| s {2}(took |Done: )| s {4}\w+\.\w+ = /.test(line)) shown.push(line);
  }
  return shown;
}

/** Pure: of the report at the end, only the heading and the number of its lines. */
export function withoutReport(lines: readonly string[]): string[] {
  const heading = lines.findIndex((line) => / s {2}report of /.test(line));
  const length = lines.length - heading - 1;
  return heading < 0 || length === 0 ? [...lines] : [...lines.slice(0, heading + 1), `          … ${length} more ${length === 1 ? 'line' : 'lines'}`];
}

/** Pure: without the time at the beginning of each line, and without durations in it. */
export function withoutTimes(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/^ *[\d.]+ s |^ {7}(?= {3}…)/, '').replace(/ in [\d.]+ s\b/, ''));
}

function isResource(line: string): boolean {
  return /^(?: *[\d.]+ s)? {3,4}[A-Z_]+_(COMPLETE|FAILED) /.test(line);
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
  if (/FAILED/.test(line)) return 'bad';
  if (/^ {2,}… \d+ more/.test(line) || isResource(line)) return 'faint';
  if (/^ (cdk |An out-of-band change|\d+ callers|Two callers|All meetings|Starting|The local cloud keeps)/.test(line)) return 'head';
  return /^ nothing is left/.test(line) ? 'good' : '';
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

if (require.main === module) {
  const [input, output, title] = process.argv.slice(2);
  const lines = readFileSync(input, 'utf8').split('\n');
  writeFileSync(output, terminalPicture(withoutTimes(withoutReport(shortened(lines))), title));
}
