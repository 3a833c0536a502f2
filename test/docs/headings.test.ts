import * as fs from 'node:fs';
import * as path from 'node:path';

const DOCS = path.join(__dirname, '..', '..', 'docs');
const ORDER = ['Overview', 'Getting started', 'Tasks', 'Update behavior', 'Monitoring', 'Permissions', 'Quotas and cost', 'Troubleshooting', 'Migration'];

const index = fs.readFileSync(path.join(DOCS, 'README.md'), 'utf8');
const [constructs] = index.slice(index.indexOf('\n## Constructs')).split(/\n## (?!Constructs)/);
const pages = [...constructs.matchAll(/^\| \[\w+\]\(([\w-]+\.md)\)/gm)].map(([, page]) => page);

/** The second-level headings outside of code blocks. */
function headingsOf(markdown: string): string[] {
  return [...markdown.replace(/^```[^]*?^```/gm, '').matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
}

test('the index lists the pages of the constructs', () => {
  expect(pages).toContain('signaling-channel.md');
  expect(pages.length).toBeGreaterThan(5);
});

test.each(pages)('%s has the headings of a construct page, in their order', (page) => {
  expect(headingsOf(fs.readFileSync(path.join(DOCS, page), 'utf8'))).toEqual(ORDER);
});

test('a heading in a code block does not count', () => {
  expect(headingsOf('## Overview\n\n```sh\n## a comment\n```\n\n## Tasks\n')).toEqual(['Overview', 'Tasks']);
});
