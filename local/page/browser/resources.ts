import { byId, element, show } from './element';
import type { Feed, OwnerView, PoolView, ResourceView } from '../feed';

export function showResources({ resources }: Feed): void {
  byId('resources-count').textContent = String(resources.length);
  byId('resources-empty').hidden = resources.length > 0;
  byId('resources-list').closest('table')!.hidden = resources.length === 0;
  show(byId('resources-list'), resources, ({ arn }) => arn, row);
}

function row({ arn, kind, name, state, owner, facts, tags, region }: ResourceView): HTMLElement {
  return element('tr', {},
    element('td', {}, kind),
    element('td', {}, name, element('span', { class: 'faint' }, region)),
    element('td', {}, element('span', { class: `state ${tone(state)}` }, state)),
    element('td', { class: owner && 'owned' }, ...ownerText(owner)),
    element('td', {},
      ...facts.length > 0 ? [facts.join(' · ')] : [],
      element('details', { 'data-key': 'tags' },
        element('summary', { 'class': 'faint', 'aria-label': `ARN and tags of ${name}` }, 'ARN and tags'),
        element('div', { class: 'arn' }, arn),
        ...Object.entries({ ...tags, ...owner?.tags }).map(([key, value]) => element('div', { class: 'arn' }, `${key} = ${value}`)),
      ),
    ),
  );
}

/** In one line. */
export function ownerLine(owner: OwnerView | undefined): string {
  return owner ? [owner.stack, ...owner.logicalId ? [owner.logicalId] : []].join(' / ') : 'no owner tag';
}

function ownerText(owner: OwnerView | undefined): (Node | string)[] {
  if (!owner) return [element('span', { class: 'faint' }, ownerLine(owner))];
  return owner.logicalId ? [owner.stack, element('span', { class: 'faint' }, owner.logicalId)] : [owner.stack];
}

function tone(state: string): string {
  if (/^(ACTIVE|STREAMING)$/.test(state)) return 'good';
  if (/DELET|DISABLED/.test(state)) return 'bad';
  return /ING$/.test(state) ? 'warn' : '';
}

export function showPools({ pools }: Feed): void {
  show(byId('pools-list'), pools, ({ table, name }) => `${table} ${name}`, pool);
}

function pool({ name, state, size, items, table }: PoolView): HTMLElement {
  const lives = [...new Set(items.map(({ life }) => life))].map((life) => `${items.filter((item) => item.life === life).length} ${life}`);
  return element('details', { 'data-key': 'pool' },
    element('summary', {}, `Items of the pool ${name}: ${state}, size ${size}; ${lives.join(', ') || 'no meetings'}`),
    element('p', { class: 'arn' }, `table ${table}`),
    element('table', {},
      element('thead', {}, element('tr', {}, ...['Slot', 'State', 'Meeting', 'Ends'].map((title) => element('th', { scope: 'col' }, title)))),
      element('tbody', {}, ...items.map(({ slot, life, meetingId, endsAt }) => element('tr', {},
        element('td', {}, slot ?? 'on demand'),
        element('td', {}, life),
        element('td', { class: 'arn' }, meetingId ?? '–'),
        element('td', {}, endsAt === undefined ? '–' : new Date(endsAt).toLocaleTimeString('en-GB')),
      ))),
    ),
  );
}
