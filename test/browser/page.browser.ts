/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/* Needs Chromium, so it is no part of `npm test`: `npm run test:page`. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { joinTokens, streamKeys } from '../../local/emulator';
import { findChromium } from '../../local/page/chromium';
import { eventually } from '../eventually';
import { createChannel, createIngest, createMeeting, fakeCloud, start, stopAll } from '../local/page/page-setup';

const HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';

let browser: Browser;
beforeAll(async () => {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('No Chromium on PATH: install one, or name it in CHROMIUM.');
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--host-resolver-rules=MAP rebound.example 127.0.0.1'] });
});
afterAll(async () => browser?.close());
afterEach(async () => {
  await Promise.all(browser.contexts().map(async (context) => context.close()));
  await stopAll();
});

async function open(url: string, options: BrowserContextOptions = {}): Promise<{ page: Page; requests: string[]; problems: string[] }> {
  const page = await browser.newPage(options);
  const [requests, problems]: string[][] = [[], []];
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => { if (message.type() === 'error') problems.push(message.text()); });
  page.on('dialog', () => problems.push('a dialog'));
  await page.goto(url);
  await page.waitForSelector('#connection.live');
  return { page, requests, problems };
}

/** Something of every kind, some of it named to do harm. */
async function inhabited() {
  const stackId = `arn:aws:cloudformation:us-east-1:000000000000:stack/${HOSTILE}/1`;
  const sentAt = new Date().toISOString();
  const request = {
    stackName: HOSTILE,
    stackId,
    requestType: 'Create' as const,
    resourceType: 'Custom::X',
    logicalId: HOSTILE,
    physicalId: null,
    requestId: 'r-1',
    sentAt,
    properties: {},
    oldProperties: null,
    deliveries: 1,
    outcome: 'FAILED' as const,
    endedAt: sentAt,
    reason: HOSTILE,
  };
  const harness = await start({
    cloud: fakeCloud({
      requests: [request],
      invocations: [{ id: 1, requestId: 'i', traceId: '1-00000000-000000000000000000000000', functionName: HOSTILE, startedAt: sentAt, endedAt: sentAt, outcome: 'FAILED' }],
      secrets: [{ arn: 'arn:aws:secretsmanager:us-east-1:0:secret:key', name: HOSTILE, tags: { [HOSTILE]: HOSTILE }, deleted: false }],
      pools: [{ table: HOSTILE, name: HOSTILE, state: HOSTILE, size: 1, items: [{ slot: 0, life: HOSTILE, meetingId: HOSTILE }] }],
    }),
  });
  const { emulator } = harness;
  await createChannel(emulator, `long-${'name'.repeat(60)}`, { team: 'doors' });
  const { id } = await createMeeting(emulator, 'alice');
  emulator.edit({ service: 'chime-sdk-meetings', resource: id, tags: { 'cdk-rtc:stack': stackId, 'cdk-rtc:pool': HOSTILE } });
  await createIngest(emulator, 'encoder');
  emulator.addFault({ kind: 'throttle', resource: HOSTILE });
  return harness;
}

test('shows created and deleted resources without a reload', async () => {
  const { emulator, page: { url } } = await start();
  const { page, requests, problems } = await open(url);
  await page.getByText('No calls yet.').waitFor();
  const arn = await createChannel(emulator, 'front-door', { 'cdk-rtc:stack': 'arn:aws:cloudformation:us-east-1:000000000000:stack/Front/1' });
  const row = page.locator('#resources-list tr').filter({ hasText: 'front-door' });
  await row.waitFor();
  expect(await row.innerText()).toMatch(/Signaling channel[^]*front-door[^]*ACTIVE[^]*Front[^]*SINGLE_MASTER/);
  await page.getByText('1 call', { exact: true }).waitFor();
  await page.getByText('CreateSignalingChannel').first().waitFor({ state: 'attached' });
  emulator.edit({ service: 'kinesisvideo', resource: arn, delete: true });
  await row.waitFor({ state: 'detached' });
  expect(requests.filter((request) => request === url)).toHaveLength(1);
  expect(problems).toEqual([]);
});

