/**
 * Writes docs/iam.md: what every role may do, and why. test/iam/page.test.ts fails where it is not what the templates say.
 *
 * tsx scripts/iam-page.ts
 */
import * as fs from 'node:fs';
import { iamPage } from '../test/iam/page';

void iamPage().then((page) => fs.writeFileSync('docs/iam.md', page));
