/** A function on the stack of a sample, as V8 reports it. The URL of a file of the project is its path in the project. */
export interface Frame {
  readonly functionName: string;
  readonly url: string;
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: Frame;
  readonly children?: readonly number[];
}

/** A CPU profile of V8. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples?: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas?: readonly number[];
}

export const LOADING_CDK = 'loading aws-cdk-lib';
export const LOADING_OTHERS = 'loading other modules';

/** The process waits for another one, or for nothing. */
const WAITING = new Set(['(idle)', 'spawnSync']);

const TRANSFORM = /node_modules\/(@jest\/transform|@swc\/)/;
const MODULE_LOADER = /node_modules\/jest-(runtime|resolve|haste-map)\//;
const CDK = /node_modules\/(aws-cdk-lib|constructs|@aws-cdk)\//;

/** What code does after it is loaded. A cause applies if one frame of the stack is in such a file; earlier causes win. */
const CAUSES: readonly (readonly [cause: string, file: RegExp])[] = [
  ['policy evaluation', /node_modules\/@cloud-copilot\//],
  ['template validation', /cloudformation-validate/],
  ['synthesizing stacks for policies', /^test\/policy-stacks\.ts$/],
  ['synthesizing other stacks', CDK],
  ['emulators', /^local\/emulator\//],
  ['AWS SDK clients', /node_modules\/(@aws-sdk|@smithy)\//],
  ['handlers', /^lambda\/(?!.*\/node_modules\/)/],
  ['virtual time and simulation', /node_modules\/@sinonjs\/fake-timers\/|^test\/simulation\//],
  ['tests and Jest', /^test\/|node_modules\/(jest|@jest|expect)/],
];

/** The cause of a sample, from its stack with the innermost frame first. */
export function causeOf(stack: readonly Frame[]): string {
  if (stack.some(({ url }) => TRANSFORM.test(url))) return 'TypeScript transform';
  const loader = stack.findIndex(({ url }) => MODULE_LOADER.test(url));
  const running = (loader < 0 ? stack : stack.slice(0, loader)).filter(({ url }) => url && !url.startsWith('node:'));
  if (loader >= 0) {
    const module = running.at(-1) ?? stack.slice(loader).find(({ url }) => url && !MODULE_LOADER.test(url) && !url.startsWith('node:'));
    if (module && CDK.test(module.url)) return LOADING_CDK;
    if (!running.length || module!.url.includes('node_modules/')) return LOADING_OTHERS;
  }
  const cause = CAUSES.find(([, file]) => running.some(({ url }) => file.test(url)));
  if (cause) return cause[0];
  return stack[0].functionName === '(garbage collector)' ? 'garbage collection' : 'Node.js and other code';
}

/** The share of each cause in the CPU time of a profile of the project in the folder `root`. */
export function sharesIn({ nodes, samples = [], timeDeltas = [] }: CpuProfile, root: string): Map<string, number> {
  const causes = causesOfNodes(nodes, root);
  const sums = new Map<string, number>();
  samples.forEach((id, index) => {
    const cause = causes.get(id);
    if (cause) sums.set(cause, (sums.get(cause) ?? 0) + timeDeltas[index]);
  });
  const total = [...sums.values()].reduce((sum, value) => sum + value, 0);
  return new Map([...sums].map(([cause, value]) => [cause, value / total]));
}

function causesOfNodes(nodes: readonly ProfileNode[], root: string): Map<number, string | undefined> {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, { ...callFrame, url: inProject(callFrame.url, root) }]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  return new Map(nodes.map(({ id }) => {
    const stack: Frame[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) stack.push(frames.get(at)!);
    return [id, WAITING.has(stack[0].functionName) ? undefined : causeOf(stack)];
  }));
}

function inProject(url: string, root: string): string {
  const file = url.replace(/^file:\/\//, '');
  return file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file;
}
