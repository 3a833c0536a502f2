import { describeProblem, problemOf } from './problems';

interface Deletion {
  readonly description: string;
  run(): Promise<void>;
}

export interface FailedDeletion {
  readonly description: string;
  readonly error: string;
}

/** A resource that is being created, changed, or used refuses its deletion. */
const BUSY = /^(BucketNotEmpty|ResourceInUseException|ConflictException|DeleteConflict(Exception)?|ConcurrentModificationException|PendingVerification)$/;
const ATTEMPTS = 30;

/** Repeats a deletion while the resource is busy, or the service can't take the call. */
export async function whileBusy(deletion: () => Promise<unknown>, pauseSeconds: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await deletion();
      return;
    } catch (error) {
      if (attempt === ATTEMPTS || !canSucceedLater(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000 * pauseSeconds));
    }
  }
}

function canSucceedLater(error: unknown): boolean {
  return BUSY.test((error as Error).name) || ['throttled account', 'unreachable service'].includes(problemOf(error).kind);
}

/** The deletions that a run owes. They run in reverse order, each one even if another one fails. */
export class Cleanup {
  private readonly deletions: Deletion[] = [];

  /** @param pauseSeconds The pause before the deletion of a busy resource is repeated. */
  constructor(private readonly pauseSeconds: number) {}

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
        await whileBusy(deletion.run, this.pauseSeconds);
      } catch (error) {
        failed.push({ description: deletion.description, error: describeProblem(error) });
      }
    }
    return failed;
  }
}
