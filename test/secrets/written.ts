/** Where something may be written, and what was. */
const PLACES = [
  'framework, state machine, answers to CloudFormation',
  'logs of the framework, and what is printed',
  'logs and metrics of functions',
  'answers of handlers',
  'errors thrown',
  'drift monitor',
  'maintainer',
  'events and other requests',
  'refusals of checkout',
  'answers of checkout',
  'call log and state of the local cloud',
  'secret',
  'table',
] as const;

export type Written = Record<typeof PLACES[number], string[]>;

export function places(): Written {
  return Object.fromEntries(PLACES.map((place) => [place, [] as string[]])) as Written;
}
