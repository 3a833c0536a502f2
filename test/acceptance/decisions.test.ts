import { adviceFor, refusalsOf } from '../../acceptance/account';
import { readByClientLibrary } from '../../acceptance/cases/meetings';
import { differencesOf } from '../../acceptance/cases/subject';
import { voiceConnector } from '../../acceptance/cases/voice-connector';
import { Cleanup, whileBusy } from '../../acceptance/cleanup';
import { failedResources, reasonsOf } from '../../acceptance/deployments';
import { deleteBucket, type Found, leftoverResult, leftoverSentence, removeLeftovers, type Search, searchEverything } from '../../acceptance/leftovers';
import { isOwnName, stackNameOf } from '../../acceptance/names';
import { problemOf } from '../../acceptance/problems';

const account = { id: '123456789012', callerArn: 'arn:aws:iam::123456789012:user/me', bootstrapVersion: 21 };
const foreign: Found = { type: 'AWS::KinesisVideo::SignalingChannel', id: 'arn:x', region: 'us-east-1', owner: 'foreign', stack: 'Production' };

describe('an account is refused', () => {
  test('if it has resources that another stack owns, unless told otherwise', () => {
    expect(refusalsOf(account, 'us-east-1', [foreign], { allowExisting: false })).toEqual([expect.stringMatching(/1 resource of cdk-rtc .*Production.*--allow-existing/)]);
    expect(refusalsOf(account, 'us-east-1', [foreign], { allowExisting: true })).toEqual([]);
    expect(refusalsOf(account, 'us-east-1', [{ ...foreign, owner: 'own' }], { allowExisting: false })).toEqual([]);
  });

  test('if it is not bootstrapped, or with an old version', () => {
    for (const bootstrapVersion of [undefined, 5]) {
      expect(refusalsOf({ ...account, bootstrapVersion }, 'us-east-1', [], { allowExisting: false })).toEqual([expect.stringContaining('npx cdk bootstrap aws://123456789012/us-east-1')]);
    }
  });
});

