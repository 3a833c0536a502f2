import { existsSync } from 'node:fs';
import * as path from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** The Chromium of this machine: CHROMIUM, or the first on PATH; undefined when there is none. */
export function findChromium(): string | undefined {
  const onPath = (process.env.PATH ?? '').split(path.delimiter).flatMap((folder) => NAMES.map((name) => path.join(folder, name)));
  return process.env.CHROMIUM ?? [...onPath, MAC].find((file) => existsSync(file));
}
