import type { CallView, InvocationView, RequestView } from '../../../local/page/feed';
import { byInvocation, byResource, countsOf, functionTitle, resourceName } from '../../../local/page/timeline';
import { reportOf } from '../../../local/report';

const door = 'arn:aws:kinesisvideo:us-east-1:000000000000:channel/door/1795279752379';
const call = (id: number, operation: string, more: Partial<CallView> = {}): CallView => ({
  id, time: id * 1000, service: 'kinesisvideo', operation, resource: door, outcome: 'success', mutated: /^(Create|Delete)/.test(operation), isResourceMissing: false, faults: [], caller: 'AKIATEST', ...more,
});
const calls = [
  call(1, 'CreateSignalingChannel', { traceId: 't-1' }),
  call(2, 'DescribeSignalingChannel', { traceId: 't-2' }),
  call(3, 'ListSignalingChannels', { resource: '*' }),
  call(4, 'DescribeSignalingChannel', { traceId: 't-2', outcome: 'ResourceNotFoundException' }),
  call(5, 'GetMeeting', { service: 'chime-sdk-meetings', resource: 'arn:aws:chime:us-east-1:0:meeting/m', traceId: 't-3' }),
];
const invocations: InvocationView[] = [
  { traceId: 't-2', functionName: 'Front-CdkRtcIsCompleteF00CC3D0-1DDD15D243E86', startedAt: 1900, endedAt: 4100, outcome: 'SUCCESS', request: 'r' },
  { traceId: 't-1', functionName: 'Front-CdkRtcOnEventAA01CC67-13DB69A9877BA', startedAt: 900, endedAt: 1100, outcome: 'SUCCESS', request: 'r' },
  { traceId: 't-3', functionName: 'Front-RoomsCheckoutF7B69095-8A40526F082F5', startedAt: 4900, endedAt: 5400, outcome: 'SUCCESS' },
];
const requests: RequestView[] = [
  { requestId: 'r', requestType: 'Create', stack: 'Front', logicalId: 'Door', sentAt: 800, endedAt: 4200, outcome: 'SUCCESS' },
  { requestId: 'd', requestType: 'Delete', stack: 'Front', logicalId: 'Door', sentAt: 6000, endedAt: 6500, outcome: 'FAILED', reason: 'stuck' },
];

test('by handler invocation: requests with their invocations, other functions, and callers that are no function', () => {
  const groups = byInvocation(calls, invocations, requests);
  expect(groups.map(({ title, subtitle, parts }) => [title, subtitle, parts.map((part) => [part.title, part.calls.map(({ id }) => id)])])).toEqual([
    ['Delete Door', 'Front', []],
    ['RoomsCheckout', 'function', [['RoomsCheckout', [5]]]],
    ['AKIATEST', 'not a function', [['AKIATEST', [3]]]],
    ['Create Door', 'Front', [['CdkRtcOnEvent', [1]], ['CdkRtcIsComplete', [2, 4]]]],
  ]);
  expect(groups.at(-1)).toMatchObject({ from: 800, to: 4200, outcome: 'SUCCESS' });
  expect(countsOf(groups.at(-1)!)).toEqual({ writes: 1, reads: 1, failed: 1 });
  expect(groups[0]).toMatchObject({ outcome: 'FAILED', reason: 'stuck' });
});

test('a request that isn\'t over shows the reason why it takes long', () => {
  const deletion: RequestView = { requestId: 'w', requestType: 'Delete', stack: 'Front', logicalId: 'Door', sentAt: 100, waitsFor: 'The creation ended.' };
  expect(byInvocation([], [], [deletion])).toMatchObject([{ waitsFor: 'The creation ended.' }]);
  expect(byInvocation([], [], [{ ...deletion, endedAt: 200, outcome: 'SUCCESS' }])).toMatchObject([{ waitsFor: undefined }]);
});

test('a response that only says that the meeting has ended is no error', () => {
  const about = (outcome: string, more: Partial<CallView> = {}) => call(1, 'GetMeeting', {
    service: 'chime-sdk-meetings', resource: 'arn:aws:chime:us-east-1:0:meeting/m', outcome, isResourceMissing: true, ...more,
  });
  const failed = (view: CallView) => countsOf(byInvocation([view], [], [])[0]).failed;
  expect([about('NotFoundException'), about('ForbiddenException'), about('NotFoundException', { service: 'chime' })].map(failed)).toEqual([0, 0, 0]);
  expect([
    about('NotFoundException', { isResourceMissing: false }), about('ForbiddenException', { isResourceMissing: false }), about('ThrottlingException'),
    about('NotFoundException', { faults: ['error'] }), about('ResourceNotFoundException', { service: 'kinesisvideo' }),
  ].map(failed)).toEqual([1, 1, 1, 1, 1]);
});

test('every call is in one group, also where its invocation is known and the request is not', () => {
  for (const groups of [byInvocation(calls, invocations, []), byInvocation(calls, [], requests), byResource(calls, invocations)]) {
    expect(groups.flatMap(({ parts }) => parts).flatMap((part) => part.calls.map(({ id }) => id)).sort()).toEqual([1, 2, 3, 4, 5]);
  }
});

test('by resource: the one that was touched last comes first', () => {
  expect(byResource(calls, invocations).map(({ title, parts }) => [title, parts.map((part) => part.title)])).toEqual([
    ['meeting/m', ['RoomsCheckout']],
    ['channel/door', ['CdkRtcOnEvent', 'CdkRtcIsComplete']],
    ['no single resource', ['AKIATEST']],
  ]);
});

test('names as a reader wants them', () => {
  expect(resourceName('arn:aws:ivs:us-east-1:0:stage/a:b')).toBe('stage/a:b');
  expect(resourceName(undefined)).toBe('no single resource');
  expect(functionTitle('my-function')).toBe('my-function');
});

test('the report says what became of each resource, in the order of events', () => {
  expect(reportOf(calls, invocations, requests)).toEqual([
    'Front/Door',
    '  created in 3.4 s: 1 change, 1 poll, 1 error',
    '  Delete FAILED after 0.5 s: no calls',
    'AKIATEST (not a function)',
    '  1 call: 1 ListSignalingChannels',
    'RoomsCheckout (function)',
    '  1 call in 1 invocation, 0.5 s: 1 GetMeeting',
  ]);
  expect(reportOf([call(1, 'GetMeeting'), call(2, 'CreateX'), call(3, 'CreateX')], [], [{ requestId: 'x', requestType: 'Update', stack: 'S', logicalId: 'L', sentAt: 0 }])).toEqual([
    'S/L',
    '  Update not over: no calls',
    'AKIATEST (not a function)',
    '  3 calls: 1 GetMeeting, 2 CreateX',
  ]);
});
