import { ask, createChannel, createIngest, createMeeting, fakeCloud, last, region, start, stopAll, watch } from './page-setup';
import { joinTokens, streamKeys } from '../../../local/emulator';
import type { ServiceEvent } from '../../../local/launcher/local-cloud';
import { refusal } from '../../../local/page/server';
import { otherAddresses } from '../../http-server';

afterEach(stopAll);

const throttle = JSON.stringify({ kind: 'throttle' });

describe('who may use the page', () => {
  test.each([
    ['127.0.0.1', (port: number) => `127.0.0.1:${port}`, 200],
    ['localhost', (port: number) => `localhost:${port}`, 200],
    ['a name that leads here', (port: number) => `rebound.example:${port}`, 403],
    ['another port', () => '127.0.0.1:1', 403],
    ['no port', () => '127.0.0.1', 403],
  ])('by the name %s', async (_, hostOf, status) => {
    const { port } = await start();
    for (const path of ['/', '/page.js']) expect((await ask(port, 'GET', path, { host: hostOf(port) })).status).toBe(status);
    if (status === 403) expect((await ask(port, 'GET', '/events', { host: hostOf(port) })).status).toBe(status);
  });

  test.each([
    ['its own page', (port: number) => ({ origin: `http://127.0.0.1:${port}` }), 200],
    ['another site', () => ({ origin: 'http://evil.example' }), 403],
    ['another port of this machine', () => ({ origin: 'http://127.0.0.1:1' }), 403],
    ['a page without an origin', () => ({ origin: 'null' }), 403],
    ['a request without an Origin', () => ({}), 403],
  ])('a change by %s', async (_, headersOf, status) => {
    const { emulator, port } = await start();
    const headers = { host: `127.0.0.1:${port}`, ...headersOf(port) as Record<string, string> };
    expect((await ask(port, 'POST', '/faults', headers, throttle)).status).toBe(status);
    expect(emulator.listFaults()).toHaveLength(status === 200 ? 1 : 0);
    const id = status === 200 ? emulator.listFaults()[0].id : emulator.addFault({ kind: 'throttle' });
    expect((await ask(port, 'DELETE', `/faults?id=${id}`, headers)).status).toBe(status);
    expect(emulator.listFaults()).toHaveLength(status === 200 ? 0 : 1);
  });

  test('a look of another site is refused where the browser says so', () => {
    const host = '127.0.0.1:4000';
    expect(refusal('GET', { 'host': host, 'sec-fetch-site': 'same-origin' }, 4000)).toBeUndefined();
    expect(refusal('GET', { 'host': host, 'sec-fetch-site': 'none' }, 4000)).toBeUndefined();
    expect(refusal('GET', { 'host': host, 'sec-fetch-site': 'cross-site' }, 4000)).toBeDefined();
    expect(refusal('GET', { 'host': host, 'sec-fetch-site': 'same-site' }, 4000)).toBeDefined();
    expect(refusal('GET', { host, origin: 'https://evil.example' }, 4000)).toBeDefined();
    expect(refusal('GET', {}, 4000)).toBeDefined();
  });

  test('it listens on the loopback interface only', async () => {
    const { port } = await start();
    for (const other of otherAddresses()) await expect(fetch(`http://${other}:${port}/`)).rejects.toThrow('fetch failed');
  });

  test('no external and no inline content is allowed, and no page may frame it', async () => {
    const { port } = await start();
    const { headers } = await ask(port, 'GET', '/', { host: `127.0.0.1:${port}` });
    const policy = String(headers['content-security-policy']).split('; ');
    expect(policy).toEqual(expect.arrayContaining(["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"]));
    expect(policy.join()).not.toMatch(/unsafe|http|\*/);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin', 'cache-control': 'no-store' });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  test('what is not there is not found, and what is not understood is refused with a sentence', async () => {
    const { port } = await start();
    const headers = { host: `127.0.0.1:${port}`, origin: `http://127.0.0.1:${port}` };
    expect((await ask(port, 'GET', '/../server.ts', headers)).status).toBe(404);
    expect((await ask(port, 'POST', '/faults', headers, '{"kind":"fire"}'))).toMatchObject({ status: 400, body: expect.stringContaining('kind: one of throttle') });
    expect((await ask(port, 'POST', '/faults', headers, 'x'.repeat(20_000)))).toMatchObject({ status: 400, body: '{"message":"The request is too long."}' });
    expect((await ask(port, 'DELETE', '/faults', headers)).status).toBe(400);
  });
});

