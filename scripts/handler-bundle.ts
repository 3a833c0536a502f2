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
  alias: { '@aws-sdk/credential-provider-node': './lambda/common/environment-credentials.ts' },
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

/**
 * In two steps. CommonJS with `import()` in it makes esbuild keep whatever the clients export; so the first step splits ES modules, of which only
 * what is used remains, and the second puts these into one file in which they are still loaded when they are needed.
 */
export async function bundleHandlers(outfile: string, alias: Record<string, string> = {}): Promise<Sources> {
  const external = ['./chime-legacy/index.js'];
  const folder = mkdtempSync(path.join(tmpdir(), 'cdk-rtc-bundle-'));
  try {
    const split = await build({
      ...fromSources, external, alias: { ...fromSources.alias, ...alias }, entryPoints: ['lambda/index.ts'], format: 'esm', splitting: true, outdir: folder,
    });
    const joined = await build({ ...settings, external, entryPoints: [path.join(folder, 'index.js')], format: 'cjs', outfile });
    const used = new Set(Object.values(joined.metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs)).map((file) => path.basename(file)));
    const outputs = Object.entries(split.metafile.outputs).filter(([file]) => used.has(path.basename(file))).map(([, output]) => output);
    return sourcesOf(split.metafile, outputs);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
