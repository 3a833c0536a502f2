import type { CallView, InvocationView, RequestView } from './feed';

/** What belongs together on the timeline. */
export interface Group {
  readonly key: string;
  readonly title: string;
  readonly subtitle: string;
  readonly from: number;
  /** Undefined: not over yet. */
  readonly to?: number;
  readonly outcome?: string;
  readonly reason?: string;
  /** The reason why it isn't over yet. */
  readonly waitsFor?: string;
  readonly parts: Part[];
}

/** The calls of one invocation, or of callers of whom nothing more is known. */
export interface Part {
  readonly key: string;
  readonly functionName?: string;
  readonly title: string;
  readonly from: number;
  readonly to?: number;
  readonly outcome?: string;
  readonly calls: CallView[];
}

export interface Counts {
  readonly writes: number;
  readonly reads: number;
  readonly failed: number;
}

/** Requests to custom resources with the invocations that worked on them; invocations for other events; callers that are no function. Newest first. */
export function byInvocation(calls: readonly CallView[], invocations: readonly InvocationView[], requests: readonly RequestView[]): Group[] {
  const parts = partsOf(calls, invocations);
  const ofRequest = groupedBy(parts, ({ request }) => request);
  const known = requests.map(({ requestId, requestType, stack, logicalId, sentAt, endedAt, outcome, reason, waitsFor }): Group => ({
    key: `request ${requestId}`,
    title: `${requestType} ${logicalId}`,
    subtitle: stack,
    from: sentAt,
    to: endedAt,
    outcome,
    reason,
    waitsFor: endedAt === undefined ? waitsFor : undefined,
    parts: ofRequest.get(requestId) ?? [],
  }));
  const ids = new Set(requests.map(({ requestId }) => requestId));
  const others = parts.filter(({ request }) => request === undefined || !ids.has(request)).map((part): Group => ({
    key: part.key, title: part.title, subtitle: part.functionName ? 'function' : 'not a function', from: part.from, to: part.to, outcome: part.outcome, parts: [part],
  }));
  return newestFirst([...known, ...others]);
}

/** The events of each resource, including out-of-band changes. The resource with the latest event comes first. */
export function byResource(calls: readonly CallView[], invocations: readonly InvocationView[]): Group[] {
  return [...groupedBy(calls, ({ service, resource }) => `${service} ${resource ?? '*'}`)].map(([key, own]): Group => ({
    key,
    title: resourceName(own[0].resource),
    subtitle: own[0].service,
    from: own[0].time,
    to: own.at(-1)!.time,
    parts: partsOf(own, invocations),
  })).sort((a, b) => b.to! - a.to!);
}

export function countsOf({ parts }: Group): Counts {
  const calls = parts.flatMap((part) => part.calls);
  const failed = calls.filter(hasFailed).length;
  const writes = calls.filter((call) => call.mutated && !hasFailed(call)).length;
  return { writes, failed, reads: calls.length - writes - failed };
}

export function hasFailed(call: CallView): boolean {
  return call.outcome !== 'success' && call.outcome !== 'pending' && !foundEndedMeeting(call);
}

/**
 * Whether the response says only that the meeting has ended, which is normal: no event is reliable, so the pool asks the service. A role
 * whose permission depends on the tags of the meeting gets Forbidden.
 */
export function foundEndedMeeting({ service, outcome, isResourceMissing, faults }: CallView): boolean {
  return isResourceMissing && ['chime', 'chime-sdk-meetings'].includes(service) && /^(NotFound|Forbidden|AccessDenied)/.test(outcome) && faults.length === 0;
}

/** arn:aws:kinesisvideo:REGION:ACCOUNT:channel/NAME/1795279752379 */
export function resourceName(arn = '*'): string {
  if (arn === '*') return 'no single resource';
  const resource = arn.split(':').slice(5).join(':');
  return resource.replace(/\/\d{13}$/, '');
}

/** Stack-NameOfTheConstruct0123ABCD-0123456789ABC, as CloudFormation and the CDK make it: the construct's own part. */
export function functionTitle(functionName: string): string {
  return /^.+?-(.+?)[0-9A-F]{8}-[0-9A-Z]{12,13}$/.exec(functionName)?.[1] ?? functionName;
}

interface InvocationPart extends Part {
  readonly request?: string;
}

function partsOf(calls: readonly CallView[], invocations: readonly InvocationView[]): InvocationPart[] {
  const byTrace = new Map(invocations.map((invocation) => [invocation.traceId, invocation]));
  return [...groupedBy(calls, ({ traceId, caller }) => traceId ?? `caller ${caller}`)].map(([key, own]): InvocationPart => {
    const invocation = byTrace.get(key);
    if (!invocation) return { key, title: own[0].caller, from: own[0].time, to: own.at(-1)!.time, calls: own };
    const { functionName, startedAt, endedAt, outcome, request } = invocation;
    return { key, title: functionTitle(functionName), functionName, from: startedAt, to: endedAt, outcome, request, calls: own };
  }).sort((a, b) => a.from - b.from);
}

/** Map.groupBy, which Node.js has from 21 on. */
function groupedBy<T, K>(list: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of list) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

function newestFirst(groups: Group[]): Group[] {
  return groups.sort((a, b) => b.from - a.from);
}
