import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';

/** A schema's keys are constants (`[_h]: …`), which esbuild takes for calls that may have an effect: it would keep every operation of a client. */
const schemasWithPlainKeys: Plugin = {
  name: 'schemas-with-plain-keys',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]schemas_0\.js$/ }, ({ path: file }) => {
      const source = readFileSync(file, 'utf8');
      const constants = new Map([...source.matchAll(/^const (_\w+) = ("\w+");$/gm)].map(([, name, text]) => [name, text]));
      return { contents: source.replace(/\[(_\w+)\]:/g, (key, name: string) => constants.has(name) ? `${constants.get(name)}:` : key) };
    });
  },
};

/** Of its own package.json a client uses the version. */
const packagesByVersion: Plugin = {
  name: 'packages-by-version',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]@aws-sdk[\\/].*[\\/]package\.json$/ }, ({ path: file }) => {
      const { version } = JSON.parse(readFileSync(file, 'utf8'));
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};

export const settings = {
  bundle: true,
  minify: true,
  platform: 'node',
  // Not node24: the local cloud runs every nodejs* runtime on the `node` of the machine.
  target: 'node20',
  // The module builds of the SDK clients make the bundle a third smaller than their main fields.
  mainFields: ['module', 'main'],
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
} satisfies BuildOptions;

export const fromSources = {
  ...settings,
  tsconfig: 'lambda/tsconfig.json',
  alias: { '@aws-sdk/credential-provider-node': './lambda/engine/environment-credentials.ts' },
  plugins: [schemasWithPlainKeys, packagesByVersion],
} satisfies BuildOptions;

/** A source, with the bytes that are left of it and what it imports. */
export interface Source {
  readonly bytes: number;
  readonly imports: Metafile['inputs'][string]['imports'];
}

export type Sources = Readonly<Record<string, Source>>;

/** What is really in a bundle, by file. */
export function sourcesOf({ inputs }: Metafile, outputs: Metafile['outputs'][string][]): Sources {
  const bytes = new Map<string, number>();
  for (const [file, { bytesInOutput }] of outputs.flatMap((output) => Object.entries(output.inputs))) {
    bytes.set(file, (bytes.get(file) ?? 0) + bytesInOutput);
  }
  return Object.fromEntries(Object.entries(inputs).map(([file, { imports }]) => [file, { bytes: bytes.get(file) ?? 0, imports }]));
}

type Outputs = Metafile['outputs'];

/** A file of its own, from a dependency tree of its own. */
const LEGACY = './chime-legacy/index.js';

/**
 * In two steps. CommonJS with `import()` in it makes esbuild keep whatever the clients export; so the first step splits ES modules, of which only
 * what is used remains. The second puts these chunks into a few files, one for each domain: Node.js parses a file before it runs any of it.
 */
export async function bundleHandlers(outdir: string, alias: Record<string, string> = {}): Promise<Sources> {
  const folder = mkdtempSync(path.join(tmpdir(), 'cdk-rtc-bundle-'));
  try {
    const { metafile } = await build({
      ...fromSources, external: [LEGACY], alias: { ...fromSources.alias, ...alias }, entryPoints: ['lambda/index.ts'], format: 'esm', splitting: true, outdir: folder,
    });
    const chunks = chunksOf(metafile);
    for (const file of new Set([...chunks.values()].map((chunk) => chunk.file))) {
      await build({
        ...settings,
        external: [LEGACY],
        stdin: { contents: contentsOf(file, chunks), resolveDir: folder },
        plugins: [otherFiles(file, chunks)],
        format: 'cjs',
        outfile: path.join(outdir, `${file}.js`),
      });
    }
    return sourcesOf(metafile, [...chunks.values()].map(({ output }) => output));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Chunk {
  readonly output: Outputs[string];
  /** The file in which it is, without extension. */
  readonly file: string;
  /** Whether another file asks for it. */
  readonly exported: boolean;
  /** The prefix that keeps the names of several chunks in one file distinct. */
  readonly prefix: string;
}

/** Pure: by name, what the handlers can reach: in the file of the domain that needs it, or in one of the two for what several need. */
function chunksOf({ outputs }: Metafile): Map<string, Chunk> {
  const byName = new Map(Object.entries(outputs).map(([file, output]) => [path.basename(file), output]));
  const importsOf = (name: string) => byName.get(name)!.imports.filter(({ external }) => !external).map(({ path: imported, kind }) => {
    const target = path.basename(imported);
    return { target, domain: kind === 'dynamic-import' ? domainOf(byName.get(target)!.entryPoint!) : undefined };
  });
  const users = new Map<string, Set<string>>();
  const visit = (name: string, user: string) => {
    const known = users.get(name) ?? new Set();
    if (known.has(user)) return;
    users.set(name, known.add(user));
    for (const { target, domain } of importsOf(name)) visit(target, domain ?? user);
  };
  visit('index.js', 'index');
  const fileOf = (name: string) => {
    const [only, ...others] = users.get(name)!;
    if (others.length === 0) return only!;
    return users.get(name)!.has('index') ? 'common' : 'shared';
  };
  const names = [...users.keys()];
  const exported = new Set(names.flatMap((name) => importsOf(name).map(({ target }) => target).filter((target) => fileOf(target) !== fileOf(name))));
  return new Map(names.map((name, index) => [name, { output: byName.get(name)!, file: fileOf(name), exported: exported.has(name), prefix: `_${index}_` }]));
}

/** The file of what is loaded when it is needed. */
function domainOf(entryPoint: string): string {
  // Of the SDK: what no call here uses.
  if (entryPoint.includes('node_modules')) return 'seldom';
  return entryPoint.includes('meeting-pool') ? 'meeting-pool' : entryPoint.split('/')[1]!;
}

function contentsOf(file: string, chunks: ReadonlyMap<string, Chunk>): string {
  if (file === 'index') return 'export * from "./index.js";';
  return [...chunks].filter(([, chunk]) => chunk.file === file && chunk.exported).map(([name, { output, prefix }]) => (
    `export { ${output.exports.map((symbol) => `${symbol} as ${prefix}${symbol}`).join()} } from "./${name}";`
  )).join('\n');
}

/** Chunks of other files are asked for there. */
function otherFiles(file: string, chunks: ReadonlyMap<string, Chunk>): Plugin {
  return {
    name: 'other-files',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^\.\/[^/]+\.js$/, namespace: 'file' }, ({ path: imported }) => {
        const name = path.basename(imported);
        return chunks.get(name)!.file === file ? undefined : { path: name, namespace: 'other-file' };
      });
      onResolve({ filter: /.*/, namespace: 'other-file' }, ({ path: imported }) => ({ path: imported, external: true }));
      onLoad({ filter: /.*/, namespace: 'other-file' }, ({ path: name }) => {
        const { output, prefix, file: its } = chunks.get(name)!;
        return { contents: `export { ${output.exports.map((symbol) => `${prefix}${symbol} as ${symbol}`).join()} } from "./${its}.js";` };
      });
    },
  };
}
