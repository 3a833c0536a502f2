import { readFileSync } from 'node:fs';
import { withGeneratedParts } from '../../acceptance/page';

test('docs/acceptance.md has the options, the policy, and the searches of the command (npx tsx scripts/acceptance-page.ts)', () => {
  const page = readFileSync('docs/acceptance.md', 'utf8');
  expect(page).toBe(withGeneratedParts(page));
});
