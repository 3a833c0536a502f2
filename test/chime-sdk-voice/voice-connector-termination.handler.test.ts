import { SettingSetup, type VoiceSetupOptions } from './handler-setup';
import type { ResourceFailed } from '../cloudformation';
import { stackId } from '../handler-setup';

let setup: SettingSetup;
let arn: string;
let alice: string;
let bob: string;
const start = (options: VoiceSetupOptions = {}) => {
  setup = new SettingSetup('termination', options);
  arn = setup.connector();
  alice = setup.sipSecret('alice', 'correct-horse');
  bob = setup.sipSecret('bob', 'battery');
};
const restart = async (options: VoiceSetupOptions) => {
  await setup.stop();
  start(options);
};
beforeEach(() => start());
afterEach(async () => {
  // Whatever a test has done: nothing that is written tells a credential.
  const written = [...setup.logged, JSON.stringify(setup.reported), JSON.stringify(setup.connectorStates().map(({ tags }) => tags))].join('\n');
  for (const credential of ['alice', 'correct-horse', 'bob', 'battery', 'staple']) expect(written.replace(/secret:sip-[\w-]+/g, '')).not.toContain(credential);
  await setup.stop();
});

const failure = (promise: Promise<unknown>): Promise<ResourceFailed> => promise.then(() => { throw new Error('did not fail'); }, (error) => error);
const settings = (secrets: string[] = [], more: object = {}, of = arn) => ({
  VoiceConnectorArn: of, AllowedCidrs: ['203.0.113.10/32'], CallingRegions: ['US'], ...secrets.length > 0 ? { CredentialSecretArns: secrets } : {}, ...more,
});

const PUT = 'PutVoiceConnectorTerminationCredentials';
const DELETE = 'DeleteVoiceConnectorTerminationCredentials';
const LIST = 'ListVoiceConnectorTerminationCredentials';
const USERS_TAG = 'cdk-rtc:termination-users';

