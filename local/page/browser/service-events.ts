import { byId, element } from './element';
import type { EventChoice } from '../service-events';

let choices: readonly EventChoice[] = [];

export function showEventChoices(known: readonly EventChoice[]): void {
  if (JSON.stringify(known) === JSON.stringify(choices)) return;
  choices = known;
  const kind = byId<HTMLSelectElement>('event-kind');
  const chosen = kind.value;
  kind.replaceChildren(...choices.map(({ kind: value, title }) => element('option', { value, selected: value === chosen }, title)));
  byId('event-form').hidden = choices.length === 0;
  byId('events-empty').hidden = choices.length > 0;
  chooseKind();
}

export function startServiceEvents(): void {
  byId('event-kind').addEventListener('change', chooseKind);
  byId<HTMLFormElement>('event-form').addEventListener('submit', (event) => {
    event.preventDefault();
    void emit(Object.fromEntries(new FormData(event.target as HTMLFormElement)));
  });
}

function chooseKind(): void {
  const resource = byId<HTMLSelectElement>('event-resource');
  const chosen = resource.value;
  const { resources = [] } = choices.find(({ kind }) => kind === byId<HTMLSelectElement>('event-kind').value) ?? {};
  resource.replaceChildren(...resources.map(({ arn, name }) => element('option', { value: arn, selected: arn === chosen }, name)));
}

async function emit(body: unknown): Promise<void> {
  const said = byId('event-answer');
  try {
    const response = await fetch('/service-events', { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
    const { rules = [], message } = await response.json() as { rules?: string[]; message?: string };
    said.textContent = response.ok
      ? `Emitted at ${new Date().toLocaleTimeString('en-GB')}. ${rules.length > 0 ? `Rules that match: ${rules.join(', ')}.` : 'No rule matches.'}`
      : message ?? 'The event is rejected.';
  } catch {
    said.textContent = 'The local cloud doesn\'t respond.';
  }
}
