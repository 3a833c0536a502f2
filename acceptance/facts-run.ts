import { CallLog } from './calls';
import type { Clients } from './clients';
import type { Fact, ProbeContext } from './fact';
import { sequencesOf } from './plan';
import { describeProblem, problemOf } from './problems';
import { relyingCode } from './relying-code';
import type { FactResult } from './report';

/** The policy documents of a role, by the name of its policy. */
export type PolicyDocuments = (name: string, context: Pick<ProbeContext, 'region' | 'accountId' | 'namePrefix'>) => readonly object[];

export interface ProbesOptions {
  readonly base: Pick<ProbeContext, 'region' | 'accountId' | 'namePrefix' | 'tags' | 'encoder' | 'onCleanup' | 'wait'>;
  readonly clients: Clients;
  readonly log: CallLog;
  readonly policiesOf: PolicyDocuments;
  /** The number of probes that run next to one another. */
  readonly atOnce: number;
  readonly throwIfInterrupted: () => void;
  readonly onResult: (result: FactResult) => void;
}

/** Asks every fact that has a probe. A probe that fails doesn't stop the others. */
export async function askFacts(facts: readonly Fact[], options: ProbesOptions): Promise<void> {
  const waiting = sequencesOf(facts);
  const worker = async () => {
    for (let sequence = waiting.shift(); sequence; sequence = waiting.shift()) {
      for (const fact of sequence) {
        options.throwIfInterrupted();
        options.onResult(await askFact(fact, options));
      }
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, worker));
}

async function askFact(fact: Fact, options: ProbesOptions): Promise<FactResult> {
  const { id, statement, question, assumption } = fact;
  const log = new CallLog(options.log);
  try {
    const { verdict, observed, evidence } = await fact.probe!(contextOf(log, options));
    return { id, statement, question, assumption, verdict, observed, evidence, ...verdict === 'refuted' && { relyingCode: relyingCode(id) } };
  } catch (error) {
    if (problemOf(error).kind === 'interrupted') throw error;
    return { id, statement, question, assumption, verdict: 'failed', observed: describeProblem(error), evidence: log.since(0) };
  }
}

function contextOf(log: CallLog, { base, clients, policiesOf }: ProbesOptions): ProbeContext {
  let start = 0;
  return {
    ...base,
    client: (constructor, role) => clients.create(constructor, log, role && {
      roleName: `${base.namePrefix}-${role.policyOf.replace(/\W+/g, '-')}`.slice(0, 64),
      accountId: base.accountId,
      policies: policiesOf(role.policyOf, base),
      onCleanup: base.onCleanup,
    }),
    calls: () => {
      const calls = log.since(start);
      start = log.length;
      return calls;
    },
  };
}

/** A fact that the run didn't ask about. */
export function notAsked({ id, statement, question, assumption, whyNoProbe, run }: Fact): FactResult {
  return { id, statement, question, assumption, verdict: 'not asked', observed: whyNoProbe ?? `The options of the run exclude this probe (${run}).`, evidence: [] };
}
