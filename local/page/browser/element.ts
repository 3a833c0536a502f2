/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

type Child = Node | string | number | undefined | false;

/** An element with its properties and attributes. Text stays text: nothing here takes markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Record<string, string | number | boolean | undefined> = {}, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) if (child !== undefined && child !== false) made.append(typeof child === 'number' ? String(child) : child);
  return made;
}

export function byId<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

const shown = new WeakMap<Element, string>();

/**
 * Makes the children of `parent` those of `items`. A child whose item has not changed stays, and with it what is selected or scrolled in it;
 * of the others what is open stays open, and what has the focus keeps it.
 */
export function show<T>(parent: Element, items: readonly T[], keyOf: (item: T) => string, make: (item: T) => HTMLElement): void {
  const before = new Map([...parent.children].map((child) => [(child as HTMLElement).dataset.key, child as HTMLElement]));
  const wanted = items.map((item) => {
    const [key, content] = [keyOf(item), JSON.stringify(item)];
    const old = before.get(key);
    if (old && shown.get(old) === content) return old;
    const made = make(item);
    made.dataset.key = key;
    shown.set(made, content);
    if (old) takeOver(old, made);
    return made;
  });
  const focused = document.activeElement as HTMLElement | null;
  const place = focused && parent.contains(focused) ? pathTo(parent, focused) : undefined;
  wanted.forEach((child, index) => {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  });
  while (parent.children.length > wanted.length) parent.lastElementChild!.remove();
  if (place && document.activeElement !== focused) find(parent, place)?.focus({ preventScroll: true });
}

function takeOver(old: HTMLElement, made: HTMLElement): void {
  const open = new Set([...old.querySelectorAll('details[open]'), ...old.matches('details[open]') ? [old] : []].map((details) => (details as HTMLElement).dataset.key ?? ''));
  for (const details of [...made.querySelectorAll('details'), ...made.matches('details') ? [made as HTMLDetailsElement] : []]) {
    if (open.has(details.dataset.key ?? '')) details.open = true;
  }
}

interface Place {
  readonly key?: string;
  readonly index: number;
}

const focusable = 'summary, button, a';

function pathTo(parent: Element, focused: HTMLElement): Place {
  const child = [...parent.children].find((candidate) => candidate.contains(focused)) as HTMLElement;
  return { key: child.dataset.key, index: [...child.querySelectorAll(focusable)].indexOf(focused) };
}

function find(parent: Element, { key, index }: Place): HTMLElement | undefined {
  const child = [...parent.children].find((candidate) => (candidate as HTMLElement).dataset.key === key);
  return child?.querySelectorAll<HTMLElement>(focusable)[index];
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

export function timeOfDay(time: number): string {
  return new Date(time).toLocaleTimeString('en-GB', { hour12: false });
}

/** m:ss */
export function minutes(milliseconds: number): string {
  const whole = Math.max(0, Math.ceil(milliseconds / 1000));
  const hours = Math.floor(whole / 3600);
  const rest = [Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? [hours, ...rest.map((part) => String(part).padStart(2, '0'))].join(':') : `${rest[0]}:${String(rest[1]).padStart(2, '0')}`;
}
