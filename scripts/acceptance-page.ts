/**
 * Writes the generated parts of docs/acceptance.md: the options, the policy, and the searches. test/acceptance/page.test.ts fails if they differ.
 *
 * tsx scripts/acceptance-page.ts
 */
import * as fs from 'node:fs';
import { withGeneratedParts } from '../acceptance/page';

fs.writeFileSync('docs/acceptance.md', withGeneratedParts(fs.readFileSync('docs/acceptance.md', 'utf8')));
