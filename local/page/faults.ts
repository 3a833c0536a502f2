import type { Fault, FaultKind } from '../emulator';

export type KindOfFault = FaultKind['kind'];

/** The fields of a fault in addition to the filter. */
export type FaultField = 'milliseconds' | 'error' | 'status' | 'item';

export interface FaultForm {
  readonly title: string;
  readonly fields: readonly FaultField[];
}

/** The emulator's kinds, as the page offers them. */
export const FAULT_FORMS: Record<KindOfFault, FaultForm> = {
  throttle: { title: 'Throttled: not carried out', fields: [] },
  serverError: { title: 'Server error: not carried out', fields: ['status'] },
  lostResponse: { title: 'Carried out, the response is lost', fields: [] },
  lostRequest: { title: 'The request is lost', fields: [] },
  accessDenied: { title: 'Access denied', fields: [] },
  error: { title: 'Another error of the service', fields: ['error'] },
  delay: { title: 'Slow', fields: ['milliseconds'] },
  laggingReads: { title: 'Reads show an earlier state', fields: ['milliseconds'] },
  reorderedReads: { title: 'Each read by chance the earlier or the current state', fields: ['milliseconds'] },
  itemError: { title: 'One item of a batch fails', fields: ['item', 'error'] },
};

/** What can be chosen of a service. */
export interface ServiceView {
  readonly name: string;
  readonly operations: readonly string[];
  readonly errors: readonly string[];
}

/** A rule that is on. */
export type FaultView = Fault & { readonly id: string; readonly hit: number };

/** Pure: what the page has sent, as a fault that the emulator can play. Throws what is wrong with it. */
export function faultOf(sent: unknown, services: readonly ServiceView[]): Fault {
  if (typeof sent !== 'object' || sent === null) throw new Error('A fault is an object.');
  const given = sent as Record<string, unknown>;
  const text = (name: string) => optional(given[name], name, (value) => typeof value === 'string' && value.length <= 200, 'a text of at most 200 characters');
  const number = (name: string, least: number, most: number) => optional(given[name], name,
    (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most, `a whole number from ${least} to ${most}`);

  const kind = given.kind as KindOfFault;
  if (!Object.hasOwn(FAULT_FORMS, String(kind))) throw new Error(`kind: one of ${Object.keys(FAULT_FORMS).join(', ')}.`);
  const service = services.find(({ name }) => name === given.service);
  if (given.service !== undefined && !service) throw new Error('service: there is no such service.');
  if (given.operation !== undefined && !service?.operations.includes(given.operation as string)) throw new Error('operation: the service has no such operation.');
  // Checked here, for a call that is hit could not say any more what is wrong.
  if (kind === 'error' && !service?.errors.includes(given.error as string)) throw new Error('error: choose a service and one of its errors.');

  const values: Record<FaultField, unknown> = {
    milliseconds: number('milliseconds', 0, 600_000),
    error: text('error'),
    item: text('item'),
    status: optional(given.status, 'status', (value) => value === 500 || value === 503, '500 or 503'),
  };
  const { fields } = FAULT_FORMS[kind];
  const missing = fields.find((field) => values[field] === undefined && field !== 'status');
  if (missing) throw new Error(`${missing}: needed for ${kind}.`);
  const fault = {
    kind,
    service: service?.name,
    operation: given.operation,
    resource: text('resource'),
    times: number('times', 1, 1_000_000),
    ...Object.fromEntries(fields.map((field) => [field, values[field]])),
  };
  return Object.fromEntries(Object.entries(fault).filter(([, value]) => value !== undefined)) as unknown as Fault;
}

function optional<T>(value: T, name: string, fits: (value: T) => boolean, expected: string): T | undefined {
  if (value === undefined || fits(value)) return value;
  throw new Error(`${name}: ${expected}.`);
}