describe('credentials', () => {
  test('are read from the secrets and put, after the termination', async () => {
    await setup.resource().create(settings([alice, bob]));
    expect(setup.sipUsers(arn)).toEqual({ alice: 'correct-horse', bob: 'battery' });
    expect(setup.mutations()).toEqual(['TagResource', 'PutVoiceConnectorTermination', 'TagResource', PUT, 'TagResource']);
    expect(setup.calls('GetSecretValue').map(({ input }) => input)).toEqual([alice, bob].map((SecretId) => ({ SecretId, VersionStage: 'AWSCURRENT' })));
  });

  test('that are complete are put only once, and not read again', async () => {
    const resource = setup.resource();
    await resource.create(settings([alice]));
    const { mutations, reads } = await setup.counting(() => resource.update(settings([alice], { CallingRegions: ['US', 'CA'] })));
    expect(mutations).toEqual(['PutVoiceConnectorTermination']);
    expect(reads.GetSecretValue).toBeUndefined();
  });

  test('that are complete don\'t need their secret any more', async () => {
    const resource = setup.resource();
    await resource.create(settings([alice]));
    setup.emulator.edit({ service: 'secrets-manager', resource: alice, delete: true });
    await resource.update(settings([alice], { CallsPerSecond: 2 }));
    expect(setup.connectorState(arn).termination).toMatchObject({ CpsLimit: 2 });
  });

  test('of a secret that was rotated are put with the next CredentialsVersion, and not before', async () => {
    const resource = setup.resource();
    await resource.create(settings([alice]));
    setup.changeSecret(alice, JSON.stringify({ username: 'alice', password: 'staple' }));
    await resource.update(settings([alice], { CallsPerSecond: 2 }));
    expect(setup.sipUsers(arn)).toEqual({ alice: 'correct-horse' });
    await resource.update(settings([alice], { CredentialsVersion: '2' }));
    expect(setup.sipUsers(arn)).toEqual({ alice: 'staple' });
  });

  test('of a secret whose user name changed: the new user is put, the old one deleted', async () => {
    const resource = setup.resource();
    await resource.create(settings([alice]));
    setup.changeSecret(alice, JSON.stringify({ username: 'bob', password: 'battery' }));
    await resource.update(settings([alice], { CredentialsVersion: '2' }));
    expect(setup.sipUsers(arn)).toEqual({ bob: 'battery' });
  });

  test.each(['merge', 'replace'] as const)('of a secret that leaves the list are deleted; a Put is a %s', async (credentialsPut) => {
    await restart({ credentialsPut });
    const resource = setup.resource();
    await resource.create(settings([alice, bob]));
    await resource.update(settings([bob]));
    expect(setup.sipUsers(arn)).toEqual({ bob: 'battery' });
    await resource.update(settings());
    expect(setup.sipUsers(arn)).toEqual({});
  });

  test('that were created out of band stay', async () => {
    const resource = setup.resource();
    setup.edit(arn, { users: { console: 'x' } });
    await resource.create(settings([alice]));
    await resource.update(settings([bob]));
    expect(setup.sipUsers(arn)).toEqual({ bob: 'battery', console: 'x' });
    await resource.delete();
    expect(setup.sipUsers(arn)).toEqual({ console: 'x' });
  });

  test('that were deleted out of band are drift, which the next update corrects', async () => {
    const resource = setup.resource();
    await resource.create(settings([alice, bob]));
    expect((await setup.driftOf([resource])).drifted).toEqual([]);
    setup.edit(arn, { users: { alice: null } });
    expect((await setup.driftOf([resource])).drifted).toMatchObject([{ propertyDifferences: [{ propertyPath: '/CredentialsVersion', actualValue: expect.stringMatching(/^incomplete [0-9a-f]{8}$/) }] }]);
    await resource.update(settings([alice, bob], { CallsPerSecond: 2 }));
    expect(setup.sipUsers(arn)).toEqual({ alice: 'correct-horse', bob: 'battery' });
  });

  test('are put again if the tags of the voice connector were replaced', async () => {
    const resource = setup.resource();
    await resource.create(settings([alice]));
    setup.edit(arn, { replaceTags: {} });
    await resource.update(settings([alice], { CallsPerSecond: 2 }));
    expect(setup.sipUsers(arn)).toEqual({ alice: 'correct-horse' });
    await resource.delete();
    expect([setup.sipUsers(arn), setup.connectorState(arn).termination, setup.ownerTags(arn)]).toEqual([{}, undefined, {}]);
  });

  test('are hashes in the tag, which differ between voice connectors', async () => {
    const other = setup.connector();
    await setup.resource().create(settings([alice]));
    await setup.resource('Other').create(settings([alice], {}, other));
    const [one, two] = [arn, other].map((of) => setup.ownerTags(of)[USERS_TAG]!.split('.')[1]);
    expect(one).toMatch(/^[\w-]{6}$/);
    expect(one).not.toBe(two);
  });

  test('of twenty users and twenty new ones fit into the tag', async () => {
    const secrets = Array.from({ length: 40 }, (_, index) => setup.secretWith(JSON.stringify({ username: `user-${index}`, password: 'p' }), `sip-many-${index}`));
    const resource = setup.resource();
    await resource.create(settings(secrets.slice(0, 20)));
    await resource.update(settings(secrets.slice(20)));
    expect(Object.keys(setup.sipUsers(arn)).sort()).toEqual(Array.from({ length: 20 }, (_, index) => `user-${index + 20}`).sort());
    expect(setup.ownerTags(arn)[USERS_TAG]!.length).toBeLessThanOrEqual(256);
  });
});

describe('a move to another voice connector', () => {
  test('puts the users there, and deletes those of the old one', async () => {
    const other = setup.connector();
    const resource = setup.resource();
    await resource.create(settings([alice]));
    await resource.update(settings([alice], {}, other));
    expect([setup.sipUsers(arn), setup.sipUsers(other)]).toEqual([{}, { alice: 'correct-horse' }]);
    expect(setup.ownerTags(arn)).toEqual({});
  });
});

