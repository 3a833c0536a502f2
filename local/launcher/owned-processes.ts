import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';

/** A process group and the folders that must not outlive us. */
interface Owned {
  readonly child: ChildProcess;
  readonly folders: string[];
}

const owned = new Set<Owned>();
let watching = false;

/**
 * Take responsibility for a child that leads its own process group (`detached: true`), so that it ends with us
 * whatever ends us: return, exception, Ctrl-C, SIGTERM. (SIGKILL is the child's own concern: it watches its stdin.)
 */
export function own(child: ChildProcess, folders: string[] = []): Owned {
  watchForOurEnd();
  const entry = { child, folders };
  owned.add(entry);
  return entry;
}

export function disown(entry: Owned): void {
  owned.delete(entry);
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

function watchForOurEnd(): void {
  if (watching) {
    return;
  }
  watching = true;
  process.on('exit', endAll);
  for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15], ['SIGHUP', 1]] as const) {
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
  for (const entry of owned) {
    killGroup(entry.child);
    entry.folders.forEach((folder) => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  }
  owned.clear();
}