test.each([
  [{ name: 'AccessDeniedException', message: 'no' }, 'denied permission'],
  [new Error('The deployment failed: User: arn:x is not authorized to perform: kinesisvideo:CreateSignalingChannel'), 'denied permission'],
  [{ name: 'ExpiredTokenException', message: 'The security token included in the request is expired' }, 'expired session'],
  [new Error('cdk: The security token included in the request is expired'), 'expired session'],
  [{ name: 'CredentialsProviderError', message: 'Could not load credentials from any providers' }, 'missing credentials'],
  [{ name: 'TooManyRequestsException', message: 'slow' }, 'throttled account'],
  [new Error('Rate exceeded'), 'throttled account'],
  [{ name: 'Error', code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND ivsrealtime.eu-north-1.amazonaws.com' }, 'unreachable service'],
  [new Error('The ID is a, and was b.'), 'error'],
])('%s is a problem of the kind %s', (error, kind) => {
  expect(problemOf(error).kind).toBe(kind);
  expect(adviceFor(error) === undefined).toBe(kind === 'error');
});

test('a name belongs to a run by its prefix, in any case of letters', () => {
  expect(['CdkRtcAcceptance-1a-Lifecycle', 'cdkrtcacceptance-1a-lifecycle-images'].map(isOwnName)).toEqual([true, true]);
  expect(['CdkRtcAcceptanceOther', 'Production'].map(isOwnName)).toEqual([false, false]);
  expect(stackNameOf('arn:aws:cloudformation:us-east-1:123456789012:stack/Production/1')).toBe('Production');
});

test('differences name the member, both values, and ignore additional members', () => {
  expect(differencesOf({ ttl: 30, tags: { team: 'doors' } }, { ttl: 60, tags: { team: 'doors', other: 'x' }, more: 1 })).toEqual(['ttl is 60, expected 30']);
  expect(differencesOf({ users: ['a'] }, { users: ['a', 'b'] })).toEqual(['users is ["a","b"], expected ["a"]']);
  expect(differencesOf({ ttl: 30 }, undefined)).toEqual(['the state is undefined, expected {"ttl":30}']);
});

test('the cleanup runs in reverse order, once, and also after a deletion that fails', async () => {
  const order: string[] = [];
  const cleanup = new Cleanup(0);
  for (const name of ['stack', 'role', 'channel']) {
    cleanup.add(name, async () => {
      order.push(name);
      if (name === 'role') throw Object.assign(new Error('no'), { name: 'AccessDenied' });
    });
  }
  expect(await cleanup.run()).toEqual([{ description: 'role', error: 'denied permission: no' }]);
  expect(order).toEqual(['channel', 'role', 'stack']);
  expect(await cleanup.run()).toEqual([]);
});

describe('the deletion of a resource', () => {
  let attempts = 0;
  beforeEach(() => { attempts = 0; });
  const refusals = (name: string, times: number) => async () => {
    attempts += 1;
    if (attempts <= times) throw Object.assign(new Error('no'), { name });
  };

  test.each(['ResourceInUseException', 'ClientLimitExceededException', 'TimeoutError'])('is repeated after %s', async (name) => {
    await whileBusy(refusals(name, 3), 0);
    expect(attempts).toBe(4);
  });

  test('is not repeated after another error', async () => {
    await expect(whileBusy(refusals('AccessDeniedException', 3), 0)).rejects.toThrow('no');
    expect(attempts).toBe(1);
  });
});

test('the reasons of a failure are without the resources that CloudFormation cancelled', () => {
  const events = [
    { LogicalResourceId: 'IngestKey1', ResourceStatus: 'CREATE_FAILED', ResourceStatusReason: 'Resource creation cancelled' },
    { LogicalResourceId: 'SignalingChannel1', ResourceStatus: 'CREATE_FAILED', ResourceStatusReason: 'Received response: no' },
    { LogicalResourceId: 'Studio1', ResourceStatus: 'CREATE_COMPLETE' },
  ] as never;
  expect(reasonsOf(events)).toEqual(['SignalingChannel1: Received response: no']);
  expect(failedResources(events)).toEqual(['SignalingChannel1']);
});

describe('leftovers', () => {
  const context = { region: 'us-east-1', client: () => { throw new Error('not used'); } };
  const own = (type: string, id: string, when?: string): Found => ({ type, id, region: 'us-east-1', owner: 'own', ...when && { when } });
  const searchOf = (type: string, found: Found[], more: Partial<Search> = {}): Search => ({ service: 'test', types: [type], actions: [], search: async () => found, ...more });
  const denied = searchOf('AWS::IVS::Stage', [], { service: 'ivs', search: async () => { throw Object.assign(new Error('no'), { name: 'AccessDeniedException' }); } });

  test('nothing is left only if each search succeeded', async () => {
    const clean = leftoverResult(await searchEverything(context, [searchOf('A', []), searchOf('B', [])]));
    expect(leftoverSentence(clean)).toBe('Nothing is left: 2 searches found no resource.');
    const unknown = leftoverResult(await searchEverything(context, [searchOf('A', []), denied]));
    expect(leftoverSentence(unknown)).toBe('Unknown whether a resource is left: 1 search failed (ivs).');
    expect(unknown.searches).toContainEqual({ service: 'ivs', resource: 'AWS::IVS::Stage', outcome: 'failed', error: 'denied permission: no' });
  });

  test('resources of other stacks are no leftovers, and those that AWS deletes later have a date', async () => {
    const key = own('AWS::KMS::Key', 'key', '2026-12-08T00:00:00.000Z');
    const result = leftoverResult(await searchEverything(context, [searchOf('A', [foreign, key, own('A', 'a')])]));
    expect(result.left).toEqual([{ type: 'A', id: 'a', region: 'us-east-1' }]);
    expect(result.deletedLater).toEqual([{ type: 'AWS::KMS::Key', id: 'key', region: 'us-east-1', when: '2026-12-08T00:00:00.000Z' }]);
    expect(leftoverSentence(result)).toBe('1 resource left. AWS deletes 1 resource later.');
  });

  test('stacks are deleted first, then what no stack has deleted, and a failure stops nothing', async () => {
    const order: string[] = [];
    const remaining = new Set(['stack', 'channel', 'role']);
    const search = (type: string, id: string, isDenied = false): Search => searchOf(type, [], {
      search: async () => (remaining.has(id) ? [own(type, id)] : []),
      delete: async () => {
        order.push(id);
        if (isDenied) throw Object.assign(new Error('no'), { name: 'AccessDenied' });
      },
    });
    const searches = [search('AWS::CloudFormation::Stack', 'stack'), search('Channel', 'channel', true), search('Role', 'role')];
    const destroyStack = async (name: string) => {
      order.push(name);
      remaining.delete(name);
    };
    const { removed, failed } = await removeLeftovers(context, { destroyStack, pauseSeconds: 0 }, searches);
    expect(order).toEqual(['stack', 'channel', 'role']);
    expect(removed.map(({ id }) => id)).toEqual(['stack', 'role']);
    expect(failed).toEqual([{ type: 'Channel', id: 'channel', region: 'us-east-1', error: 'denied permission: no' }]);
  });
});

describe('a checkout that the client library reads', () => {
  const placement = { AudioHostUrl: 'a.example.com', AudioFallbackUrl: 'b', SignalingUrl: 'wss://signal.example.com/control/m', TurnControlUrl: 'https://turn.example.com' };
  const meeting = { MeetingId: 'm', MediaRegion: 'us-east-1', MediaPlacement: placement };
  const attendee = { AttendeeId: 'a', ExternalUserId: 'e', JoinToken: 'secret' };

  test('has a meeting, an attendee, and the host of the signaling connection', async () => {
    const read = await readByClientLibrary({ Meeting: meeting, Attendees: [attendee] } as never);
    expect(read).toEqual({ meetingId: 'm', attendeeId: 'a', signalingHost: 'signal.example.com' });
  });

  test.each([
    ['the signaling URL', { Meeting: { ...meeting, MediaPlacement: { ...placement, SignalingUrl: undefined } }, Attendees: [attendee] }, 'signalingURL'],
    ['the join token', { Meeting: meeting, Attendees: [{ ...attendee, JoinToken: '' }] }, 'joinToken'],
    ['the ID of the meeting', { Meeting: { ...meeting, MeetingId: undefined }, Attendees: [attendee] }, 'meetingId'],
  ])('lacks %s', async (_, response, member) => {
    await expect(readByClientLibrary(response as never)).rejects.toThrow(`The client library finds no ${member} in the response.`);
  });
});

test('the log groups of a voice connector are deleted, also if the service created only one of them', async () => {
  const deletions: (() => Promise<void>)[] = [];
  const deleted: string[] = [];
  const send = async ({ input }: { readonly input: { readonly logGroupName: string } }) => {
    deleted.push(input.logGroupName);
    if (input.logGroupName.includes('SipMessages')) throw Object.assign(new Error('The specified log group does not exist.'), { name: 'ResourceNotFoundException' });
  };
  const context = { region: 'us-east-1', namePrefix: 'p', isAws: true, client: () => ({ send }) as never, onCleanup: (_: string, deletion: () => Promise<void>) => deletions.push(deletion) };
  voiceConnector.onCreated!(context, 'arn:aws:chime:us-east-1:123456789012:vc/abcdefghijklmnopqrstuv');
  for (const deletion of deletions) await deletion();
  expect(deleted).toEqual(['/aws/ChimeVoiceConnectorSipMessages/abcdefghijklmnopqrstuv', '/aws/ChimeVoiceConnectorLogs/abcdefghijklmnopqrstuv']);
});

test('a bucket that S3 still lists after its deletion counts as deleted', async () => {
  const sent: string[] = [];
  const send = async ({ constructor }: object) => {
    sent.push(constructor.name);
    throw Object.assign(new Error('The specified bucket does not exist'), { name: 'NoSuchBucket' });
  };
  await deleteBucket({ region: 'us-east-1', client: () => ({ send }) as never }, 'cdkrtcacceptance-1');
  expect(sent).toEqual(['ListObjectsV2Command']);
});