describe('an update that is rolled back', () => {
  test('leaves the former users', async () => {
    const resource = setup.resource();
    await resource.create(settings([alice]));
    await resource.deliverUpdate(settings([bob]));
    await resource.deliverUpdate(settings([alice]), { properties: settings([bob]) });
    expect(setup.sipUsers(arn)).toEqual({ alice: 'correct-horse' });
  });

  test.each([PUT, DELETE, 'PutVoiceConnectorTermination', 'TagResource'])('after its %s was carried out and the function died leaves the former users', async (operation) => {
    const resource = setup.resource();
    await resource.create(settings([alice]));
    setup.emulator.addFault({ kind: 'serverError', executed: true, operation, times: 3 });
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'ListTagsForResource', after: 3 });
    const delivery = { type: 'Update' as const, requestId: 'u', physicalId: arn, properties: settings([bob]), oldProperties: settings([alice]) };
    await resource.poll(delivery, await resource.onEvent(delivery)).catch(() => undefined);
    setup.emulator.removeFaults();
    await resource.deliverUpdate(settings([alice]), { properties: settings([bob]) });
    expect(setup.sipUsers(arn)).toEqual({ alice: 'correct-horse' });
  });

  test('and whose user appears after the rollback: the user is drift, which the next update deletes', async () => {
    const resource = setup.resource();
    await resource.create(settings([alice]));
    await resource.deliverUpdate(settings([bob]));
    await resource.deliverUpdate(settings([alice]), { properties: settings([bob]) });
    setup.edit(arn, { users: { bob: 'battery' } });
    expect((await setup.driftOf([resource])).drifted).toMatchObject([{ propertyDifferences: [{ actualValue: expect.stringMatching(/^incomplete [0-9a-f]{8}$/) }] }]);
    await resource.update(settings([alice], { CallsPerSecond: 2 }));
    expect(setup.sipUsers(arn)).toEqual({ alice: 'correct-horse' });
  });
});

describe.each([LIST, 'ListTagsForResource', undefined])('reads that lag (%s)', (operation) => {
  const times = [1, 3, 5, 20];
  const lag = (count: number) => setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 8_000, operation, times: count });
  beforeEach(() => setup.clock.sleep(30_000));

  test.each(times)('%d times leave no user of an update that is rolled back', async (count) => {
    const resource = setup.resource();
    await resource.create(settings([alice]));
    await setup.clock.sleep(30_000);
    await resource.deliverUpdate(settings([bob], { CallsPerSecond: 2 }));
    lag(count);
    await resource.deliverUpdate(settings([alice]), { properties: settings([bob], { CallsPerSecond: 2 }) });
    expect(setup.sipUsers(arn)).toEqual({ alice: 'correct-horse' });
  });

  test.each(times)('%d times leave no user of a move that is rolled back', async (count) => {
    const other = setup.connector();
    const resource = setup.resource();
    await resource.create(settings([alice]));
    await setup.clock.sleep(30_000);
    await resource.deliverUpdate(settings([bob], {}, other));
    lag(count);
    await resource.deliverUpdate(settings([alice]), { physicalId: other, properties: settings([bob], {}, other) });
    await resource.delete(other, settings([bob], {}, other));
    expect([setup.sipUsers(arn), setup.sipUsers(other), setup.ownerTags(other)]).toEqual([{ alice: 'correct-horse' }, {}, {}]);
  });

  test.each(times)('%d times leave nothing of a create that is rolled back', async (count) => {
    const resource = setup.resource();
    await resource.create(settings([alice]));
    lag(count);
    await resource.delete();
    expect([setup.sipUsers(arn), setup.connectorState(arn).termination, setup.ownerTags(arn)]).toEqual([{}, undefined, {}]);
  });

  test.each(times)('%d times leave no user of a rename that is rolled back', async (count) => {
    await setup.resource('Old').create(settings());
    await setup.clock.sleep(30_000);
    const renamed = setup.resource('New');
    await renamed.create(settings([alice], { CallsPerSecond: 2 }));
    lag(count);
    await renamed.delete();
    expect([setup.sipUsers(arn), setup.connectorState(arn).termination]).toMatchObject([{}, { CpsLimit: 1 }]);
  });
});

