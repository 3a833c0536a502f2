import type { ChildProcess } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';

/** A process group and the folders that must not outlive us. */
interface Owned {
  readonly child?: ChildProcess;
  readonly folders: string[];
}

const owned = new Set<Owned>();
let watching = false;

/**
 * Take responsibility for a child that leads its own process group (`detached: true`), so that it ends with us
 * whatever ends us: return, exception, Ctrl-C, SIGTERM. (SIGKILL is the child's own concern: it watches its stdin.)
 */
export function own(child: ChildProcess | undefined, folders: string[] = []): Owned {
  watchForOurEnd();
  const entry = { child, folders };
  owned.add(entry);
  return entry;
}

export function disown(entry: Owned): void {
  owned.delete(entry);
}

/**
 * Resolves when this program is to end: Ctrl-C, SIGTERM, a closed terminal, or the end of the process that started it. A program that runs
 * under npm is orphaned if npm is killed.
 */
export async function endRequested(): Promise<void> {
  const { ppid } = process;
  await new Promise<void>((resolve) => {
    for (const [signal] of END_SIGNALS) process.on(signal, () => resolve());
    setInterval(() => { if (process.ppid !== ppid) resolve(); }, 500).unref();
  });
}

/** End the group of a child at once. Nothing happens when it is gone already. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (child.pid === undefined) {
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch {
    // No such group (any more).
  }
}

const END_SIGNALS = [['SIGINT', 2], ['SIGTERM', 15], ['SIGHUP', 1]] as const;

function watchForOurEnd(): void {
  if (watching) {
    return;
  }
  watching = true;
  process.on('exit', endAll);
  for (const [signal, number] of END_SIGNALS) {
    process.on(signal, () => {
      endAll();
      // A program that listens to the signal as well decides itself when it ends.
      if (process.listenerCount(signal) === 1) {
        process.exit(128 + number);
      }
    });
  }
}

function endAll(): void {
  const all = [...owned];
  owned.clear();
  for (const { child } of all) if (child) killGroup(child);
  for (const { folders } of all) folders.forEach(removeFolder);
}

const REMOVAL_ATTEMPTS = 40;
const MS_BETWEEN_ATTEMPTS = 25;

/** Synchronous, because this process may be about to exit. A process that was just killed can still create a file, so the folder is checked again. */
function removeFolder(folder: string): void {
  for (let attempt = 0; attempt < REMOVAL_ATTEMPTS && existsSync(folder); attempt++) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // A process that is ending has created a file in the meantime.
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, MS_BETWEEN_ATTEMPTS);
  }
}
