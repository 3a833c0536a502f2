/* The architecture diagram of the README, drawn for a width of 700 pixels: tsx scripts/architecture-picture.ts docs/images/architecture.svg */
import { writeFileSync } from 'node:fs';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly title: string;
  readonly lines?: readonly string[];
  readonly kind: 'app' | 'aws' | 'library';
}

interface Arrow {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly label?: string;
  /** Where the label begins, or its middle. */
  readonly at?: readonly [number, number];
  readonly anchor?: 'start' | 'middle' | 'end';
}

const [WIDTH, HEIGHT] = [700, 640];
const LINE = 18;
const heightOf = ({ lines = [] }: Box) => 34 + lines.length * LINE;

const BOXES: readonly Box[] = [
  { x: 14, y: 16, width: 200, kind: 'app', title: 'Your stack', lines: ['SignalingChannel', 'VoiceConnectorStreaming', 'IngestConfiguration', 'ChimeMeetingPool'] },
  { x: 272, y: 16, width: 154, kind: 'aws', title: 'CloudFormation', lines: ['a custom resource', 'per construct'] },
  { x: 496, y: 16, width: 190, kind: 'aws', title: 'Provider framework', lines: ['of the AWS CDK, once', 'per stack, with a', 'waiting state machine'] },
  { x: 246, y: 216, width: 206, kind: 'library', title: 'onEvent handler', lines: ['checks the owner,', 'starts the operation'] },
  { x: 466, y: 216, width: 220, kind: 'library', title: 'isComplete handler', lines: ['applies changes until', 'observed = desired state'] },
  { x: 14, y: 216, width: 200, kind: 'library', title: 'Checkout function', lines: ['your app invokes it', 'to get a ready meeting'] },
  { x: 14, y: 330, width: 200, kind: 'library', title: 'Maintainer function', lines: ['refills the pool', 'every minute'] },
  { x: 14, y: 452, width: 200, kind: 'aws', title: 'DynamoDB table', lines: ['the state of each meeting'] },
  { x: 246, y: 452, width: 214, kind: 'aws', title: 'Amazon Chime SDK', lines: ['meetings, voice connectors'] },
  { x: 472, y: 452, width: 214, kind: 'aws', title: 'Kinesis Video Streams', lines: ['signaling channels'] },
  { x: 246, y: 522, width: 214, kind: 'aws', title: 'Amazon IVS real-time', lines: ['ingest configurations'] },
  { x: 472, y: 522, width: 214, kind: 'aws', title: 'Secrets Manager', lines: ['stream keys'] },
];

const ARROWS: readonly Arrow[] = [
  { from: [214, 50], to: [272, 50], label: 'deploy', at: [243, 42], anchor: 'middle' },
  { from: [426, 46], to: [496, 46], label: 'event', at: [461, 38], anchor: 'middle' },
  { from: [496, 66], to: [426, 66], label: 'response', at: [461, 84], anchor: 'middle' },
  { from: [530, 104], to: [390, 216], label: 'once', at: [446, 156], anchor: 'end' },
  { from: [600, 104], to: [600, 216], label: 'every 2 seconds', at: [592, 178], anchor: 'end' },
  { from: [114, 286], to: [114, 330], label: 'triggers', at: [122, 313] },
  { from: [114, 400], to: [114, 452] },
  { from: [349, 286], to: [349, 374] },
  { from: [576, 286], to: [576, 374] },
  { from: [214, 362], to: [246, 386] },
];

function picture(): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="title description">
<title id="title">Architecture of cdk-rtc</title>
<desc id="description">CloudFormation sends each request to the provider framework of the AWS CDK. The framework calls the onEvent handler once, and then the isComplete handler
every two seconds until the observed state equals the desired state. IAM allows the handlers to change only resources with the owner tags of their stack. A meeting pool also has
a checkout function, a maintainer function, and a table.</desc>
<style>
  text { font: 14px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328 } .title { font-weight: 650; font-size: 15px }
  .label, .legend { fill: #59636e } .ground { fill: #ffffff }
  .app { fill: #eef1f4; stroke: #59636e } .aws { fill: #fff6e5; stroke: #9a6700 } .library { fill: #e6f0ff; stroke: #0b57b0 }
  .arrow { stroke: #59636e; stroke-width: 1.5; fill: none; marker-end: url(#head) } .head { fill: #59636e }
  .band { fill: none; stroke: #0b57b0; stroke-dasharray: 5 4 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .label, .legend { fill: #9aa5b1 } .ground { fill: #12161c }
    .app { fill: #1f252d; stroke: #9aa5b1 } .aws { fill: #2b2415; stroke: #d9a441 } .library { fill: #14243f; stroke: #6ea4ff }
    .arrow { stroke: #9aa5b1 } .head { fill: #9aa5b1 } .band { stroke: #6ea4ff }
  }
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="head" d="M0 0l8 4-8 4z"/></marker></defs>
<rect class="ground" width="${WIDTH}" height="${HEIGHT}" rx="8"/>
<rect class="band" x="6" y="180" width="216" height="340" rx="8"/>
<text class="label" x="114" y="202" text-anchor="middle">only with ChimeMeetingPool</text>
<rect class="band" x="246" y="374" width="440" height="34" rx="6"/>
<text x="466" y="396" text-anchor="middle">IAM: changes only with the owner tags of this stack</text>
${[353, 579].map((x) => `<path class="arrow" d="M${x} 408V452"/>`).join('\n')}
${ARROWS.map(arrowMarkup).join('\n')}
${BOXES.map(boxMarkup).join('\n')}
<g transform="translate(14 ${HEIGHT - 34})">${legend([['app', 'your app', 0], ['aws', 'AWS and the AWS CDK', 122], ['library', 'functions that cdk-rtc deploys', 330]])}</g>
</svg>
`;
}

function boxMarkup(box: Box): string {
  const { x, y, width, title, lines = [], kind } = box;
  return [
    `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${heightOf(box)}" rx="7"/>`,
    `<text class="title" x="${x + 12}" y="${y + 23}">${title}</text>`,
    ...lines.map((line, index) => `<text x="${x + 12}" y="${y + 23 + (index + 1) * LINE}">${line}</text>`),
  ].join('\n');
}

function arrowMarkup({ from, to, label, at = from, anchor = 'start' }: Arrow): string {
  const text = label ? [`<text class="label" x="${at[0]}" y="${at[1]}" text-anchor="${anchor}">${label}</text>`] : [];
  return [`<path class="arrow" d="M${from.join(' ')}L${to.join(' ')}"/>`, ...text].join('\n');
}

function legend(entries: readonly (readonly [Box['kind'], string, number])[]): string {
  return entries.map(([kind, text, x]) => `<rect class="${kind}" x="${x}" y="0" width="22" height="14" rx="3"/><text class="legend" x="${x + 30}" y="12">${text}</text>`).join('');
}

writeFileSync(process.argv[2], picture());
