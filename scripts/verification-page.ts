/**
 * Writes docs/verification.md: the facts about AWS that the library relies on, and the answers of all acceptance reports. test/acceptance/verification-page.test.ts
 * fails if the committed page differs.
 *
 * tsx scripts/verification-page.ts
 */
import * as fs from 'node:fs';
import { verificationPage } from '../acceptance/verification-page';

fs.writeFileSync('docs/verification.md', verificationPage());
