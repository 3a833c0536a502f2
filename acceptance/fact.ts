import type { Encoder } from './encoder';

/** One fact about AWS that the library relies on without sufficient evidence. */
export interface Fact {
  /** The ID in docs/verification.md, for example F-24. An ID never changes. */
  readonly id: string;
  /** The section of docs/verification.md, for example Kinesis Video Streams. */
  readonly section: string;
  /** The fact, as the page states it. */
  readonly statement: string;
  /** What the probe asks AWS. */
  readonly question: string;
  /** The answer that the library assumes. */
  readonly assumption: string;
  /** What the library does, and how it copes with the other answer. */
  readonly behavior: string;
  /** `standard`, `long` (about an hour), `order-number` (costs a phone number), or undefined if no probe can answer it. */
  readonly run?: 'standard' | 'long' | 'order-number';
  /** The minutes that the probe takes in AWS at most. Assumed, and no shorter than its waits. Default: 1.5. */
  readonly minutes?: number;
  /** The program without which the probe is inconclusive. */
  readonly needs?: 'FFmpeg';
  /** The voice connectors that the probe has at the same time. The quota of an account is 3, and the deployments need 2. */
  readonly voiceConnectors?: 1 | 2;
  /** The storage configurations that the probe has at the same time. The quota of an account is 5, and the deployments need 2. */
  readonly storageConfigurations?: 1;
  /** Answers the question. Without a probe, `whyNoProbe` is given. */
  readonly probe?: (context: ProbeContext) => Promise<Finding>;
  readonly whyNoProbe?: string;
}

export interface Finding {
  readonly verdict: 'confirmed' | 'refuted' | 'inconclusive';
  /** One sentence: what was observed. Never contains a secret. */
  readonly observed: string;
  /** The calls that show it: request ID, operation, status, latency. */
  readonly evidence: readonly LoggedCall[];
}

export interface LoggedCall {
  readonly service: string;
  readonly operation: string;
  readonly requestId?: string;
  readonly status: number | string;
  readonly milliseconds: number;
}

export interface ProbeContext {
  readonly region: string;
  readonly accountId: string;
  /** A prefix for every name that the probe creates; the search for leftovers finds it. */
  readonly namePrefix: string;
  /** Tags for every resource that the probe creates and that takes tags. */
  readonly tags: Record<string, string>;
  /** Publishes to a stage. Undefined: FFmpeg isn't installed, or there is no media server. */
  readonly encoder?: Encoder;
  /** An SDK client with the credentials of the person, or of a role that has exactly the named synthesized policy; each call is logged and redacted. */
  client<T>(constructor: new (configuration: any) => T, role?: { readonly policyOf: string }): T;
  /** The calls since the last question. */
  calls(): readonly LoggedCall[];
  /** Registers a deletion, which runs at the end in reverse order, also after a failure or Ctrl-C. */
  onCleanup(description: string, deletion: () => Promise<void>): void;
  /** Waits in real time, or in the virtual time of the local cloud. */
  wait(seconds: number): Promise<void>;
}
