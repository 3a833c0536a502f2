import { Answer, namespaces, unknownId, startMeetings } from './meetings-harness';

/** How many of so many calls in the same moment are let through. */
async function letThrough(calls: number, call: () => Promise<Answer>): Promise<number> {
  let passed = 0;
  for (let i = 0; i < calls; i++) if ((await call()).status !== 429) passed += 1;
  return passed;
}

describe.each(namespaces)('calls per second (%s)', namespace => {
  const start = (rates: 'documented' | { factor: number } = 'documented') => {
    const harness = startMeetings({ rates });
    const api = harness[namespace];
    return {
      ...harness,
      api,
      get: async () => api.call(`GET /meetings/${unknownId}`),
      list: async () => api.call(`GET /meetings/${unknownId}/attendees`),
      create: async () => api.create(),
    };
  };

  test('20 at once, then 10 a second', async () => {
    const { get, clock } = start();
    expect(await letThrough(25, get)).toBe(20);
    await clock.advance(500);
    expect(await letThrough(25, get)).toBe(5);
    await clock.advance(60_000);
    expect(await letThrough(25, get)).toBe(20);
  });

  test('all operations together have the same limit', async () => {
    const { get, list, create, clock } = start();
    expect([await letThrough(8, get), await letThrough(8, create), await letThrough(8, list)]).toEqual([8, 8, 4]);
    await clock.advance(1000);
    expect([await letThrough(6, get), await letThrough(6, list)]).toEqual([6, 4]);
  });

  test('the error is that of the namespace', async () => {
    const { get } = start();
    await letThrough(20, get);
    expect(await get()).toMatchObject({ status: 429, error: namespace === 'sdk' ? 'ThrottlingException' : 'ThrottledClientException' });
  });

  test('a factor changes both', async () => {
    const { get, clock } = start({ factor: 2 });
    expect(await letThrough(50, get)).toBe(40);
    await clock.advance(100);
    expect(await letThrough(50, get)).toBe(2);
  });
});

test('namespaces and regions do not count together', async () => {
  const { sdk, legacy } = startMeetings({ rates: 'documented' });
  expect(await letThrough(25, async () => sdk.call(`GET /meetings/${unknownId}`))).toBe(20);
  expect(await letThrough(25, async () => legacy.call(`GET /meetings/${unknownId}`))).toBe(20);
  expect(await letThrough(25, async () => sdk.call(`GET /meetings/${unknownId}`, undefined, { region: 'eu-west-2' }))).toBe(20);
});

test('voice connectors do not count with legacy meetings', async () => {
  const { legacy } = startMeetings({ rates: 'documented' });
  expect(await letThrough(30, async () => legacy.call('GET /voice-connectors/none'))).toBe(30);
});

test('limits can be set', async () => {
  const { sdk, legacy } = startMeetings({
    rates: 'documented',
    meetings: { rates: { GetMeeting: { perAccount: 1 } } },
    legacy: { rates: { GetMeeting: { perAccount: 2, burst: 3 } } },
  });
  expect(await letThrough(5, async () => sdk.call(`GET /meetings/${unknownId}`))).toBe(1);
  expect(await letThrough(5, async () => legacy.call(`GET /meetings/${unknownId}`))).toBe(3);
});
