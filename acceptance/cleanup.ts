import { describeProblem } from './problems';

interface Deletion {
  readonly description: string;
  run(): Promise<void>;
}

export interface FailedDeletion {
  readonly description: string;
  readonly error: string;
}

/** The deletions that a run owes. They run in reverse order, each one even if another one fails. */
export class Cleanup {
  private readonly deletions: Deletion[] = [];

  /** Registers a deletion. Register it before the creation, because a creation can succeed without a response. */
  add(description: string, run: () => Promise<void>): void {
    this.deletions.push({ description, run });
  }

  /** Runs every registered deletion once. Returns those that failed. */
  async run(onDeletion: (description: string) => void = () => {}): Promise<FailedDeletion[]> {
    const failed: FailedDeletion[] = [];
    for (let deletion = this.deletions.pop(); deletion; deletion = this.deletions.pop()) {
      onDeletion(deletion.description);
      try {
        await deletion.run();
      } catch (error) {
        failed.push({ description: deletion.description, error: describeProblem(error) });
      }
    }
    return failed;
  }
}
