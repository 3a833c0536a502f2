import { parseArgs } from 'node:util';

/** The parts of a run that `--only` selects: one for each construct, and the facts. */
export const AREAS = ['signaling', 'video-stream', 'voice-connector', 'meetings', 'ingest', 'stage', 'drift-monitor', 'phone-number', 'facts'] as const;
export type Area = typeof AREAS[number];

export interface Options {
  readonly region: string;
  readonly profile?: string;
  readonly only?: readonly Area[];
  /** The facts to ask about. Default: all. */
  readonly facts?: readonly string[];
  readonly keepOnFailure: boolean;
  readonly yes: boolean;
  readonly long: boolean;
  readonly orderNumber: boolean;
  readonly local: boolean;
  readonly allowExisting: boolean;
  readonly cleanUp: boolean;
  readonly help: boolean;
}

export const USAGE = `npm run acceptance -- --region REGION [options]

  --region REGION      The region of the run, for example us-east-1.
  --profile NAME       A profile of the AWS CLI. Default: the credentials that the AWS CLI uses.
  --only LIST          Only these areas, or facts by their ID, separated by commas: ${AREAS.join(', ')}, F-24.
  --long               Also the probes that take about an hour.
  --order-number       Also the cases and probes that order a phone number, which costs about 1 US dollar per number.
  --yes                Don't ask before the run creates resources.
  --keep-on-failure    If a case fails, keep its stack.
  --allow-existing     Run although the account has resources of cdk-rtc that other stacks own.
  --clean-up           Only delete the resources that earlier runs left.
  --local              Run on the local cloud. Needs no account, and verifies nothing about AWS.
`;

/** Reads the options of the command. Throws one error that names every wrong option. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'region': { type: 'string' },
      'profile': { type: 'string' },
      'only': { type: 'string' },
      'keep-on-failure': { type: 'boolean', default: false },
      'yes': { type: 'boolean', default: false },
      'long': { type: 'boolean', default: false },
      'order-number': { type: 'boolean', default: false },
      'local': { type: 'boolean', default: false },
      'allow-existing': { type: 'boolean', default: false },
      'clean-up': { type: 'boolean', default: false },
      'help': { type: 'boolean', default: false },
    },
  });
  const selected = values.only?.split(',').map((name) => name.trim()).filter(Boolean);
  const facts = selected?.filter(isFactId);
  const areas = selected?.filter((name) => !isFactId(name));
  const unknown = areas?.filter((name) => !AREAS.includes(name as Area)) ?? [];
  const needsRegion = values.region === undefined && !values.local && !values.help;
  const findings = [
    ...needsRegion ? ['region: missing; pass --region, for example --region us-east-1'] : [],
    ...selected?.length === 0 ? [`only: empty; name areas out of ${AREAS.join(', ')}, or facts by their ID`] : [],
    ...unknown.length > 0 ? [`only: unknown ${unknown.join(', ')}; use ${AREAS.join(', ')}, or the ID of a fact, for example F-24`] : [],
    ...values.local && values.profile !== undefined ? ['profile: the local cloud uses no profile; omit --profile or --local'] : [],
    ...areas?.includes('phone-number') && !values['order-number'] ? ['only: phone-number orders a number; add --order-number'] : [],
  ];
  if (findings.length > 0) throw new Error(findings.join('\n'));
  return {
    region: values.region ?? 'us-east-1',
    profile: values.profile,
    only: selected && [...areas as Area[], ...facts!.length > 0 && !areas!.includes('facts') ? ['facts' as const] : []],
    facts: facts && facts.length > 0 ? facts : undefined,
    keepOnFailure: values['keep-on-failure']!,
    yes: values.yes!,
    long: values.long!,
    orderNumber: values['order-number']!,
    local: values.local!,
    allowExisting: values['allow-existing']!,
    cleanUp: values['clean-up']!,
    help: values.help!,
  };
}

function isFactId(name: string): boolean {
  return /^F-\d+$/.test(name);
}