describe('an event of a service', () => {
  const emit = async (port: number, body: object) => ask(port, 'POST', '/service-events', { host: `127.0.0.1:${port}`, origin: `http://127.0.0.1:${port}` }, JSON.stringify(body));

  test('is emitted on the event bus, and the page gets the rules that match', async () => {
    const emitted: ServiceEvent[] = [];
    const cloud = { ...fakeCloud(), emitEvent: async (event: ServiceEvent) => { emitted.push(event); return ['meetings']; } };
    const { emulator, port, page } = await start({ cloud });
    const { id } = await createMeeting(emulator, 'alice');
    const { messages } = await watch(page, (all) => (last(all, 'feed')?.events.length ?? 0) > 0);
    const { kind, resources: [{ arn }] } = last(messages, 'feed')!.events.find(({ title }) => title === 'Meeting: ended')!;
    expect(await emit(port, { kind, resource: arn })).toMatchObject({ status: 200, body: '{"rules":["meetings"]}' });
    expect(emitted).toEqual([expect.objectContaining({ source: 'aws.chime', detail: expect.objectContaining({ eventType: 'chime:MeetingEnded', meetingId: id, externalMeetingId: 'room' }) })]);
  });

  test('is rejected with a sentence if it is unknown, or if there is no local AWS', async () => {
    const { port } = await start({ cloud: fakeCloud() });
    expect(await emit(port, { kind: 'rain' })).toMatchObject({ status: 400, body: expect.stringContaining('kind: must be one of streamingStarted') });
    expect(await emit(port, { kind: 'meetingEnded', resource: 'arn' })).toMatchObject({ status: 400, body: '{"message":"resource: there is no such resource."}' });
    const without = await start();
    expect(await emit(without.port, { kind: 'meetingEnded' })).toMatchObject({ status: 400, body: '{"message":"There is no local AWS that receives events."}' });
  });

  test('is emitted only for the page itself', async () => {
    const { port } = await start({ cloud: fakeCloud() });
    expect((await ask(port, 'POST', '/service-events', { host: `127.0.0.1:${port}`, origin: 'http://evil.example' }, '{}')).status).toBe(403);
  });
});