test('its clocks run', async () => {
  const { emulator, page: { url } } = await start();
  const created = performance.now();
  await createMeeting(emulator, 'alice');
  const { page } = await open(url);
  const clock = page.getByRole('timer');
  await clock.waitFor();
  const shown = async () => {
    const [minutes, seconds] = (await clock.innerText()).split(':').map(Number);
    return minutes * 60 + seconds;
  };
  const first = await shown();
  expect(first).toBeLessThanOrEqual(300);
  const later = await eventually(async () => {
    const seconds = await shown();
    return seconds <= first - 2 && seconds;
  });
  // The clock isn't faster than the time. It doesn't show the second that has begun.
  expect(later).toBeGreaterThanOrEqual(300 - (performance.now() - created) / 1000 - 1);
});

test('sends requests only to its own server, and is not allowed to send others', async () => {
  const { page: { url } } = await inhabited();
  const { page, requests, problems } = await open(url);
  await page.getByText('by resource').click();
  await eventually(() => requests.length > 3);
  expect(requests.filter((request) => !request.startsWith(url))).toEqual([]);
  expect(problems).toEqual([]);

  const blocked = await page.evaluate(async () => {
    const violations: string[] = [];
    document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => violations.push(violatedDirective));
    const image = document.createElement('img');
    image.src = 'http://127.0.0.1:9/leak';
    document.body.append(image);
    await fetch('http://127.0.0.1:9/leak').catch(() => undefined);
    try { document.body.innerHTML = '<p>markup</p>'; } catch { violations.push('markup'); }
    while (!['img-src', 'connect-src'].every((directive) => violations.includes(directive))) await new Promise((resolve) => setTimeout(resolve, 20));
    return violations;
  });
  expect(blocked).toEqual(expect.arrayContaining(['img-src', 'connect-src', 'markup']));
});

test('renders names as text, not as markup', async () => {
  const { page: { url } } = await inhabited();
  const { page, problems } = await open(url);
  await page.locator('#pools-list summary').waitFor();
  await page.locator('#timeline-list details').first().waitFor();
  for (const details of await page.locator('details').all()) await details.evaluate((node: HTMLDetailsElement) => { node.open = true; });
  for (const part of ['#resources-list', '#meetings-list', '#pools-list', '#faults-list', '#timeline-list']) {
    expect([part, (await page.locator(part).innerText()).includes(HOSTILE.slice(0, 40))]).toEqual([part, true]);
  }
  expect(await page.locator('main img, main script').count()).toBe(0);
  expect(await page.evaluate(() => (window as { hacked?: number }).hacked)).toBeUndefined();
  expect(problems).toEqual([]);
});

test('shows no stream key and no join token', async () => {
  const { emulator, page: { url } } = await inhabited();
  const { page } = await open(url);
  await page.locator('#resources-list tr').filter({ hasText: 'encoder' }).waitFor();
  await page.locator('#timeline-list details').first().waitFor();
  const content = await page.content();
  const secrets = [...streamKeys(emulator), ...joinTokens(emulator)];
  expect(secrets.length).toBeGreaterThanOrEqual(2);
  for (const secret of secrets) expect(content).not.toContain(secret);
});

test('a fault is switched on and off with the keyboard alone, and counts', async () => {
  const { emulator, page: { url } } = await start();
  const { page } = await open(url);
  // The services come with the first state, a moment after the connection.
  await page.locator('#fault-service option[value="kinesisvideo"]').waitFor({ state: 'attached' });
  await page.locator('#fault-kind').focus();
  await page.keyboard.type('Access denied');
  await page.keyboard.press('Tab');
  await page.keyboard.type('kinesisvideo');
  await page.keyboard.press('Tab');
  await page.keyboard.type('CreateSignalingChannel');
  await page.keyboard.press('Tab');
  await page.keyboard.type('channel/door');
  await page.keyboard.press('Tab');
  await page.keyboard.type('2');
  await page.keyboard.press('Enter');
  const rule = page.locator('#faults-list li');
  await rule.getByText('affected 0 of 2 calls').waitFor();
  expect(emulator.listFaults()).toEqual([
    { id: 'fault-1', kind: 'accessDenied', service: 'kinesisvideo', operation: 'CreateSignalingChannel', resource: 'channel/door', times: 2, hit: 0 },
  ]);
  await expect(createChannel(emulator, 'door')).rejects.toThrow('Access denied (injected)');
  await rule.getByText('affected 1 of 2 calls').waitFor();
  await page.locator('#timeline-list').getByText('1 error').waitFor();

  const off = page.getByRole('button', { name: 'Turn off fault-1' });
  await off.focus();
  await expect(createChannel(emulator, 'door')).rejects.toThrow('Access denied (injected)');
  await rule.getByText('affected 2 of 2 calls').waitFor(); // the row is new, and has kept the focus
  expect(await off.evaluate((button) => document.activeElement === button)).toBe(true);
  await page.keyboard.press('Enter');
  await page.getByText('No fault is on.').waitFor();
  expect(emulator.listFaults()).toEqual([]);
});

