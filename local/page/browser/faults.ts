import { byId, element, show } from './element';
import { FAULT_FORMS, type FaultView, type KindOfFault, type ServiceView } from '../faults';

const ANY = '';
let services: readonly ServiceView[] = [];

export function showFaults(faults: readonly FaultView[], known: readonly ServiceView[]): void {
  if (JSON.stringify(known) !== JSON.stringify(services)) {
    services = known;
    options('fault-service', services.map(({ name }) => name), 'any');
    chooseService();
  }
  byId('faults-count').textContent = faults.length > 0 ? `${faults.length} on` : '';
  byId('faults-empty').hidden = faults.length > 0;
  show(byId('faults-list'), faults, ({ id }) => id, rule);
}

function rule({ id, kind, hit, ...rest }: FaultView): HTMLElement {
  const { times, ...filter } = rest as Record<string, unknown>;
  const off = element('button', { 'type': 'button', 'aria-label': `Turn off ${id}` }, 'Turn off');
  off.addEventListener('click', () => { void ask('DELETE', `/faults?id=${encodeURIComponent(id)}`, undefined); });
  return element('li', {},
    element('b', {}, FAULT_FORMS[kind].title),
    element('span', {}, Object.entries(filter).map(([name, value]) => `${name} ${String(value)}`).join(' · ') || 'every call'),
    element('span', { class: 'faint' }, `affected ${hit}${times === undefined ? '' : ` of ${String(times)}`} calls`),
    off,
  );
}

export function startFaults(): void {
  byId('fault-kind').append(...Object.entries(FAULT_FORMS).map(([kind, { title }]) => element('option', { value: kind }, title)));
  byId('fault-kind').addEventListener('change', chooseKind);
  byId('fault-service').addEventListener('change', chooseService);
  byId<HTMLFormElement>('fault-form').addEventListener('submit', (event) => {
    event.preventDefault();
    void ask('POST', '/faults', faultIn(new FormData(event.target as HTMLFormElement)));
  });
  chooseKind();
}

function chooseKind(): void {
  const { fields } = FAULT_FORMS[byId<HTMLSelectElement>('fault-kind').value as KindOfFault];
  for (const label of document.querySelectorAll<HTMLElement>('#fault-form [data-field]')) {
    const needed = (fields as readonly string[]).includes(label.dataset.field!);
    label.hidden = !needed;
    // What is not needed is not sent.
    for (const control of label.querySelectorAll('input, select')) (control as HTMLInputElement).disabled = !needed;
  }
  chooseError();
}

function chooseService(): void {
  options('fault-operation', chosenService()?.operations ?? [], 'any');
  chooseError();
}

/** One of the service's errors; the code of a failing item is no error of the service. */
function chooseError(): void {
  const kind = byId<HTMLSelectElement>('fault-kind').value;
  const ofItem = kind === 'itemError';
  const control = ofItem
    ? element('input', { name: 'error', maxlength: 200, value: 'ServiceFailure', required: true })
    : element('select', { name: 'error', required: true }, ...(chosenService()?.errors ?? []).map((name) => element('option', {}, name)));
  control.disabled = !ofItem && kind !== 'error';
  byId('fault-error').replaceChildren(control);
}

function chosenService(): ServiceView | undefined {
  return services.find(({ name }) => name === byId<HTMLSelectElement>('fault-service').value);
}

function options(id: string, names: readonly string[], any: string): void {
  byId(id).replaceChildren(element('option', { value: ANY }, any), ...names.map((name) => element('option', { value: name }, name)));
}

function faultIn(form: FormData): Record<string, unknown> {
  const numbers = ['times', 'milliseconds', 'status'];
  return Object.fromEntries([...form].filter(([, value]) => value !== '').map(([name, value]) => [name, numbers.includes(name) ? Number(value) : value]));
}

async function ask(method: string, path: string, body: unknown): Promise<void> {
  const said = byId('fault-answer');
  try {
    const response = await fetch(path, { method, body: body === undefined ? undefined : JSON.stringify(body), headers: { 'content-type': 'application/json' } });
    const { message } = await response.json() as { message?: string };
    said.textContent = response.ok ? '' : message ?? 'The fault is rejected.';
  } catch {
    said.textContent = 'The local cloud doesn\'t respond.';
  }
}
