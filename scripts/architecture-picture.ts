/* Who does what, as a picture for the README: tsx scripts/architecture-picture.ts docs/images/architecture.svg */
import { writeFileSync } from 'node:fs';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly title: string;
  readonly lines?: readonly string[];
  readonly kind: 'yours' | 'aws' | 'ours';
}

interface Arrow {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  /** Where its words begin, beside its middle. */
  readonly words?: readonly string[];
  readonly at?: readonly [number, number];
  readonly anchor?: 'start' | 'middle' | 'end';
}

const [WIDTH, TOP, HEIGHT] = [1000, 26, 632];
const LINE = 17;
const heightOf = ({ lines = [] }: Box) => 34 + lines.length * LINE;

const BOXES: readonly Box[] = [
  { x: 20, y: 50, width: 210, kind: 'yours', title: 'Your stack', lines: ['SignalingChannel', 'VoiceConnectorStreaming', 'IngestConfiguration', 'ChimeMeetingPool'] },
  { x: 330, y: 50, width: 230, kind: 'aws', title: 'CloudFormation', lines: ['a custom resource each:', 'Create, Update, Delete', 'rolls back what fails'] },
  { x: 670, y: 50, width: 310, kind: 'aws', title: 'Provider framework of the CDK', lines: ['one for all constructs of a stack;', 'its state machine waits and asks again,', 'and answers CloudFormation in the end'] },
  { x: 330, y: 250, width: 300, kind: 'ours', title: 'onEvent handler', lines: ['checks the request and who owns what;', 'a second delivery changes nothing more'] },
  { x: 680, y: 250, width: 300, kind: 'ours', title: 'isComplete handler', lines: ['looks, does the next step, and says', 'when the service has really finished'] },
  { x: 20, y: 250, width: 240, kind: 'ours', title: 'Checkout function', lines: ['hands out a ready meeting'] },
  { x: 20, y: 340, width: 240, kind: 'ours', title: 'Maintainer function', lines: ['refills the pool, every minute'] },
  { x: 20, y: 500, width: 240, kind: 'aws', title: 'DynamoDB table', lines: ['of a meeting pool: which meeting', 'is ready, which is handed out'] },
  { x: 300, y: 500, width: 160, kind: 'aws', title: 'Chime SDK', lines: ['meetings,', 'voice connectors'] },
  { x: 480, y: 500, width: 160, kind: 'aws', title: 'Kinesis Video', lines: ['signaling channels,', 'media storage'] },
  { x: 660, y: 500, width: 140, kind: 'aws', title: 'IVS real-time', lines: ['ingest', 'configurations'] },
  { x: 820, y: 500, width: 160, kind: 'aws', title: 'Secrets Manager', lines: ['the stream keys', 'of ingest'] },
];

const ARROWS: readonly Arrow[] = [
  { from: [230, 100], to: [330, 100], words: ['cdk deploy'], at: [280, 92], anchor: 'middle' },
  { from: [560, 100], to: [670, 100], words: ['event'], at: [615, 92], anchor: 'middle' },
  { from: [670, 120], to: [560, 120], words: ['answer'], at: [615, 137], anchor: 'middle' },
  { from: [700, 135], to: [520, 250], words: ['first'], at: [598, 190], anchor: 'end' },
  { from: [830, 135], to: [830, 250], words: ['every 2 s,', 'until it is complete'], at: [840, 190], anchor: 'start' },
  { from: [125, 152], to: [125, 250], words: ['your functions', 'ask for a meeting'], at: [135, 198], anchor: 'start' },
  { from: [480, 318], to: [480, 440] },
  { from: [830, 318], to: [830, 440] },
  { from: [260, 275], to: [345, 440] },
  { from: [260, 366], to: [318, 440] },
  { from: [60, 301], to: [60, 340], words: ['and has it refilled'], at: [70, 325] },
  { from: [140, 391], to: [140, 500] },
];

function picture(): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 ${TOP} ${WIDTH} ${HEIGHT - TOP}" width="${WIDTH}" height="${HEIGHT - TOP}" role="img" aria-labelledby="title description">
<title id="title">Architecture of cdk-rtc</title>
<desc id="description">CloudFormation sends each request to the provider framework of the CDK, which calls onEvent, and then isComplete every two seconds until the service has finished.
The handlers call the services under the owner tags of the stack. A meeting pool has a table, a checkout function and a maintainer function beside.</desc>
<style>
  text { font: 13px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328 } .title { font-weight: 650; font-size: 14px }
  .words, .legend { fill: #59636e } .ground { fill: #ffffff }
  .yours { fill: #eef1f4; stroke: #59636e } .aws { fill: #fff6e5; stroke: #9a6700 } .ours { fill: #e6f0ff; stroke: #0b57b0 }
  .arrow { stroke: #59636e; stroke-width: 1.5; fill: none; marker-end: url(#head) } .head { fill: #59636e }
  .band { fill: none; stroke: #0b57b0; stroke-dasharray: 5 4 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .words, .legend { fill: #9aa5b1 } .ground { fill: #12161c }
    .yours { fill: #1f252d; stroke: #9aa5b1 } .aws { fill: #2b2415; stroke: #d9a441 } .ours { fill: #14243f; stroke: #6ea4ff }
    .arrow { stroke: #9aa5b1 } .head { fill: #9aa5b1 } .band { stroke: #6ea4ff }
  }
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="head" d="M0 0l8 4-8 4z"/></marker></defs>
<rect class="ground" y="${TOP}" width="${WIDTH}" height="${HEIGHT - TOP}" rx="8"/>
<rect class="band" x="300" y="440" width="680" height="34" rx="6"/>
<text x="640" y="462" text-anchor="middle">IAM: changes only to what carries the owner tags of this stack (cdk-rtc:…), and to its own secrets</text>
${[380, 560, 730, 900].map((x) => `<path class="arrow" d="M${x} 474V500"/>`).join('\n')}
${ARROWS.map(arrowMarkup).join('\n')}
${BOXES.map(boxMarkup).join('\n')}
<g transform="translate(20 ${HEIGHT - 28})">${legend([['yours', 'you write'], ['aws', 'AWS and the CDK'], ['ours', 'cdk-rtc runs in your account']])}</g>
</svg>
`;
}

function boxMarkup(box: Box): string {
  const { x, y, width, title, lines = [], kind } = box;
  return [
    `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${heightOf(box)}" rx="7"/>`,
    `<text class="title" x="${x + 14}" y="${y + 22}">${title}</text>`,
    ...lines.map((line, index) => `<text x="${x + 14}" y="${y + 22 + (index + 1) * LINE}">${line}</text>`),
  ].join('\n');
}

function arrowMarkup({ from, to, words = [], at = from, anchor = 'start' }: Arrow): string {
  const said = words.map((line, index) => `<text class="words" x="${at[0]}" y="${at[1] + index * LINE}" text-anchor="${anchor}">${line}</text>`);
  return [`<path class="arrow" d="M${from.join(' ')}L${to.join(' ')}"/>`, ...said].join('\n');
}

function legend(entries: readonly (readonly [Box['kind'], string])[]): string {
  return entries.map(([kind, text], index) => `<rect class="${kind}" x="${index * 210}" y="0" width="22" height="14" rx="3"/><text class="legend" x="${index * 210 + 30}" y="12">${text}</text>`).join('');
}

writeFileSync(process.argv[2], picture());
