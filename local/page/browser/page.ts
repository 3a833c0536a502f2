import { byId } from './element';
import { showFaults, startFaults } from './faults';
import { showMeetings, tick } from './meetings';
import { showPools, showResources } from './resources';
import { showEventChoices, startServiceEvents } from './service-events';
import { addCalls, addInvocations, addRequests, forget, startTimeline } from './timeline';
import type { Message, PageFeed } from '../server';

/** What the cloud's clock is ahead of this one's. */
let ahead = 0;

function showFeed(feed: PageFeed): void {
  ahead = feed.now - Date.now();
  const problem = byId('problem');
  problem.hidden = feed.problem === undefined;
  problem.textContent = feed.problem ?? '';
  showResources(feed);
  showMeetings(feed, feed.now);
  showPools(feed);
  showFaults(feed.faults, feed.services);
  showEventChoices(feed.events);
}

function connected(live: boolean): void {
  const said = byId('connection');
  said.textContent = live ? 'live' : 'the local cloud doesn\'t respond; the page is out of date';
  said.classList.toggle('live', live);
}

function listen(): void {
  const source = new EventSource('/events');
  const on = <E extends Message['event']>(event: E, use: (data: Extract<Message, { event: E }>['data']) => void) =>
    source.addEventListener(event, ({ data }: MessageEvent<string>) => use(JSON.parse(data)));
  on('feed', showFeed);
  on('calls', addCalls);
  on('invocations', addInvocations);
  on('requests', addRequests);
  on('reset', forget);
  // After a pause the server sends all data again.
  source.addEventListener('open', () => {
    forget();
    connected(true);
  });
  source.addEventListener('error', () => connected(false));
}

startFaults();
startServiceEvents();
startTimeline();
listen();
setInterval(() => tick(Date.now() + ahead), 1000);
