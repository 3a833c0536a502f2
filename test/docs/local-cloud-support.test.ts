import { readFileSync } from 'node:fs';
import { operationsTable, PAGE } from '../../scripts/local-cloud-page';

test('the page lists the operations that the emulators support', () => {
  expect(readFileSync(PAGE, 'utf8')).toContain(`\n${operationsTable()}\n`);
});