test('a fault that cannot be says why', async () => {
  const { page: { url } } = await start();
  const { page } = await open(url);
  await page.locator('#fault-kind').selectOption({ label: 'One item of a batch fails' });
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.getByText('item: needed for itemError.').waitFor();
});

test('what is open stays open when something happens', async () => {
  const { emulator, page: { url } } = await start();
  await createChannel(emulator, 'one');
  const { page } = await open(url);
  await page.locator('#timeline-list summary').first().click();
  await page.locator('#resources-list summary').first().click();
  await page.locator('#resources-list summary').first().focus();
  await createChannel(emulator, 'two');
  await page.getByText('2 calls', { exact: true }).waitFor();
  expect(await page.locator('#timeline-list details').first().evaluate((node: HTMLDetailsElement) => node.open)).toBe(true);
  expect(await page.locator('#resources-list details').first().evaluate((node: HTMLDetailsElement) => node.open)).toBe(true);
  expect(await page.locator('#resources-list summary').first().evaluate((node) => document.activeElement === node)).toBe(true);
});

test.each([360, 1200])('at %i px nothing is cut off', async (width) => {
  const { page: { url } } = await inhabited();
  const { page } = await open(url, { viewport: { width, height: 800 } });
  await page.locator('#timeline-list details').first().waitFor();
  for (const grouping of ['by resource', 'by handler invocation']) {
    await page.getByText(grouping).click();
    for (const details of await page.locator('details').all()) await details.evaluate((node: HTMLDetailsElement) => { node.open = true; });
    const wide = await page.evaluate((limit) => [...document.querySelectorAll('body *')].filter((node) => node.getBoundingClientRect().right > limit + 1)
      .map((node) => `${node.tagName} ${node.className}`), width);
    expect([...new Set(wide)]).toEqual([]);
    expect(await page.evaluate(() => document.scrollingElement!.scrollWidth)).toBeLessThanOrEqual(width);
  }
});

test.each(['light', 'dark'] as const)('in %s axe finds no accessibility violation', async (colorScheme) => {
  const { page: { url } } = await inhabited();
  // The policy of the page lets no foreign script in, not even this one.
  const { page } = await open(url, { colorScheme, bypassCSP: true });
  await page.locator('#timeline-list details').first().waitFor();
  for (const details of await page.locator('details').all()) await details.evaluate((node: HTMLDetailsElement) => { node.open = true; });
  await page.evaluate(axe.source);
  const { violations, passes } = await page.evaluate(async () => (window as unknown as { axe: typeof axe }).axe.run());
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)).toEqual([]);
  expect(passes.map(({ id }) => id)).toEqual(expect.arrayContaining(['color-contrast', 'label', 'button-name']));
});

describe('another site', () => {
  let site: Server;
  let origin: string;
  beforeAll(async () => {
    site = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>evil</title>'));
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  });
  afterAll(() => { site.close(); });

  test('can neither read nor change anything', async () => {
    const { emulator, page: { url } } = await start();
    await createChannel(emulator, 'front-door');
    const page = await browser.newPage();
    await page.goto(origin);
    const seen = await page.evaluate(async (target) => {
      const outcome = async (what: Promise<unknown>) => what.then(() => 'answered', () => 'failed');
      const read = await outcome(fetch(target).then(async (response) => response.text()));
      const changed = await outcome(fetch(`${target}faults`, { method: 'POST', mode: 'no-cors', body: JSON.stringify({ kind: 'throttle' }) }));
      const source = new EventSource(`${target}events`);
      const listened = await new Promise((resolve) => {
        source.onopen = () => resolve('opened');
        source.onerror = () => resolve('failed');
      });
      source.close();
      return { read, changed, listened };
    }, url);
    // A no-cors request is sent, and its answer says nothing: what counts is that there is no fault.
    expect(seen).toMatchObject({ read: 'failed', listened: 'failed' });
    expect(emulator.listFaults()).toEqual([]);
  });

  test('rejects a request whose Host is another name for this address', async () => {
    const { port } = await start();
    const page = await browser.newPage();
    const response = await page.goto(`http://rebound.example:${port}/`);
    expect(response!.status()).toBe(403);
    expect(await page.locator('#resources').count()).toBe(0);
  });
});
