import type { CallView, InvocationView, RequestView } from './page/feed';
import { byInvocation, countsOf, type Group } from './page/timeline';

const PAST = { Create: 'created', Update: 'updated', Delete: 'deleted' } as Record<string, string>;

/** What was created, updated, polled and deleted, a line each: the resources of the stacks first, then what functions did beside. */
export function reportOf(calls: readonly CallView[], invocations: readonly InvocationView[], requests: readonly RequestView[]): string[] {
  const groups = byInvocation(calls, invocations, requests).reverse();
  const known = new Map(requests.map((request) => [`request ${request.requestId}`, request]));
  const nameOf = ({ key, title, subtitle }: Group) => {
    const request = known.get(key);
    return request ? `${request.stack}/${request.logicalId}` : subtitle === 'function' ? `${title} (function)` : `${title} (${subtitle})`;
  };
  const names = [...new Set(groups.map(nameOf))];
  return names.flatMap((name) => {
    const own = groups.filter((group) => nameOf(group) === name);
    return [name, ...known.has(own[0].key) ? own.map((group) => `  ${requestLine(group, known.get(group.key)!)}`) : [`  ${functionLine(own)}`]];
  });
}

function requestLine(group: Group, { requestType, outcome }: RequestView): string {
  const { writes, reads, failed } = countsOf(group);
  const calls = [`${writes} changes`, `${reads} polls`, ...failed > 0 ? [`${failed} errors`] : []].join(', ');
  const said = outcome === 'SUCCESS' ? PAST[requestType] : `${requestType} ${outcome ?? 'not over'}`;
  return `${said} ${group.to === undefined ? 'for' : 'in'} ${group.to === undefined ? '?' : ((group.to - group.from) / 1000).toFixed(1)} s: ${calls}`;
}

function functionLine(groups: readonly Group[]): string {
  const calls = groups.flatMap(({ parts }) => parts).flatMap((part) => part.calls);
  const operations = [...new Set(calls.map(({ operation }) => operation))].map((operation) => `${calls.filter((call) => call.operation === operation).length} ${operation}`);
  const seconds = groups.reduce((sum, { from, to = from }) => sum + (to - from), 0) / 1000;
  return `${groups.length} invocations with calls, ${seconds.toFixed(1)} s in all: ${operations.join(', ')}`;
}
