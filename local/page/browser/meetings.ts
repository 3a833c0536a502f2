import { byId, element, minutes, show } from './element';
import { ownerLine } from './resources';
import type { Feed, MeetingView } from '../feed';

/** Below this time the clock has another color. */
const SHORT = 60_000;

export function showMeetings({ meetings }: Feed, now: number): void {
  const ready = meetings.filter(({ life }) => life === 'ready').length;
  byId('meetings-count').textContent = ready > 0 ? `${meetings.length}, ${ready} of them ready in a pool` : String(meetings.length);
  byId('meetings-empty').hidden = meetings.length > 0;
  show(byId('meetings-list'), [...meetings].sort((a, b) => a.endsAt - b.endsAt), ({ arn }) => arn, card);
  tick(now);
}

function card({ id, namespace, owner, life, attendees, clock, since, endsAt }: MeetingView): HTMLElement {
  const who = attendees.map(({ externalUserId, connected }) => connected ? `${externalUserId} (connected)` : externalUserId).join(', ');
  return element('div', { class: 'card' },
    element('p', { class: 'clock' },
      element('b', { 'role': 'timer', 'data-ends': endsAt }),
      element('span', { class: 'faint' }, clock),
    ),
    element('progress', { 'max': endsAt - since, 'aria-label': `remaining time of meeting ${id}`, 'data-ends': endsAt }),
    element('p', { class: 'arn' }, id),
    element('p', { class: 'faint' }, [life ?? 'not in a pool', who ? `attendees: ${who}` : 'no attendees', ...namespace === 'chime' ? ['namespace chime'] : []].join(' · ')),
    element('p', { class: 'faint' }, `owner: ${ownerLine(owner)}`),
  );
}

/** The clocks run on without the server. */
export function tick(now: number): void {
  for (const clock of document.querySelectorAll<HTMLElement>('#meetings-list [data-ends]')) {
    const left = Math.max(0, Number(clock.dataset.ends) - now);
    if (clock instanceof HTMLProgressElement) {
      clock.value = left;
      clock.classList.toggle('short', left < SHORT);
    } else if (clock.textContent !== minutes(left)) {
      clock.textContent = minutes(left);
    }
  }
}
