import { byId, element, seconds, show, timeOfDay } from './element';
import type { CallView, InvocationView, RequestView } from '../feed';
import { byInvocation, byResource, countsOf, foundEndedMeeting, type Group, hasFailed, type Part, resourceName } from '../timeline';

/** More than anybody reads, and few enough to be quick. */
const GROUPS = 150;

const calls = new Map<number, CallView>();
const invocations = new Map<string, InvocationView>();
const requests = new Map<string, RequestView>();
let pending = false;

export function startTimeline(): void {
  for (const radio of document.querySelectorAll('input[name=grouping]')) radio.addEventListener('change', showTimeline);
}

export function addCalls(list: readonly CallView[]): void {
  for (const call of list) calls.set(call.id, call);
  showSoon();
}

export function addInvocations(list: readonly InvocationView[]): void {
  for (const invocation of list) invocations.set(invocation.traceId, invocation);
  showSoon();
}

export function addRequests(list: readonly RequestView[]): void {
  for (const request of list) requests.set(request.requestId, request);
  showSoon();
}

export function forget(): void {
  calls.clear();
  invocations.clear();
  requests.clear();
  showSoon();
}

/** Once for all that has come together. */
function showSoon(): void {
  if (pending) return;
  pending = true;
  setTimeout(() => {
    pending = false;
    showTimeline();
  });
}

function showTimeline(): void {
  const all = [...calls.values()].sort((a, b) => a.id - b.id);
  const grouping = document.querySelector<HTMLInputElement>('input[name=grouping]:checked')!.value;
  const groups = grouping === 'resource' ? byResource(all, [...invocations.values()]) : byInvocation(all, [...invocations.values()], [...requests.values()]);
  byId('timeline-count').textContent = all.length === 1 ? '1 call' : `${all.length} calls`;
  byId('timeline-empty').hidden = groups.length > 0;
  const more = byId('timeline-more');
  more.hidden = groups.length <= GROUPS;
  more.textContent = `${groups.length - GROUPS} older groups are not shown.`;
  // A resource's strip is its life in the cloud; that of a request begins and ends with it.
  const span = grouping === 'resource' && all.length > 0 ? { from: all[0].time, to: all.at(-1)!.time } : undefined;
  show(byId('timeline-list'), groups.slice(0, GROUPS).map((group) => ({ group, span })), ({ group }) => group.key, groupElement);
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function groupElement({ group, span }: { readonly group: Group; readonly span?: Span }): HTMLElement {
  const { title, subtitle, from, to, outcome, reason, waitsFor, parts } = group;
  const own = parts.flatMap((part) => part.calls);
  const { writes, reads, failed } = countsOf(group);
  const numbers = [writes > 0 && counted(writes, 'change'), reads > 0 && counted(reads, 'read'), failed > 0 && counted(failed, 'error')].filter(Boolean).join(', ') || 'no calls';
  const time = to === undefined ? 'in progress' : span ? '' : seconds(to - from);
  return element('details', { 'class': 'group', 'data-key': 'group' },
    element('summary', {},
      element('span', {}, title, ' ', element('span', { class: 'faint' }, subtitle)),
      element('span', { class: 'faint' }, numbers),
      element('span', { class: `state ${outcome && outcome !== 'SUCCESS' ? 'bad' : ''}` }, [outcome && outcome !== 'SUCCESS' ? outcome : '', time].filter(Boolean).join(' ')),
      strip(own, span ?? { from, to: Math.max(to ?? from, own.at(-1)?.time ?? from) }),
    ),
    reason !== undefined && outcome !== 'SUCCESS' && element('p', { class: 'bad' }, reason),
    waitsFor !== undefined && element('p', {}, waitsFor),
    element('p', { class: 'aside' }, `${timeOfDay(from)}${to === undefined ? '' : ` – ${timeOfDay(to)}`}`),
    ...parts.map((part) => partElement(part, from, span !== undefined)),
  );
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function strip(list: readonly CallView[], { from, to }: Span): HTMLElement {
  return element('span', { 'class': 'strip', 'aria-hidden': 'true' }, ...list.map((call) => {
    const mark = element('i', { class: `mark ${hasFailed(call) ? 'failed' : foundEndedMeeting(call) ? 'ended' : call.mutated ? 'write' : 'read'}` });
    mark.style.left = `${to > from ? Math.min(99.5, Math.max(0, (call.time - from) / (to - from) * 100)) : 0}%`;
    return mark;
  }));
}

function partElement({ title, functionName, from, to, outcome, calls: list }: Part, start: number, showsOneResource: boolean): HTMLElement {
  const took = to === undefined ? 'in progress' : functionName ? seconds(to - from) : '';
  return element('div', { class: 'part' },
    element('h3', {}, functionName ? `${title} ` : `called by ${title} `, element('span', { class: 'faint' }, [took, outcome === 'FAILED' ? 'failed' : ''].filter(Boolean).join(' · '))),
    functionName && functionName !== title && element('span', { class: 'arn faint' }, functionName),
    element('ul', { class: 'calls' }, ...list.map((call) => callElement(call, start, showsOneResource))),
  );
}

function callElement(call: CallView, start: number, showsOneResource: boolean): HTMLElement {
  const { time, operation, resource, service, outcome, message, mutated, faults } = call;
  return element('li', {},
    element('span', { class: 'time' }, `+${seconds(time - start)}`),
    element('span', { class: mutated ? 'changed' : '' }, operation),
    element('span', { class: 'faint' }, showsOneResource || resource === undefined ? service : resourceName(resource)),
    element('span', { class: hasFailed(call) ? 'bad' : 'faint' }, [outcome, ...foundEndedMeeting(call) ? ['the meeting has ended'] : [], ...faults.map((fault) => `fault ${fault}`)].join(' · ')),
    message !== undefined && element('span', { class: 'message' }, message),
  );
}
