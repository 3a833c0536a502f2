import * as fs from 'node:fs';
import * as path from 'node:path';
import * as zlib from 'node:zlib';

/**
 * The examples as an earlier version of the library synthesized them, with that version's handlers.
 *
 * `write-released.ts` made the file from commit 53047ba. Keep it: a stack that this version deployed must always be upgradable. A later
 * version gets a file of its own next to it.
 */
export const RELEASED = path.join(__dirname, '53047ba.json.br');

/** The contents of files by their paths. Assets that several assemblies share are stored once. */
export interface Released {
  /** The source of each example's app, because examples may change. */
  readonly apps: Record<string, string>;
  /** Files of each example's cloud assembly. */
  readonly assemblies: Record<string, Record<string, string>>;
  /** Files of each asset, by the name of its folder or file in an assembly; a file has the path ''. */
  readonly assets: Record<string, Record<string, string>>;
}

export interface Template {
  readonly Resources: Record<string, { readonly Type: string; readonly Properties?: Record<string, unknown> }>;
}

/** Public names that changed before the first release. An app changes them when it upgrades. */
const RENAMED: readonly (readonly [RegExp, string])[] = [[/(?<![\w'.])Stage(?=[,.\s])/g, 'RealTimeStage']];

export function readReleased(): Released {
  const released: Released = JSON.parse(zlib.brotliDecompressSync(fs.readFileSync(RELEASED)).toString());
  const apps = Object.entries(released.apps).map(([name, source]) => [name, RENAMED.reduce((text, [old, now]) => text.replace(old, now), source)]);
  return { ...released, apps: Object.fromEntries(apps) };
}

export function writeReleased(released: Released): void {
  const content = Buffer.from(JSON.stringify(released));
  fs.writeFileSync(RELEASED, zlib.brotliCompressSync(content, {
    params: {
      [zlib.constants.BROTLI_PARAM_QUALITY]: zlib.constants.BROTLI_MAX_QUALITY,
      [zlib.constants.BROTLI_PARAM_LGWIN]: zlib.constants.BROTLI_MAX_WINDOW_BITS,
      [zlib.constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  }));
}

/** The files of the handler bundle, by their paths. */
export function releasedHandlers({ assets }: Released): Record<string, string> {
  return Object.values(assets).find((files) => 'chime-legacy/index.js' in files)!;
}

/** The templates of an example by the names of their stacks. */
export function releasedTemplates({ assemblies }: Released, example: string): Record<string, Template> {
  return Object.fromEntries(Object.entries(assemblies[example]).flatMap(([file, content]) => {
    const [, stackName] = /^(.+)\.template\.json$/.exec(file) ?? [];
    return stackName ? [[stackName, JSON.parse(content)]] : [];
  }));
}

/** Writes the cloud assembly of an example into a folder, which `cdk deploy --app FOLDER` takes as it is. */
export function unpack({ assemblies, assets }: Released, example: string, folder: string): void {
  for (const [file, content] of Object.entries(assemblies[example])) {
    fs.writeFileSync(path.join(folder, file), content);
    for (const [asset, files] of Object.entries(assets).filter(([name]) => content.includes(name))) {
      for (const [inside, text] of Object.entries(files)) {
        const target = path.join(folder, asset, inside);
        fs.mkdirSync(path.dirname(target), { recursive: true });
        fs.writeFileSync(target, text);
      }
    }
  }
}