describe('a rename of the construct', () => {
  test('restores the former users if one was deleted out of band', async () => {
    const old = setup.resource('Old');
    await old.create(settings([alice]));
    setup.edit(arn, { users: { alice: null } });
    await setup.resource('New').create(settings([alice]));
    expect(setup.sipUsers(arn)).toEqual({ alice: 'correct-horse' });
  });

  test('whose Delete of the former construct failed doesn\'t block a later change of the credentials while tags lag', async () => {
    await setup.resource('Old').create(settings([alice]));
    const renamed = setup.resource('New');
    await renamed.create(settings([alice]));
    await setup.clock.sleep(60_000);
    setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 5_000, operation: 'ListTagsForResource', after: 2, times: 4 });
    await renamed.update(settings([bob]));
    expect(setup.sipUsers(arn)).toEqual({ bob: 'battery' });
  });

  test('with the same credentials leaves the users as they are, also in a rollback', async () => {
    const old = setup.resource('Old');
    await old.create(settings([alice]));
    const renamed = setup.resource('New');
    const { mutations } = await setup.counting(() => renamed.create(settings([alice], { CallsPerSecond: 2 })));
    expect(mutations).toEqual(['TagResource', 'PutVoiceConnectorTermination']);
    await renamed.delete();
    expect(setup.sipUsers(arn)).toEqual({ alice: 'correct-horse' });
    await old.delete();
    expect([setup.sipUsers(arn), setup.ownerTags(arn)]).toEqual([{}, {}]);
  });

  test('with credentials where there were none is undone by a rollback', async () => {
    const old = setup.resource('Old');
    await old.create(settings());
    const renamed = setup.resource('New');
    await renamed.create(settings([alice]));
    await renamed.delete();
    expect(setup.sipUsers(arn)).toEqual({});
    expect(setup.connectorState(arn).termination).toBeDefined();
  });

  test.each([['other', () => [bob]], ['no', () => []]])('with %s credentials fails with advice, and leaves the users', async (_, secrets) => {
    const old = setup.resource('Old');
    await old.create(settings([alice]));
    const renamed = setup.resource('New');
    const failed = await failure(renamed.create(settings(secrets())));
    expect(failed.message).toContain('change the credentials in a deployment of their own, before or after the rename');
    await renamed.delete(failed.physicalId, settings(secrets()));
    expect(setup.sipUsers(arn)).toEqual({ alice: 'correct-horse' });
  });
});

describe('an adopted termination', () => {
  test('loses the users that a stack with the library left, and keeps those of the console', async () => {
    await setup.resource('R', stackId('Gone', '3')).create(settings([alice], { Retain: true }));
    setup.edit(arn, { users: { console: 'x' }, tags: { 'cdk-rtc:termination': null } });
    await setup.resource().create(settings([bob], { AdoptExisting: true }));
    expect(setup.sipUsers(arn)).toEqual({ bob: 'battery', console: 'x' });
  });
});

