import { readFileSync } from 'node:fs';
import { excuses, GRANTEES } from './exceptions';
import { iamPage } from './page';
import { everyPermission, rolesOf, STACKS } from './permissions';
import { GRANTS, REASONS, ROLES } from './reasons';

test('docs/iam.md matches the templates; to update the page: npx tsx scripts/iam-page.ts', async () => {
  expect(await iamPage()).toBe(readFileSync('docs/iam.md', 'utf8'));
});

test('every role is on it, and every reason is one of something', () => {
  const permissions = everyPermission();
  const roles = rolesOf(STACKS.everything).map(({ role }) => role);
  expect(roles.filter((role) => !ROLES.some((one) => one.role.test(role)) && !GRANTS.some((grant) => grant.role === role))).toEqual([]);
  expect(GRANTS.filter(({ role }) => !roles.includes(role) || !GRANTEES.test(role))).toEqual([]);
  const used = new Set(permissions.map((permission) => REASONS.find((reason) => excuses(reason, permission))));
  expect(REASONS.filter((reason) => !used.has(reason))).toEqual([]);
});
