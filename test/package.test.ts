import { execFileSync } from 'node:child_process';
import * as path from 'node:path';

test('the npm package holds the compiled library and the bundled handlers, and none of their sources', () => {
  const listing = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: path.join(__dirname, '..'), encoding: 'utf8' });
  const files: string[] = JSON.parse(listing)[0].files.map((file: { path: string }) => file.path);
  expect(files).toEqual(expect.arrayContaining(['lib/lambda/index.js', 'lib/lambda/cdk-rtc.json']));
  expect(files.filter((file) => !/^(lib\/|(API|README|CHANGELOG|SECURITY)\.md$|LICENSE$|NOTICE$|package\.json$|\.jsii(\.gz)?$)/.test(file))).toEqual([]);
  expect(files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([]);
});