describe('the events for the page', () => {
  test('what is there, and then each change by itself', async () => {
    const { emulator, page } = await start();
    await createChannel(emulator, 'first');
    let changed = false;
    const { messages } = await watch(page, (all) => {
      if (last(all, 'calls') && !changed) {
        changed = true;
        void createChannel(emulator, 'second').then(() => emulator.addFault({ kind: 'throttle', times: 3 }));
      }
      return last(all, 'feed')?.faults.length === 1;
    });
    const feeds = messages.filter(({ event }) => event === 'feed').map(({ data }) => data as NonNullable<ReturnType<typeof last<'feed'>>>);
    expect(feeds[0].resources.map(({ name }) => name)).toEqual(['first']);
    expect(feeds.at(-1)!.resources.map(({ name }) => name)).toEqual(['first', 'second']);
    expect(feeds.at(-1)!.faults).toEqual([{ id: 'fault-1', kind: 'throttle', times: 3, hit: 0 }]);
    expect(messages.flatMap(({ event, data }) => event === 'calls' ? data.map(({ id, operation }) => ({ id, operation })) : []))
      .toEqual([{ id: 1, operation: 'CreateSignalingChannel' }, { id: 2, operation: 'CreateSignalingChannel' }]);
  });

  test('that everything was forgotten', async () => {
    const { emulator, page } = await start();
    await createChannel(emulator, 'first');
    let reset = false;
    const { messages } = await watch(page, (all) => {
      if (last(all, 'calls') && !reset) {
        reset = true;
        emulator.reset();
      }
      return all.some(({ event }) => event === 'reset') && last(all, 'feed')?.resources.length === 0;
    });
    expect(messages.map(({ event }) => event)).toEqual(['feed', 'calls', 'reset', 'feed']);
  });

  test('no stream key, no join token', async () => {
    const { emulator, page } = await start();
    const streamKey = await createIngest(emulator, 'encoder');
    const { joinToken } = await createMeeting(emulator, 'alice');
    const { raw } = await watch(page, (all) => last(all, 'calls') !== undefined);
    expect(raw).toContain('encoder');
    expect(raw).toContain('alice');
    expect([streamKey, joinToken, ...streamKeys(emulator), ...joinTokens(emulator)].filter((secret) => secret.length < 20)).toEqual([]);
    for (const secret of [streamKey, joinToken, ...streamKeys(emulator), ...joinTokens(emulator)]) expect(raw).not.toContain(secret);
  });

  test('invocations and requests with what they become', async () => {
    const sentAt = '2026-01-01T00:00:00.000Z';
    const stackId = 'arn:aws:cloudformation:us-east-1:000000000000:stack/Front/1';
    const request = {
      stackName: 'Front',
      stackId,
      requestType: 'Create' as const,
      resourceType: 'Custom::X',
      logicalId: 'Door',
      physicalId: null,
      requestId: 'r-1',
      sentAt,
      properties: { Secret: 'canary-property' },
      oldProperties: { Secret: 'canary-old' },
      deliveries: 1,
      answer: { at: sentAt, bytes: 1, body: 'canary-answer' },
    };
    const requests = [{ ...request, outcome: undefined as 'SUCCESS' | undefined, endedAt: undefined as string | undefined }];
    const cloud = fakeCloud({ requests, invocations: [{ id: 1, requestId: 'i-1', traceId: 't-1', functionName: 'OnEvent', startedAt: sentAt, customResourceRequestId: 'r-1' }] });
    const { page } = await start({ cloud });
    const { raw, messages } = await watch(page, (all) => {
      if (last(all, 'requests')) Object.assign(requests[0], { outcome: 'SUCCESS', endedAt: '2026-01-01T00:00:02.000Z' });
      return last(all, 'requests')?.[0].outcome === 'SUCCESS';
    });
    expect(last(messages, 'invocations')).toEqual([{ traceId: 't-1', functionName: 'OnEvent', startedAt: Date.parse(sentAt), request: 'r-1' }]);
    expect(last(messages, 'requests')).toEqual([
      { requestId: 'r-1', requestType: 'Create', stack: 'Front', logicalId: 'Door', sentAt: Date.parse(sentAt), endedAt: Date.parse(sentAt) + 2000, outcome: 'SUCCESS' },
    ]);
    expect(raw).not.toContain('canary');
  });

  test('nothing old as if it were new: when a look fails the connection ends, and the next is whole again', async () => {
    const { emulator, page } = await start();
    await createChannel(emulator, 'first');
    const failing = jest.spyOn(emulator, 'state').mockImplementation(() => { throw new Error('defect'); });
    expect(await (await fetch(`${page.url}events`)).text()).toBe('retry: 1000\n\n');
    failing.mockRestore();
    const { messages } = await watch(page, (all) => last(all, 'calls') !== undefined);
    expect(last(messages, 'feed')!.resources).toHaveLength(1);
  });

  test('reports that the local AWS does not respond, with the last known data', async () => {
    let fails = false;
    const secret = { arn: 'arn:aws:secretsmanager:us-east-1:0:secret:key', name: 'key', tags: {}, deleted: false };
    const cloud = {
      ...fakeCloud(),
      secrets: async () => {
        if (fails) throw new Error('connection refused');
        return [secret];
      },
    };
    const { page } = await start({ cloud });
    const { messages } = await watch(page, (all) => {
      if (last(all, 'feed')) fails = true;
      return last(all, 'feed')?.problem !== undefined;
    });
    expect(last(messages, 'feed')).toMatchObject({ problem: 'The local AWS doesn\'t respond: connection refused', resources: [{ kind: 'Secret', name: 'key', region }] });
  });
});
