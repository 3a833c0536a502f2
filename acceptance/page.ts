import { SEARCHES } from './leftovers';
import { USAGE } from './options';
import { personPolicy } from './person-policy';

const BEGIN = '<!-- generated: ';
const END = '<!-- end of the generated part -->';

const PARTS: Readonly<Record<string, () => string>> = {
  options: () => `\`\`\`text\n${USAGE.trim()}\n\`\`\``,
  policy: () => `\`\`\`json\n${JSON.stringify(personPolicy('ACCOUNT_ID'), undefined, 2)}\n\`\`\``,
  searches: () => [
    '| Service | Resources | Found by |',
    '|---|---|---|',
    ...SEARCHES.map(({ service, types }) => `| \`${service}\` | ${types.map((type) => `\`${type}\``).join(', ')} | ${foundBy(service)} |`),
  ].join('\n'),
};

/** These services have no owner tags, or their lists contain none. */
const BY_NAME = ['cloudformation', 'scheduler', 'logs', 'iam', 's3'];

function foundBy(service: string): string {
  if (service === 'tag') return 'Tag of the run, or owner tag';
  return BY_NAME.includes(service) ? 'Name prefix' : 'Name prefix, or owner tag';
}

/** The page with its generated parts replaced. */
export function withGeneratedParts(page: string): string {
  return Object.entries(PARTS).reduce((text, [name, part]) => {
    const begin = `${BEGIN}${name} -->`;
    const start = text.indexOf(begin);
    const end = text.indexOf(END, start);
    if (start < 0 || end < 0) throw new Error(`docs/acceptance.md has no generated part ${name}`);
    return `${text.slice(0, start + begin.length)}\n\n${part()}\n\n${text.slice(end)}`;
  }, page);
}