describe('the termination of a stack that is gone', () => {
  test('loses its users after the command of the error was run', async () => {
    await setup.resource('R', stackId('Gone', '3')).create(settings([alice], { Retain: true }));
    const failed = await failure(setup.resource().create(settings([bob], { AdoptExisting: true })));
    const keys = /--tag-keys ([^`]+)`/.exec(failed.message)![1].split(' ');
    setup.edit(arn, { tags: Object.fromEntries(keys.map((key) => [key, null])) });
    await setup.resource().create(settings([bob], { AdoptExisting: true }));
    expect(setup.sipUsers(arn)).toEqual({ bob: 'battery' });
  });
});

describe('delete', () => {
  test.each(['keeps-credentials', 'deletes-credentials'] as const)('deletes the users before the termination, which %s', async (terminationDelete) => {
    await restart({ terminationDelete });
    const resource = setup.resource();
    await resource.create(settings([alice, bob]));
    const { mutations, reads } = await setup.counting(() => resource.delete());
    expect(mutations).toEqual([DELETE, 'DeleteVoiceConnectorTermination', 'UntagResource']);
    expect(reads.GetSecretValue).toBeUndefined();
    expect([setup.sipUsers(arn), setup.ownerTags(arn)]).toEqual([{}, {}]);
  });

  test('deletes the users although the secrets are gone', async () => {
    const resource = setup.resource();
    await resource.create(settings([alice]));
    setup.emulator.edit({ service: 'secrets-manager', resource: alice, delete: true });
    await resource.delete();
    expect(setup.sipUsers(arn)).toEqual({});
  });

  test('with an ID that CloudFormation invented deletes the users that a create puts late', async () => {
    const resource = setup.resource();
    const deleting = resource.delete('Doorbells-Termination-1A2B3C4D5E6F', settings([alice]));
    await setup.clock.sleep(20_000);
    await resource.onEvent({ type: 'Create', requestId: 'late', properties: settings([alice]) });
    await deleting;
    expect([setup.sipUsers(arn), setup.connectorState(arn).termination, setup.ownerTags(arn)]).toEqual([{}, undefined, {}]);
  });
});

describe('a secret that can\'t be used', () => {
  const odd = () => setup.secretWith(JSON.stringify({ username: 'alice', password: 'naïve' }));
  const cases: [string, () => string[], string][] = [
    ['doesn\'t exist', () => [alice.replace('alice', 'unknown')], 'doesn\'t exist, or has no version AWSCURRENT'],
    ['is no JSON', () => [setup.secretWith('alice:correct-horse')], 'must hold JSON with the fields username and password'],
    ['lacks the password', () => [setup.secretWith('{"username":"alice"}')], 'must hold JSON'],
    ['has an empty password', () => [setup.secretWith('{"username":"alice","password":""}')], 'must hold JSON'],
    ['has a password that is no US-ASCII', () => [odd()], 'printable US-ASCII characters'],
    ['has a colon in the user name', () => [setup.secretWith('{"username":"a:b","password":"battery"}')], 'without a colon'],
    ['has the user name of another', () => [alice, setup.secretWith('{"username":"alice","password":"staple"}')], 'have the same user name'],
  ];

  test.each(cases)('because it %s fails the create before anything is changed', async (_, secrets, message) => {
    const failed = await failure(setup.resource().create(settings(secrets())));
    expect(failed.message).toContain(message);
    expect(failed.message.replace(/secret:sip-[\w-]+/g, '')).not.toMatch(/alice|correct-horse|battery|staple/);
    expect(setup.mutations()).toEqual([]);
  });

  test('because it is marked for deletion fails, and the error names it', async () => {
    const message = 'You can\'t perform this operation on the secret because it was marked for deletion.';
    setup.emulator.addFault({ kind: 'error', error: 'InvalidRequestException', message, operation: 'GetSecretValue', resource: bob });
    expect((await failure(setup.resource().create(settings([alice, bob])))).message).toContain(`InvalidRequestException: ${bob}: ${message}`);
  });

  test('because the handlers may not read it fails after a minute', async () => {
    const secret = setup.secretWith(JSON.stringify({ username: 'alice', password: 'battery' }), 'other');
    const began = setup.clock.now();
    expect((await failure(setup.resource().create(settings([secret])))).message).toContain('AccessDeniedException');
    expect(setup.clock.now() - began).toBeGreaterThanOrEqual(60_000);
    expect(setup.mutations()).toEqual([]);
  });

  test.each(['InternalServiceError', 'ThrottlingException'])('for a while because of %s delays the create', async (error) => {
    setup.emulator.addFault({ kind: 'error', error, status: error === 'ThrottlingException' ? 400 : 500, operation: 'GetSecretValue', times: 4 });
    await setup.resource().create(settings([alice]));
    expect(setup.sipUsers(arn)).toEqual({ alice: 'correct-horse' });
  });
});

describe('each error of the credentials\' operations', () => {
  const errors = ['ThrottledClientException', 'ServiceUnavailableException', 'ServiceFailureException', 'ForbiddenException', 'UnauthorizedClientException'];
  const cases = errors.flatMap((error) => [PUT, LIST, DELETE].map((operation) => ({ error, operation })));

  test.each(cases)('$error of $operation a few times fails nothing', async ({ error, operation }) => {
    const resource = setup.resource();
    const fault = () => setup.emulator.addFault({ kind: 'error', error, operation, times: 4 });
    fault();
    await resource.create(settings([alice]));
    fault();
    await resource.update(settings([bob]));
    expect(setup.sipUsers(arn)).toEqual({ bob: 'battery' });
    fault();
    await resource.delete();
    expect([setup.sipUsers(arn), setup.ownerTags(arn)]).toEqual([{}, {}]);
  });

  test.each([PUT, LIST, DELETE])('a lost response of %s fails nothing', async (operation) => {
    const resource = setup.resource();
    setup.emulator.addFault({ kind: 'lostResponse', operation, times: 3 });
    await resource.create(settings([alice]));
    setup.emulator.addFault({ kind: 'lostResponse', operation, times: 3 });
    await resource.update(settings([bob]));
    expect(setup.sipUsers(arn)).toEqual({ bob: 'battery' });
  });

  test.each(['BadRequestException', 'ForbiddenException'])('%s that repeats the credentials loses its words', async (error) => {
    const repeated = 'alice: password correct-horse is too weak';
    setup.emulator.addFault({ kind: 'error', error, message: repeated, operation: PUT });
    const failed = await failure(setup.resource().create(settings([alice])));
    expect(failed.message).toContain(`${error}: the service rejected the SIP credentials; its words are left out`);
    expect(failed.message).not.toMatch(/alice|correct-horse/);
  });
});

test('the default phone number is in no text', async () => {
  const resource = setup.resource();
  await resource.create(settings([], { DefaultPhoneNumber: '+12065550100' }));
  await resource.update(settings([], { DefaultPhoneNumber: '+12065550199' }));
  await setup.driftOf([resource]);
  setup.edit(arn, { termination: { CidrAllowedList: ['203.0.113.10/32'], CallingRegions: ['US'], CpsLimit: 1, DefaultPhoneNumber: '+12065550123' } });
  await setup.driftOf([resource]);
  const written = [...setup.logged, JSON.stringify(setup.reported)].join('\n');
  expect(written).toContain('…99 (');
  expect(written).not.toContain('2065550');
});

test('the default phone number is in no text, even if the service repeats it', async () => {
  const message = 'The number +12065550100 is not in your inventory.';
  setup.emulator.addFault({ kind: 'error', error: 'BadRequestException', message, operation: 'PutVoiceConnectorTermination' });
  const failed = await failure(setup.resource().create(settings([], { DefaultPhoneNumber: '+12065550100' })));
  expect(failed.message).toMatch(/BadRequestException: The number \+…00 \([0-9a-f]{8}\) is not in your inventory\./);
  expect(setup.logged.join('\n')).not.toContain('2065550');
});

test('a rename keeps the whole default phone number for a rollback', async () => {
  await setup.resource('Old').create(settings([], { DefaultPhoneNumber: '+12065550100' }));
  const renamed = setup.resource('New');
  await renamed.create(settings());
  // The tag is compressed, which hides nothing.
  expect(setup.logged.join('\n')).not.toContain(setup.ownerTags(arn)['cdk-rtc:termination-before']);
  expect(setup.connectorState(arn).termination).not.toHaveProperty('DefaultPhoneNumber');
  await renamed.delete();
  expect(setup.connectorState(arn).termination).toMatchObject({ DefaultPhoneNumber: '+12065550100' });
});

describe('what the service may do with members that are not put', () => {
  test('a phone number that it fills in by itself is no difference', async () => {
    await restart({ terminationDefaults: { DefaultPhoneNumber: '+12065550100' } });
    const resource = setup.resource();
    await resource.create(settings());
    await resource.delete();
    expect(setup.connectorState(arn).termination).toBeUndefined();
  });

  test('a phone number that it keeps fails the update that removes the number', async () => {
    await restart({ omittedMembers: 'keep' });
    const resource = setup.resource();
    await resource.create(settings([], { DefaultPhoneNumber: '+12065550100' }));
    expect((await failure(resource.update(settings()))).message).toContain('the service did not take what was put: defaultPhoneNumber is "…00 (');
  });

  test('a phone number that it drops fails the create', async () => {
    await restart({ putDrops: ['DefaultPhoneNumber'] });
    const failed = await failure(setup.resource().create(settings([], { DefaultPhoneNumber: '+12065550100' })));
    expect(failed.message).toContain('the service does not keep what was put: defaultPhoneNumber is none');
  });
});

describe('bad input that was a token at synth', () => {
  test.each([
    [{ AllowedCidrs: ['10.0.0.0/27'] }, 'allowedCidrs[0]: must be public'],
    [{ AllowedCidrs: [] }, 'allowedCidrs: at least one block is required'],
    [{ CallingRegions: ['us'] }, 'callingRegions[0]: must be two capital letters'],
    [{ CallsPerSecond: 0 }, 'callsPerSecond: must be a whole number'],
    [{ DefaultPhoneNumber: '12065550100' }, 'defaultPhoneNumber: must be +'],
    [{ CredentialSecretArns: ['sip'] }, 'credentials[0]: must be the ARN of a secret'],
    [{ Enabled: 'yes' }, 'Enabled: '],
  ])('%j fails before any call', async (properties, message) => {
    expect((await failure(setup.resource().create(settings([], properties)))).message).toContain(message);
    expect(setup.calls()).toEqual([]);
  });
});
