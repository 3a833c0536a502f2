import type { CallView, InvocationView, RequestView } from './page/feed';
import { byInvocation, countsOf, type Group } from './page/timeline';

const PAST: Record<string, string> = { Create: 'created', Update: 'updated', Delete: 'deleted' };

/** The operations on each resource of a stack, and the other invocations of functions, in order of first appearance. */
export function reportOf(calls: readonly CallView[], invocations: readonly InvocationView[], requests: readonly RequestView[]): string[] {
  const known = new Map(requests.map((request) => [`request ${request.requestId}`, request]));
  const lines = new Map<string, Group[]>();
  for (const group of byInvocation(calls, invocations, requests).reverse()) {
    const request = known.get(group.key);
    const subject = request ? `${request.stack}/${request.logicalId}` : `${group.title} (${group.subtitle})`;
    lines.set(subject, [...lines.get(subject) ?? [], group]);
  }
  return [...lines].flatMap(([subject, groups]) => {
    const own = known.has(groups[0].key) ? groups.map((group) => requestLine(group, known.get(group.key)!)) : [callerLine(groups)];
    return [subject, ...own.map((line) => `  ${line}`)];
  });
}

function requestLine(group: Group, { requestType, sentAt, endedAt, outcome }: RequestView): string {
  const { writes, reads, failed } = countsOf(group);
  const numbers = [[writes, 'change'], [reads, 'poll'], [failed, 'error']] as const;
  const said = numbers.filter(([count]) => count > 0).map(([count, noun]) => counted(count, noun)).join(', ') || 'no calls';
  if (endedAt === undefined) return `${requestType} not over: ${said}`;
  return `${outcome === 'SUCCESS' ? `${PAST[requestType]} in` : `${requestType} ${outcome} after`} ${seconds(endedAt - sentAt)}: ${said}`;
}

function callerLine(groups: readonly Group[]): string {
  const parts = groups.flatMap((group) => group.parts);
  const calls = parts.flatMap((part) => part.calls);
  const operations = [...new Set(calls.map(({ operation }) => operation))]
    .map((operation) => `${calls.filter((call) => call.operation === operation).length} ${operation}`);
  const invocations = parts.filter(({ functionName }) => functionName !== undefined);
  const time = invocations.reduce((sum, { from, to = from }) => sum + (to - from), 0);
  const within = invocations.length > 0 ? ` in ${counted(invocations.length, 'invocation')}, ${seconds(time)}` : '';
  return `${counted(calls.length, 'call')}${within}: ${operations.join(', ')}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
