import type { Fact, Finding, LoggedCall } from './fact';
import type { Estimate, Usage } from './plan';

/** The content of `report.json`. A reader ignores members that it doesn't know. */
export interface Report {
  readonly formatVersion: 1;
  /** `local` is a run on the local cloud, which verifies nothing about AWS. */
  readonly target: 'aws' | 'local';
  readonly region: string;
  /** The last four digits of the account ID, after eight asterisks. */
  readonly account: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** `passed`: every case passed, no probe failed, and the search found no leftovers. A refuted fact isn't a failure of the run. */
  readonly outcome: 'passed' | 'failed' | 'interrupted';
  /** By package: cdk-rtc (with its commit), aws-cdk-lib, aws-cdk, and Node.js. */
  readonly versions: Readonly<Record<string, string>>;
  /** The options of the command. */
  readonly options: readonly string[];
  readonly estimate: Estimate;
  /** What the run usage. The members of the estimate with the same names are upper bounds. */
  readonly usage: Usage;
  readonly cases: readonly CaseResult[];
  readonly facts: readonly FactResult[];
  readonly leftovers: LeftoverResult;
  /** The calls of the run itself, without those of the deployed functions. */
  readonly calls: readonly CallCount[];
}

export interface CaseResult {
  /** For example `signaling`. */
  readonly area: string;
  /** The behavior that the case checks. */
  readonly title: string;
  readonly kind: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly expected: string;
  readonly observed: string;
  readonly seconds: number;
  readonly evidence: readonly LoggedCall[];
}

/** A fact with the answer of this run. */
export interface FactResult extends Pick<Fact, 'id' | 'statement' | 'question' | 'assumption'> {
  /** `not asked`: the fact has no probe, or the options of the run excluded the probe. `failed`: the probe ended with an error. */
  readonly verdict: Finding['verdict'] | 'not asked' | 'failed';
  readonly observed: string;
  readonly evidence: readonly LoggedCall[];
  /** The source files of the library that rely on a refuted fact. */
  readonly relyingCode?: readonly string[];
}

export interface LeftoverResult {
  /** One entry for each search. "Nothing is left" holds only if every search succeeded and found nothing. */
  readonly searches: readonly { readonly service: string; readonly resource: string; readonly outcome: 'searched' | 'failed'; readonly error?: string }[];
  readonly left: readonly Leftover[];
  /** Resources that AWS deletes later, and resources that stay on purpose. */
  readonly deletedLater: readonly (Leftover & { readonly when: string })[];
}

export interface Leftover {
  /** A CloudFormation resource type, for example AWS::KinesisVideo::SignalingChannel. */
  readonly type: string;
  readonly id: string;
  readonly region: string;
}

export interface CallCount {
  readonly service: string;
  readonly operation: string;
  readonly calls: number;
  /** Repeated attempts, for example after throttling. */
  readonly repeated: number;
}
