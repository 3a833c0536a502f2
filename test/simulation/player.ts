import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import * as fc from 'fast-check';
import type { Example } from './coverage';
import type { Defect } from './defects';
import { compileHandlers } from './handlers';
import { histories } from './histories';
import { type History, World } from './world';

/** Work for one process: so many histories of a seed, from the path if there is one, or these. */
export type Assignment =
  | { readonly seed: number; readonly count: number; readonly path?: string }
  | { readonly histories: readonly History[] }
  | { readonly defect: Defect };

export interface Failure {
  /** Of a history that was drawn. */
  readonly seed?: number;
  readonly path?: string;
  readonly defect?: string;
  readonly history: History;
  readonly story: string;
}

/** What came of an assignment. */
export interface Report {
  readonly played: number;
  readonly failures: readonly Failure[];
  /** What was reached by it, and how often. */
  readonly reached: readonly (readonly [string, number])[];
  readonly examples: readonly (readonly [string, Example])[];
}

/** How many histories are played at most to make one that broke something shorter. */
const SHRINKS = 150;

export class Player {
  static async ready(): Promise<Player> {
    await compileHandlers();
    const player = new Player();
    await player.world.warmUp();
    return player;
  }

  private readonly world = new World();

  async play(assignment: Assignment): Promise<Report> {
    this.world.coverage.clear();
    const result = 'defect' in assignment ? await this.find(assignment)
      : 'seed' in assignment ? await this.draw(assignment) : await this.each(assignment.histories);
    const { reached, examples } = this.world.coverage;
    return { ...result, reached: [...reached], examples: [...examples] };
  }

  private async draw({ seed, count, path: drawn }: { seed: number; count: number; path?: string }): Promise<Pick<Report, 'played' | 'failures'>> {
    let played = 0;
    let shrinks = 0;
    const details = await fc.check(fc.asyncProperty(histories, async (history) => {
      if (shrinks > SHRINKS) return;
      try {
        await this.world.play(history);
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
    const story = String((details.errorInstance as Error)?.message);
    return { played: played + 1, failures: [{ seed, path: details.counterexamplePath ?? undefined, history, story }] };
  }

  /** Plays a defective product where that shows. */
  private async find({ defect }: { defect: Defect }): Promise<Pick<Report, 'played' | 'failures'>> {
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
    for (const history of given) await this.world.play(history).catch(({ message }: Error) => failures.push({ history, story: message }));
    return { played: given.length, failures };
  }
}

function kept(name: string): History {
  return JSON.parse(readFileSync(path.join(__dirname, 'regressions', `${name}.json`), 'utf8'));
}

/** As a process of its own: it plays what it is sent. */
async function serve(): Promise<void> {
  const player = await Player.ready();
  process.on('message', (assignment: Assignment) => void player.play(assignment).then((report) => process.send!(report)));
  process.send!('ready');
}

if (process.send) void serve();
