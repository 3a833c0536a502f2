import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import * as fc from 'fast-check';
import type { Example } from './coverage';
import type { Defect } from './defects';
import { compileHandlers } from './handlers';
import { histories } from './histories';
import type { History } from './history';
import { Simulator } from './simulator';

/** The work of one process: random histories of a seed, one of them by its path, given histories, or a defect. */
export type Assignment =
  | { readonly seed: number; readonly count: number; readonly path?: string }
  | { readonly histories: readonly History[] }
  | { readonly defect: Defect };

export interface Failure {
  /** The seed of a random history. */
  readonly seed?: number;
  readonly path?: string;
  readonly defect?: string;
  readonly history: History;
  readonly transcript: string;
}

/** The result of an assignment. */
export interface Report {
  readonly played: number;
  readonly failures: readonly Failure[];
  /** The coverage. */
  readonly reached: readonly (readonly [string, number])[];
  readonly examples: readonly (readonly [string, Example])[];
}

/** The most attempts to reduce a history with an invariant violation. */
const MAX_SHRINKS = 150;

export class Player {
  static async ready(): Promise<Player> {
    await compileHandlers();
    const player = new Player();
    await player.simulator.warmUp();
    return player;
  }

  private readonly simulator = new Simulator();

  async play(assignment: Assignment): Promise<Report> {
    this.simulator.coverage.clear();
    const result = 'defect' in assignment ? await this.playDefect(assignment)
      : 'seed' in assignment ? await this.draw(assignment) : await this.each(assignment.histories);
    const { reached, examples } = this.simulator.coverage;
    return { ...result, reached: [...reached], examples: [...examples] };
  }

  private async draw({ seed, count, path: drawn }: { seed: number; count: number; path?: string }): Promise<Pick<Report, 'played' | 'failures'>> {
    let played = 0;
    let shrinks = 0;
    const details = await fc.check(fc.asyncProperty(histories, async (history) => {
      if (shrinks > MAX_SHRINKS) return;
      try {
        await this.simulator.play(history);
        played += shrinks > 0 ? 0 : 1;
      } catch (error) {
        shrinks ||= 1;
        throw error;
      } finally {
        if (shrinks > 0) shrinks += 1;
      }
    }), { numRuns: count, seed, path: drawn });
    if (!details.failed) return { played, failures: [] };
    const [history] = details.counterexample!;
    const transcript = String((details.errorInstance as Error)?.message);
    return { played: played + 1, failures: [{ seed, path: details.counterexamplePath ?? undefined, history, transcript }] };
  }

  /** Plays the history of the defect with defective handlers. */
  private async playDefect({ defect }: { defect: Defect }): Promise<Pick<Report, 'played' | 'failures'>> {
    await compileHandlers([defect]);
    try {
      const { played, failures } = await this.each([kept(defect.history)]);
      return { played, failures: failures.map((failure) => ({ ...failure, defect: defect.name })) };
    } finally {
      await compileHandlers();
    }
  }

  private async each(given: readonly History[]): Promise<Pick<Report, 'played' | 'failures'>> {
    const failures: Failure[] = [];
    for (const history of given) await this.simulator.play(history).catch(({ message }: Error) => failures.push({ history, transcript: message }));
    return { played: given.length, failures };
  }
}

function kept(name: string): History {
  return JSON.parse(readFileSync(path.join(__dirname, 'regressions', `${name}.json`), 'utf8'));
}

/** A process of its own, which plays the assignments that it receives. */
async function serve(): Promise<void> {
  const player = await Player.ready();
  process.on('message', (assignment: Assignment) => void player.play(assignment).then((report) => process.send!(report)));
  process.send!('ready');
}

if (process.send) void serve();
