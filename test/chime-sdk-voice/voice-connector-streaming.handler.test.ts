import { INSIGHTS, StreamingSetup } from './handler-setup';
import { ResourceFailed } from '../cloudformation';
import { OTHER_REGION, REGION, STACK_ID, stackId } from '../handler-setup';

let setup: StreamingSetup;
let arn: string;
beforeEach(async () => {
  setup = new StreamingSetup();
  arn = setup.connector();
});
afterEach(() => setup.stop());

const restart = async (...options: ConstructorParameters<typeof StreamingSetup>) => {
  await setup.stop();
  setup = new StreamingSetup(...options);
  arn = setup.connector();
};
const failure = (promise: Promise<unknown>): Promise<ResourceFailed> => promise.then(() => { throw new Error('did not fail'); }, (error) => error);
const FOREIGN = { DataRetentionInHours: 7, Disabled: false };

const PUT = 'PutVoiceConnectorStreamingConfiguration';
const GET = 'GetVoiceConnectorStreamingConfiguration';
const DELETE = 'DeleteVoiceConnectorStreamingConfiguration';

describe('on the wire', () => {
  const puts = () => setup.calls(PUT).map(({ input }) => (input as { StreamingConfiguration: unknown }).StreamingConfiguration);
  const namespaces = [['CHIME_SDK', {}, 'chime-sdk-voice'], ['CHIME', { Namespace: 'CHIME' }, 'chime']] as const;

  test.each(namespaces)('%s: the defaults', async (_, namespace, service) => {
    await setup.resource().create({ VoiceConnectorArn: arn, ...namespace });
    expect(puts()).toEqual([{ DataRetentionInHours: 24, Disabled: false }]);
    expect(setup.calls(PUT).map((call) => call.service)).toEqual([service]);
    expect(setup.logged.join()).not.toContain('to be put again');
  });

  test.each(namespaces)('%s: every field present, changed and removed', async (_, namespace) => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn, ...namespace, Enabled: false, DataRetentionInHours: 0, NotificationTargets: ['SQS', 'EventBridge'] });
    await resource.update({ VoiceConnectorArn: arn, ...namespace, Enabled: true, DataRetentionInHours: 48, NotificationTargets: ['SNS'] });
    await resource.update({ VoiceConnectorArn: arn, ...namespace });
    expect(puts()).toEqual([
      { DataRetentionInHours: 0, Disabled: true, StreamingNotificationTargets: [{ NotificationTarget: 'EventBridge' }, { NotificationTarget: 'SQS' }] },
      { DataRetentionInHours: 48, Disabled: false, StreamingNotificationTargets: [{ NotificationTarget: 'SNS' }] },
      { DataRetentionInHours: 24, Disabled: false },
    ]);
    expect(setup.streaming(arn)).toEqual({ DataRetentionInHours: 24, Disabled: false });
  });

  test('media insights present, turned off, changed and removed', async () => {
    const resource = setup.resource();
    const insights = () => setup.streaming(arn)!.MediaInsightsConfiguration;
    await resource.create({ VoiceConnectorArn: arn, MediaInsights: { ConfigurationArn: INSIGHTS } });
    expect(insights()).toEqual({ ConfigurationArn: INSIGHTS, Disabled: false });
    await resource.update({ VoiceConnectorArn: arn, MediaInsights: { ConfigurationArn: INSIGHTS, Enabled: false } });
    expect(insights()).toEqual({ ConfigurationArn: INSIGHTS, Disabled: true });
    await resource.update({ VoiceConnectorArn: arn, MediaInsights: { ConfigurationArn: `${INSIGHTS}2` } });
    expect(insights()).toEqual({ ConfigurationArn: `${INSIGHTS}2`, Disabled: false });
    await resource.update({ VoiceConnectorArn: arn });
    expect(setup.streaming(arn)).toEqual({ DataRetentionInHours: 24, Disabled: false });
  });
});

describe('create', () => {
  test('costs one get, one put, one read-back, and the tag', async () => {
    const { mutations, reads } = await setup.counting(() => setup.resource().create({ VoiceConnectorArn: arn }));
    expect(mutations).toEqual(['TagResource', PUT]);
    expect(reads).toEqual({ [GET]: 2, ListTagsForResource: 2 });
  });

  test('answers the id, and marks the owner on the voice connector', async () => {
    const { physicalId, attributes } = await setup.resource().create({ VoiceConnectorArn: arn });
    expect(physicalId).toBe(arn);
    expect(attributes).toEqual({ VoiceConnectorId: setup.connectorState(arn).id });
    expect(setup.ownerTags(arn)).toEqual({ 'cdk-rtc:streaming': expect.stringMatching(new RegExp(`^${STACK_ID}/[0-9a-f]{16}$`)) });
  });

  test('goes to the region of the voice connector', async () => {
    const other = setup.connector(OTHER_REGION);
    await setup.resource().create({ VoiceConnectorArn: other });
    expect(setup.calls().every(({ region }) => region === OTHER_REGION)).toBe(true);
  });

  test('waits for a voice connector that has just been made', async () => {
    await restart({ propagation: 40_000 });
    await setup.resource().create({ VoiceConnectorArn: arn });
    expect(setup.streaming(arn)).toEqual({ DataRetentionInHours: 24, Disabled: false });
  });

  test('fails for one that is not there, after a minute, with nothing made', async () => {
    const missing = arn.replace(/.{22}$/, 'zzzzzzzzzzzzzzzzzzzzzz');
    const start = setup.clock.now();
    const failed = await failure(setup.resource().create({ VoiceConnectorArn: missing }));
    expect(failed.message).toBe(`Streaming: voiceConnector: there is no ${missing}`);
    expect(failed.physicalId).toBeUndefined();
    expect(setup.clock.now() - start).toBeGreaterThanOrEqual(60_000);
  });

  test('fails at once where the service refuses the document, and the Delete that follows removes the claim', async () => {
    setup.emulator.addFault({ kind: 'error', error: 'BadRequestException', message: 'no such pipeline', operation: PUT });
    const resource = setup.resource();
    const failed = await failure(resource.create({ VoiceConnectorArn: arn }));
    expect(failed.message).toContain('BadRequestException: no such pipeline');
    expect(failed.physicalId).toBe(arn);
    expect(setup.calls(PUT)).toHaveLength(1);
    await resource.delete(failed.physicalId, { VoiceConnectorArn: arn });
    expect(setup.streaming(arn)).toBeUndefined();
    expect(setup.ownerTags(arn)).toEqual({});
  });

  test.each(['StreamingNotificationTargets', 'MediaInsightsConfiguration'] as const)('fails loudly where the service drops %s', async (member) => {
    await restart({ putDrops: [member] });
    const failed = await failure(setup.resource().create({ VoiceConnectorArn: arn, NotificationTargets: ['SNS'], MediaInsights: { ConfigurationArn: INSIGHTS } }));
    expect(failed.message).toMatch(/the service does not keep what was put: (notificationTargets|mediaInsights) is (\[\]|none), desired /);
  });

  test('fails loudly where the service keeps a member that is to go', async () => {
    await restart({ omittedMembers: 'keep' });
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn, NotificationTargets: ['SNS'] });
    const failed = await failure(resource.update({ VoiceConnectorArn: arn }));
    expect(failed.message).toContain('the service did not take what was put: notificationTargets is ["SNS"], desired []');
  });
});

describe('a member that the service fills in by itself', () => {
  const TARGETS = { StreamingNotificationTargets: [{ NotificationTarget: 'EventBridge' }] };
  const defaults = [
    ['notification targets', TARGETS],
    ['media insights', { MediaInsightsConfiguration: { ConfigurationArn: INSIGHTS, Disabled: true } }],
    ['media insights without a configuration', { MediaInsightsConfiguration: { Disabled: true } }],
    ['media insights with an empty ARN', { MediaInsightsConfiguration: { ConfigurationArn: '', Disabled: true } }],
  ] as const;

  test.each(defaults)('%s: fails no create, update, or rollback, and the Delete removes the configuration', async (_, memberDefaults) => {
    await restart({ memberDefaults });
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    await resource.update({ VoiceConnectorArn: arn, DataRetentionInHours: 48 });
    expect(setup.streaming(arn)).toMatchObject({ DataRetentionInHours: 48, Disabled: false });
    await resource.deliverUpdate({ VoiceConnectorArn: arn, DataRetentionInHours: 48 }, { properties: { VoiceConnectorArn: arn } });
    await resource.delete();
    expect(setup.streaming(arn)).toBeUndefined();
  });

  test('fails no rename, and the old construct gets its configuration back in a rollback', async () => {
    await restart({ memberDefaults: TARGETS });
    const old = setup.resource('Old');
    await old.create({ VoiceConnectorArn: arn });
    const renamed = setup.resource('New');
    await renamed.create({ VoiceConnectorArn: arn, DataRetentionInHours: 48 });
    await renamed.delete();
    expect(setup.streaming(arn)).toMatchObject({ DataRetentionInHours: 24 });
  });

  test('fails no move to another voice connector', async () => {
    await restart({ memberDefaults: TARGETS });
    const other = setup.connector();
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn, NotificationTargets: ['EventBridge'] });
    await resource.update({ VoiceConnectorArn: other });
    expect(setup.streaming(other)).toMatchObject({ DataRetentionInHours: 24, ...TARGETS });
  });

  test('keeps no configuration alive whose owner tag was removed', async () => {
    await restart({ memberDefaults: TARGETS });
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    setup.edit(arn, { replaceTags: {} });
    await resource.delete();
    expect(setup.streaming(arn)).toBeUndefined();
  });

  test('fails the create if a configuration had it that OVERWRITE replaces', async () => {
    await restart({ omittedMembers: 'keep' });
    setup.edit(arn, { streamingConfiguration: { ...FOREIGN, ...TARGETS } });
    const failed = await failure(setup.resource().create({ VoiceConnectorArn: arn, ExistingConfiguration: 'OVERWRITE' }));
    expect(failed.message).toContain('the service did not take what was put: notificationTargets is ["EventBridge"], desired []');
  });

  test('fails the create if a configuration had it that OVERWRITE replaces, also when the response of the Put is lost', async () => {
    await restart({ omittedMembers: 'keep' });
    setup.edit(arn, { streamingConfiguration: { ...FOREIGN, ...TARGETS } });
    setup.emulator.addFault({ kind: 'lostResponse', operation: PUT, times: 3 });
    const failed = await failure(setup.resource().create({ VoiceConnectorArn: arn, ExistingConfiguration: 'OVERWRITE' }));
    expect(failed.message).toContain('the service did not take what was put: notificationTargets is ["EventBridge"], desired []');
  });

  test('is an out-of-band change if a Put clears it', async () => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    setup.edit(arn, { streamingConfiguration: { DataRetentionInHours: 24, Disabled: false, ...TARGETS } });
    await resource.update({ VoiceConnectorArn: arn, ExistingConfiguration: 'OVERWRITE' });
    expect(setup.streaming(arn)).toEqual({ DataRetentionInHours: 24, Disabled: false });
  });
});

describe('a service that shows a disabled configuration for none', () => {
  beforeEach(() => restart({ unconfigured: 'disabled' }));

  test('has nothing that a create would overwrite, and a Delete ends', async () => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    expect(setup.streaming(arn)).toEqual({ DataRetentionInHours: 24, Disabled: false });
    expect((await resource.delete()).polls).toBe(1);
    expect([setup.streaming(arn), setup.ownerTags(arn)]).toEqual([undefined, {}]);
  });

  test('has an existing configuration if that has a member more', async () => {
    setup.edit(arn, { streamingConfiguration: { DataRetentionInHours: 0, Disabled: true, StreamingNotificationTargets: [{ NotificationTarget: 'SNS' }] } });
    expect((await failure(setup.resource().create({ VoiceConnectorArn: arn }))).message).toContain('adoptExisting: ');
  });

  test('has an existing configuration if that keeps media', async () => {
    setup.edit(arn, { streamingConfiguration: { DataRetentionInHours: 1, Disabled: true } });
    expect((await failure(setup.resource().create({ VoiceConnectorArn: arn }))).message).toContain('adoptExisting: ');
  });
});

describe('an existing configuration', () => {
  test('that is not ours fails before anything is written, and stays', async () => {
    setup.edit(arn, { streamingConfiguration: FOREIGN });
    const { mutations } = await setup.counting(async () => {
      const failed = await failure(setup.resource().create({ VoiceConnectorArn: arn }));
      expect(failed.message).toBe(`Streaming: adoptExisting: the streaming configuration of ${arn} is not this stack's; remove it there, or set adoptExisting to replace it`);
      expect(failed.physicalId).toBeUndefined();
    });
    expect(mutations).toEqual([]);
    expect(setup.streaming(arn)).toEqual(FOREIGN);
  });

  test.each([{}, { Namespace: 'CHIME' }])('of a voice connector that becomes visible between two reads stays, %p', async (namespace) => {
    for (const propagation of [45, 75, 105]) {
      await restart({ propagation });
      setup.edit(arn, { streamingConfiguration: FOREIGN });
      await failure(setup.resource().create({ VoiceConnectorArn: arn, ...namespace }));
      expect(setup.mutations()).toEqual([]);
      expect(setup.streaming(arn)).toEqual(FOREIGN);
    }
  });

  test('that is the very one wished fails, too: it is somebody\'s all the same', async () => {
    setup.edit(arn, { streamingConfiguration: { DataRetentionInHours: 24, Disabled: false } });
    await failure(setup.resource().create({ VoiceConnectorArn: arn }));
    expect(setup.mutations()).toEqual([]);
  });

  test('is replaced with OVERWRITE, and removed with the construct', async () => {
    setup.edit(arn, { streamingConfiguration: FOREIGN });
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn, ExistingConfiguration: 'OVERWRITE' });
    expect(setup.streaming(arn)).toEqual({ DataRetentionInHours: 24, Disabled: false });
    await resource.delete();
    expect(setup.streaming(arn)).toBeUndefined();
  });

  test('of another stack is refused also with OVERWRITE, naming the stack and the command that frees it', async () => {
    await setup.resource('Streaming', stackId('Neighbour', '2')).create({ VoiceConnectorArn: arn, DataRetentionInHours: 7 });
    const before = setup.connectorState(arn);
    const failed = await failure(setup.resource().create({ VoiceConnectorArn: arn, ExistingConfiguration: 'OVERWRITE' }));
    expect(failed.message).toContain(`belongs to the stack ${stackId('Neighbour', '2')}`);
    expect(failed.message).toContain(`aws chime-sdk-voice untag-resource --region ${REGION} --resource-arn ${arn} --tag-keys cdk-rtc:streaming cdk-rtc:streaming-before`);
    expect(setup.connectorState(arn)).toEqual(before);
  });

  test('that was retained is taken up again by the same construct', async () => {
    await setup.resource().create({ VoiceConnectorArn: arn, DataRetentionInHours: 7 });
    await setup.resource().create({ VoiceConnectorArn: arn });
    expect(setup.streaming(arn)).toEqual({ DataRetentionInHours: 24, Disabled: false });
  });
});

describe('deliveries', () => {
  const delivery = () => ({ type: 'Create' as const, requestId: 'r', properties: { VoiceConnectorArn: arn } });

  test('the same request twice, one after the other and at once', async () => {
    const resource = setup.resource();
    await Promise.all([resource.deliver(delivery()), resource.deliver(delivery())]);
    await resource.deliver(delivery());
    expect(setup.streaming(arn)).toEqual({ DataRetentionInHours: 24, Disabled: false });
  });

  test.each([PUT, 'TagResource', GET, 'ListTagsForResource'])('the response of %s is lost', async (operation) => {
    setup.emulator.addFault({ kind: 'lostResponse', operation, times: 1 });
    await setup.resource().create({ VoiceConnectorArn: arn });
    expect(setup.streaming(arn)).toEqual({ DataRetentionInHours: 24, Disabled: false });
  });

  test('a claim whose outcome is never known is cleaned up by the Delete that follows', async () => {
    setup.emulator.addFault({ kind: 'serverError', executed: true, operation: 'TagResource' });
    setup.emulator.addFault({ kind: 'serverError', operation: 'ListTagsForResource', after: 1 });
    const resource = setup.resource();
    const failed = await failure(resource.create({ VoiceConnectorArn: arn }));
    expect(failed.physicalId).toMatch(/^cdk-rtc-unconfirmed:/);
    setup.emulator.removeFaults();
    expect(setup.ownerTags(arn)).not.toEqual({});
    await resource.delete(failed.physicalId, { VoiceConnectorArn: arn });
    expect(setup.ownerTags(arn)).toEqual({});
  });

  test('reads that lag cost no second write', async () => {
    setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 4000 });
    await setup.clock.sleep(10_000);
    const { mutations } = await setup.counting(() => setup.resource().create({ VoiceConnectorArn: arn }));
    expect(mutations.filter((operation) => operation === PUT)).toHaveLength(1);
  });
});

describe('update', () => {
  test('that changes nothing writes nothing', async () => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn, NotificationTargets: ['SNS', 'EventBridge'] });
    const { mutations } = await setup.counting(() => resource.update({ VoiceConnectorArn: arn, NotificationTargets: ['EventBridge', 'SNS'] }));
    expect(mutations).toEqual([]);
    expect([...setup.calls('TagResource'), ...setup.calls('UntagResource')]).toHaveLength(1);
  });

  test('of what is retained, which changes nothing, does not even ask to write', async () => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn, Retain: true });
    const { mutations } = await setup.counting(() => resource.update({ VoiceConnectorArn: arn, Retain: true }));
    expect(mutations).toEqual([]);
    expect(setup.calls('TagResource')).toHaveLength(2);
  });

  test('that is rolled back at once, and whose own put does not show yet, is taken back all the same', async () => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn, DataRetentionInHours: 1 });
    await setup.clock.sleep(30_000);
    const changed = { VoiceConnectorArn: arn, DataRetentionInHours: 2 };
    await resource.deliverUpdate(changed);
    setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 8_000, operation: GET, times: 1 });
    await resource.deliverUpdate({ VoiceConnectorArn: arn, DataRetentionInHours: 1 }, { properties: changed });
    expect(setup.streaming(arn)).toMatchObject({ DataRetentionInHours: 1 });
    expect(setup.said('pending')).toEqual(['whether the rolled-back change was put may not be readable yet']);
  });

  test('that moved, and is rolled back before CloudFormation learnt of it: what it has left goes at once', async () => {
    const other = setup.connector();
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    await resource.onEvent({ type: 'Update', requestId: 'u', physicalId: arn, properties: { VoiceConnectorArn: other }, oldProperties: { VoiceConnectorArn: arn } });
    const began = setup.clock.now();
    await resource.deliverUpdate({ VoiceConnectorArn: arn }, { properties: { VoiceConnectorArn: other } });
    expect(setup.clock.now() - began).toBeLessThan(20_000);
    expect([setup.streaming(other), setup.ownerTags(other)]).toEqual([undefined, {}]);
  });

  test('that is rolled back leaves what nobody owns on the other voice connector, were it just what was wished', async () => {
    const other = setup.connector();
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    await resource.deliverUpdate({ VoiceConnectorArn: other });
    setup.edit(other, { replaceTags: {} });
    const before = setup.connectorState(other);
    await resource.deliverUpdate({ VoiceConnectorArn: arn }, { physicalId: arn, properties: { VoiceConnectorArn: other } });
    expect(setup.connectorState(other)).toEqual(before);
  });

  test('that is rolled back leaves what somebody else has on the other voice connector', async () => {
    const other = setup.connector();
    await setup.resource('Streaming', stackId('Neighbour', '2')).create({ VoiceConnectorArn: other });
    const before = setup.connectorState(other);
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    const began = setup.clock.now();
    await resource.deliverUpdate({ VoiceConnectorArn: arn }, { properties: { VoiceConnectorArn: other } });
    // The move had to leave the configuration of another owner, so the rollback doesn't wait for a create.
    expect(setup.clock.now() - began).toBeLessThanOrEqual(15_000);
    expect(setup.connectorState(other)).toEqual(before);
  });

  test.each([[{}, { Namespace: 'CHIME' }], [{ Namespace: 'CHIME' }, {}]])('from namespace %p to %p is in place, and writes nothing', async (from, to) => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn, ...from });
    const { mutations } = await setup.counting(() => resource.update({ VoiceConnectorArn: arn, ...to }));
    expect(mutations).toEqual([]);
    expect(resource.physicalId).toBe(arn);
  });

  test('puts back what somebody removed, and the tag that was stripped', async () => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    setup.edit(arn, { streamingConfiguration: null, replaceTags: { team: 'them' } });
    await resource.update({ VoiceConnectorArn: arn, DataRetentionInHours: 1 });
    expect(setup.streaming(arn)).toEqual({ DataRetentionInHours: 1, Disabled: false });
    expect(setup.connectorState(arn).tags).toMatchObject({ 'team': 'them', 'cdk-rtc:streaming': expect.stringContaining(STACK_ID) });
  });

  test('fails where another stack has tagged it, and changes nothing', async () => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    setup.edit(arn, { tags: { 'cdk-rtc:streaming': `${stackId('Neighbour', '2')}/0123456789abcdef` } });
    const before = setup.connectorState(arn);
    expect((await failure(resource.update({ VoiceConnectorArn: arn, DataRetentionInHours: 1 }))).message).toContain('Neighbour');
    expect(setup.connectorState(arn)).toEqual(before);
  });

  test('moves to another voice connector: the new one first, then the old one is cleared', async () => {
    const other = setup.connector();
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    const { physicalId } = await resource.update({ VoiceConnectorArn: other });
    expect(physicalId).toBe(other);
    expect([setup.streaming(arn), setup.streaming(other)]).toEqual([undefined, { DataRetentionInHours: 24, Disabled: false }]);
    expect(setup.ownerTags(arn)).toEqual({});
    expect(setup.mutations().slice(2)).toEqual(['TagResource', PUT, DELETE, 'UntagResource']);
  });

  test('to a voice connector with somebody else\'s configuration fails, and the old one keeps streaming', async () => {
    const other = setup.connector();
    setup.edit(other, { streamingConfiguration: FOREIGN });
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    expect((await failure(resource.update({ VoiceConnectorArn: other }))).physicalId).toBe(arn);
    await resource.deliverUpdate({ VoiceConnectorArn: arn }, { properties: { VoiceConnectorArn: other } });
    expect([setup.streaming(arn), setup.streaming(other)]).toEqual([{ DataRetentionInHours: 24, Disabled: false }, FOREIGN]);
  });

  test.each(['new', 'old'] as const)('moved and rolled back by an Update with the %s id', async (form) => {
    const other = setup.connector();
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    await resource.deliverUpdate({ VoiceConnectorArn: other });
    const { physicalId } = await resource.deliverUpdate({ VoiceConnectorArn: arn }, { physicalId: form === 'new' ? other : arn, properties: { VoiceConnectorArn: other } });
    expect(physicalId).toBe(arn);
    await resource.delete(other, { VoiceConnectorArn: other });
    expect([setup.streaming(arn), setup.streaming(other)]).toEqual([{ DataRetentionInHours: 24, Disabled: false }, undefined]);
    expect(setup.ownerTags(other)).toEqual({});
  });

  test('rolled back with the old id, and nobody deletes the new one: it is swept', async () => {
    const other = setup.connector();
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    await resource.onEvent({ type: 'Update', requestId: 'crashed', physicalId: arn, properties: { VoiceConnectorArn: other }, oldProperties: { VoiceConnectorArn: arn } });
    expect(setup.streaming(other)).toBeDefined();
    await resource.deliverUpdate({ VoiceConnectorArn: arn }, { properties: { VoiceConnectorArn: other } });
    expect(setup.streaming(other)).toBeUndefined();
    expect(setup.ownerTags(other)).toEqual({});
    expect(setup.streaming(arn)).toEqual({ DataRetentionInHours: 24, Disabled: false });
  });

  test('rolled back with the old id while the move still runs: what it makes late is swept', async () => {
    const other = setup.connector();
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    const rolledBack = resource.deliverUpdate({ VoiceConnectorArn: arn }, { properties: { VoiceConnectorArn: other } });
    await setup.clock.sleep(60_000);
    await resource.onEvent({ type: 'Update', requestId: 'late', physicalId: arn, properties: { VoiceConnectorArn: other }, oldProperties: { VoiceConnectorArn: arn } });
    await rolledBack;
    expect(setup.streaming(other)).toBeUndefined();
  });

  test('rolled back while the move reads: the configuration that the move puts again is deleted', async () => {
    const other = setup.connector();
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    const move = { type: 'Update' as const, requestId: 'u', physicalId: arn, properties: { VoiceConnectorArn: other }, oldProperties: { VoiceConnectorArn: arn } };
    const accepted = await resource.onEvent(move);
    let rolledBack: Promise<unknown> | undefined;
    // The move has read its claim. It reads the document after the rollback has deleted it.
    setup.emulator.onCall(async ({ phase, call }) => {
      if (phase === 'before' || call.operation !== 'ListTagsForResource' || rolledBack) return;
      rolledBack = resource.deliverUpdate({ VoiceConnectorArn: arn }, { properties: { VoiceConnectorArn: other } });
      await setup.clock.sleep(1_000);
    });
    expect((await failure(resource.settle(move, accepted))).message).toContain('was taken away during this deployment');
    await rolledBack;
    expect([setup.streaming(other), setup.ownerTags(other)]).toEqual([undefined, {}]);
  });

  test('to one with a configuration of somebody\'s that is the very one wished is refused, too', async () => {
    const other = setup.connector();
    setup.edit(other, { streamingConfiguration: { DataRetentionInHours: 24, Disabled: false } });
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    await failure(resource.update({ VoiceConnectorArn: other }));
    expect(setup.ownerTags(other)).toEqual({});
  });
});

describe('an update of the voice connector\'s tags by its own stack, which removes the owner tag', () => {
  const TAGS = { team: 'a' };
  const updateTags = () => setup.edit(arn, { replaceTags: TAGS });
  /** The first Put of the deployment is followed by the update of the tags. */
  const updateTagsAfterPut = () => {
    const stop = setup.emulator.onCall(({ phase, call }) => {
      if (phase !== 'after' || call.operation !== PUT) return;
      stop();
      updateTags();
    });
  };

  test('fails no create that is under way, and the owner is marked again', async () => {
    updateTagsAfterPut();
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    expect(setup.connectorState(arn).tags).toEqual({ ...TAGS, 'cdk-rtc:streaming': expect.stringContaining(STACK_ID) });
    expect(setup.calls(PUT)).toHaveLength(1);
    await resource.delete();
    expect(setup.streaming(arn)).toBeUndefined();
  });

  test('fails no rename that is under way, and a rollback gives the configuration back', async () => {
    const old = setup.resource('Old');
    await old.create({ VoiceConnectorArn: arn });
    updateTagsAfterPut();
    const renamed = setup.resource('New');
    await renamed.create({ VoiceConnectorArn: arn, DataRetentionInHours: 48 });
    await renamed.delete();
    expect(setup.streaming(arn)).toEqual({ DataRetentionInHours: 24, Disabled: false });
    await old.delete();
    expect([setup.streaming(arn), setup.connectorState(arn).tags]).toEqual([undefined, TAGS]);
  });

  test('is corrected by the next update', async () => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    updateTags();
    await resource.update({ VoiceConnectorArn: arn, DataRetentionInHours: 48 });
    expect(setup.ownerTags(arn)).toEqual({ 'cdk-rtc:streaming': expect.stringContaining(STACK_ID) });
  });

  test('keeps no configuration alive in a Delete', async () => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    updateTags();
    await resource.delete();
    expect([setup.streaming(arn), setup.connectorState(arn).tags]).toEqual([undefined, TAGS]);
  });

  test('is drift', async () => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    updateTags();
    expect(JSON.stringify((await setup.driftOf([resource])).drifted)).toContain('cdk-rtc:streaming');
  });

  test('revives nothing that a Delete has removed', async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'r', properties: { VoiceConnectorArn: arn } };
    const accepted = await resource.onEvent(delivery);
    await resource.delete(arn, { VoiceConnectorArn: arn });
    updateTags();
    expect((await failure(resource.settle(delivery, accepted))).message).toContain('was taken away during this deployment');
    expect([setup.streaming(arn), setup.connectorState(arn).tags]).toEqual([undefined, TAGS]);
  });
});

describe('the rollback of a move that was refused', () => {
  const refusals: [string, (other: string) => unknown][] = [
    ['another owner', (other) => setup.edit(other, { streamingConfiguration: FOREIGN })],
    ['another stack', (other) => setup.resource('Streaming', stackId('Neighbour', '2')).create({ VoiceConnectorArn: other, DataRetentionInHours: 7 })],
  ];

  test.each(refusals)('is quick if the voice connector has the configuration of %s, which stays as it is', async (_, configure) => {
    const other = setup.connector();
    await configure(other);
    const before = setup.connectorState(other);
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    await failure(resource.deliverUpdate({ VoiceConnectorArn: other }));
    const [calls, began] = [setup.calls().length, setup.clock.now()];
    await resource.deliverUpdate({ VoiceConnectorArn: arn }, { properties: { VoiceConnectorArn: other } });
    expect(setup.clock.now() - began).toBeLessThanOrEqual(15_000);
    expect(setup.calls().length - calls).toBeLessThan(40);
    expect(setup.connectorState(other)).toEqual(before);
    expect(setup.streaming(arn)).toEqual({ DataRetentionInHours: 24, Disabled: false });
  });

  test('takes its time if the configuration was to be overwritten: the move may still do so', async () => {
    const other = setup.connector();
    setup.edit(other, { streamingConfiguration: FOREIGN });
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    const attempted = { VoiceConnectorArn: other, ExistingConfiguration: 'OVERWRITE' };
    const rollingBack = resource.deliverUpdate({ VoiceConnectorArn: arn }, { properties: attempted });
    await setup.clock.sleep(100_000);
    await resource.onEvent({ type: 'Update', requestId: 'late', physicalId: arn, properties: attempted, oldProperties: { VoiceConnectorArn: arn } });
    await rollingBack;
    expect(setup.streaming(other)).toBeUndefined();
  });

  test('to another account is quick', async () => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    const attempted = { VoiceConnectorArn: arn.replace('123456789012', '210987654321') };
    await failure(resource.deliverUpdate(attempted));
    const began = setup.clock.now();
    await resource.deliverUpdate({ VoiceConnectorArn: arn }, { properties: attempted });
    expect(setup.clock.now() - began).toBeLessThanOrEqual(15_000);
  });

  test('to a region without the service succeeds', async () => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    const attempted = { VoiceConnectorArn: arn.replace(REGION, 'eu-north-1') };
    await failure(resource.deliverUpdate(attempted));
    const back = await resource.deliverUpdate({ VoiceConnectorArn: arn }, { properties: attempted });
    expect(back.physicalId).toBe(arn);
  });
});

describe('rename of the construct', () => {
  const document = { VoiceConnectorArn: '', NotificationTargets: ['SNS'], MediaInsights: { ConfigurationArn: INSIGHTS, Enabled: false }, DataRetentionInHours: 3 };

  test('the new self takes over, and the late Delete of the old one wipes nothing', async () => {
    const old = setup.resource('Old');
    await old.create({ ...document, VoiceConnectorArn: arn });
    const renamed = setup.resource('New');
    await renamed.create({ VoiceConnectorArn: arn });
    await old.delete();
    expect(setup.streaming(arn)).toEqual({ DataRetentionInHours: 24, Disabled: false });
    expect(Object.keys(setup.ownerTags(arn))).toEqual(['cdk-rtc:streaming']);
    await renamed.delete();
    expect(setup.streaming(arn)).toBeUndefined();
    expect(setup.ownerTags(arn)).toEqual({});
  });

  test('rolled back: the old self, to which CloudFormation sends nothing, has its configuration again', async () => {
    const old = setup.resource('Old');
    await old.create({ ...document, VoiceConnectorArn: arn });
    const before = setup.connectorState(arn);
    const renamed = setup.resource('New');
    await renamed.create({ VoiceConnectorArn: arn });
    await renamed.delete();
    expect(setup.connectorState(arn)).toEqual({ ...before, tags: setup.connectorState(arn).tags });
    expect(setup.ownerTags(arn)).toEqual(before.tags);
    await old.delete();
    expect(setup.streaming(arn)).toBeUndefined();
  });
});

describe('after a rename', () => {
  const takeOver = async () => {
    const old = setup.resource('Old');
    await old.create({ VoiceConnectorArn: arn, DataRetentionInHours: 3 });
    const renamed = setup.resource('New');
    await renamed.create({ VoiceConnectorArn: arn });
    return { old, renamed };
  };

  test('that was rolled back while the service throttled, the old self can still be deleted', async () => {
    const { old, renamed } = await takeOver();
    setup.emulator.addFault({ kind: 'error', error: 'ThrottledClientException', operation: 'UntagResource', times: 3 });
    await renamed.delete();
    await old.delete();
    expect(setup.streaming(arn)).toBeUndefined();
    expect(setup.ownerTags(arn)).toEqual({});
  });

  test('of a retained one, the new self is deleted and gives nothing back', async () => {
    await setup.resource('Old').create({ VoiceConnectorArn: arn, DataRetentionInHours: 3, Retain: true });
    const renamed = setup.resource('New');
    await renamed.create({ VoiceConnectorArn: arn });
    await renamed.delete();
    expect(setup.streaming(arn)).toBeUndefined();
  });

  test('an update of the new self proves that there is no way back', async () => {
    const { renamed } = await takeOver();
    await renamed.update({ VoiceConnectorArn: arn, DataRetentionInHours: 5 });
    expect(Object.keys(setup.ownerTags(arn))).toEqual(['cdk-rtc:streaming']);
    await renamed.delete();
    expect(setup.streaming(arn)).toBeUndefined();
  });

  test('an update of the old self takes the configuration back for good', async () => {
    const { old, renamed } = await takeOver();
    await old.update({ VoiceConnectorArn: arn, DataRetentionInHours: 3 });
    await renamed.delete();
    expect(setup.streaming(arn)).toEqual({ DataRetentionInHours: 3, Disabled: false });
    await old.delete();
    expect(setup.streaming(arn)).toBeUndefined();
  });

  test('that was rolled back while the service throttled the put, the old self has its configuration again', async () => {
    const { renamed } = await takeOver();
    setup.emulator.addFault({ kind: 'error', error: 'ThrottledClientException', operation: PUT, times: 3 });
    await renamed.delete();
    expect(setup.streaming(arn)).toEqual({ DataRetentionInHours: 3, Disabled: false });
  });

  test('that changed nothing, a rollback puts nothing', async () => {
    await setup.resource('Old').create({ VoiceConnectorArn: arn });
    const renamed = setup.resource('New');
    await renamed.create({ VoiceConnectorArn: arn });
    await renamed.delete();
    expect(setup.streaming(arn)).toEqual({ DataRetentionInHours: 24, Disabled: false });
    expect(setup.calls(PUT)).toHaveLength(1);
  });

  test('what the service refuses to take back is deleted, because a Delete must end', async () => {
    const { renamed } = await takeOver();
    setup.emulator.addFault({ kind: 'error', error: 'BadRequestException', operation: PUT });
    await renamed.delete();
    expect(setup.streaming(arn)).toBeUndefined();
  });
});

describe('races, out-of-band changes, and denied requests', () => {
  test('a waiter that outlived its resource fails, and configures nothing', async () => {
    setup.emulator.addFault({ kind: 'serverError', status: 503, operation: PUT });
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'r', properties: { VoiceConnectorArn: arn } };
    const accepted = await resource.onEvent(delivery);
    await resource.delete('Doorbells-Streaming-1A2B3C4D5E6F', { VoiceConnectorArn: arn });
    setup.emulator.removeFaults();
    expect((await failure(resource.settle(delivery, accepted))).message).toContain('was taken away during this deployment');
    expect(setup.streaming(arn)).toBeUndefined();
    expect(setup.ownerTags(arn)).toEqual({});
  });

  test('a delivery that meets the configuration of its own duplicate does not take it for somebody else\'s', async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'r', properties: { VoiceConnectorArn: arn } };
    let first: Promise<unknown> | undefined;
    // The second delivery has read the tags of nobody when the first one claims and puts.
    const stop = setup.emulator.onCall(async ({ phase, call }) => {
      if (phase === 'after' && call.operation === GET && !first) {
        first = resource.onEvent(delivery);
        await first;
      }
    });
    await resource.deliver(delivery);
    stop();
    expect(setup.streaming(arn)).toEqual({ DataRetentionInHours: 24, Disabled: false });
  });

  test('a delivery that sees the configuration of its own duplicate before its claim waits for that', async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'r', properties: { VoiceConnectorArn: arn } };
    await setup.clock.sleep(10_000);
    const first = await resource.onEvent(delivery);
    setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 3_000, operation: 'ListTagsForResource' });
    const second = await resource.onEvent(delivery);
    expect(second.PhysicalResourceId).toBe(first.PhysicalResourceId);
    expect(setup.calls('TagResource')).toHaveLength(1);
  });

  test('a Delete that comes twice leaves what somebody has put in between', async () => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    await resource.delete();
    setup.edit(arn, { streamingConfiguration: FOREIGN });
    await resource.delete(arn);
    expect(setup.streaming(arn)).toEqual(FOREIGN);
  });

  test('a Delete after AWS has closed the legacy API to the account ends', async () => {
    await restart({ legacy: { refusedAccounts: [] } });
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn, Namespace: 'CHIME' });
    setup.emulator.addFault({ kind: 'error', service: 'chime', error: 'ForbiddenException', message: 'Account is not authorized to call deprecated Amazon Chime SDK API' });
    await resource.delete();
    expect(setup.streaming(arn)).toBeUndefined();
  });

  test('a cancelled re-creation leaves what an earlier life has retained', async () => {
    await setup.resource().create({ VoiceConnectorArn: arn, Retain: true });
    const resource = setup.resource();
    await resource.onEvent({ type: 'Create', requestId: 'second life', properties: { VoiceConnectorArn: arn, Retain: true } });
    await resource.delete('Doorbells-Streaming-1A2B3C4D5E6F', { VoiceConnectorArn: arn, Retain: true });
    expect(setup.streaming(arn)).toEqual({ DataRetentionInHours: 24, Disabled: false });
  });

  test('a voice connector of another account is refused', async () => {
    const failed = await failure(setup.resource().create({ VoiceConnectorArn: arn.replace('123456789012', '210987654321') }));
    expect(failed.message).toContain('voiceConnector: must be in the stack\'s own account (123456789012)');
  });
});

describe('delete', () => {
  test('removes the configuration and the tag, and leaves the tags of others', async () => {
    setup.edit(arn, { tags: { team: 'them' } });
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    const { mutations } = await setup.counting(() => resource.delete());
    expect(mutations).toEqual([DELETE, 'UntagResource']);
    expect(setup.connectorState(arn)).toMatchObject({ streaming: undefined, tags: { team: 'them' } });
  });

  test.each([{}, { Namespace: 'CHIME' }])('succeeds when the voice connector is gone, %p', async (namespace) => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn, ...namespace });
    setup.edit(arn, { delete: true });
    await resource.delete();
    expect(setup.mutations()).toEqual(['TagResource', PUT]);
  });

  test('succeeds when the configuration is gone', async () => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    setup.edit(arn, { streamingConfiguration: null });
    await resource.delete();
    expect(setup.ownerTags(arn)).toEqual({});
  });

  test('of one whose tag was stripped removes the configuration', async () => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    setup.edit(arn, { replaceTags: {} });
    await resource.delete();
    expect(setup.streaming(arn)).toBeUndefined();
    expect(setup.calls('UntagResource')).toEqual([]);
  });

  test('of one whose tag was stripped removes the configuration that another version of the library has put', async () => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn, Enabled: false });
    setup.edit(arn, { replaceTags: {} });
    await resource.delete(arn, { VoiceConnectorArn: arn, Enabled: false, OfAnotherVersion: 'true' });
    expect(setup.streaming(arn)).toBeUndefined();
  });

  test('of another stack\'s succeeds and leaves it', async () => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    setup.edit(arn, { tags: { 'cdk-rtc:streaming': `${stackId('Neighbour', '2')}/0123456789abcdef` } });
    await resource.delete();
    expect(setup.streaming(arn)).toEqual({ DataRetentionInHours: 24, Disabled: false });
    expect(setup.calls('UntagResource')).toEqual([]);
  });

  test('whose response is lost still ends', async () => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    setup.emulator.addFault({ kind: 'lostResponse', operation: DELETE, times: 1 });
    await resource.delete();
    expect(setup.streaming(arn)).toBeUndefined();
  });

  test('with an id that CloudFormation invented removes what a create makes that still runs', async () => {
    const resource = setup.resource();
    const deleted = resource.delete('Doorbells-Streaming-1A2B3C4D5E6F', { VoiceConnectorArn: arn });
    await setup.clock.sleep(100_000);
    await resource.onEvent({ type: 'Create', requestId: 'late', properties: { VoiceConnectorArn: arn } });
    await deleted;
    expect(setup.streaming(arn)).toBeUndefined();
    expect(setup.ownerTags(arn)).toEqual({});
  });

  test('with an id that CloudFormation invented removes what the create has put, and ends soon', async () => {
    const resource = setup.resource();
    await resource.onEvent({ type: 'Create', requestId: 'r', properties: { VoiceConnectorArn: arn } });
    const began = setup.clock.now();
    await resource.delete('Doorbells-Streaming-1A2B3C4D5E6F', { VoiceConnectorArn: arn });
    expect([setup.streaming(arn), setup.ownerTags(arn)]).toEqual([undefined, {}]);
    expect(setup.clock.now() - began).toBeLessThanOrEqual(15_000);
  });

  test('with an id that CloudFormation invented removes also what a create puts again because it has heard no answer', async () => {
    const resource = setup.resource();
    await resource.onEvent({ type: 'Create', requestId: 'r', properties: { VoiceConnectorArn: arn } });
    const deleted = resource.delete('Doorbells-Streaming-1A2B3C4D5E6F', { VoiceConnectorArn: arn });
    await setup.clock.sleep(4_000);
    expect(setup.streaming(arn)).toBeUndefined();
    setup.edit(arn, { streamingConfiguration: { DataRetentionInHours: 24, Disabled: false } });
    await deleted;
    expect([setup.streaming(arn), setup.ownerTags(arn)]).toEqual([undefined, {}]);
  });

  test('with an id that CloudFormation invented removes what a create puts after its claim was found', async () => {
    const resource = setup.resource();
    let removed: Promise<unknown> | undefined;
    setup.emulator.onCall(async ({ phase, call }) => {
      if (phase !== 'before' || call.operation !== 'PutVoiceConnectorStreamingConfiguration' || removed) return;
      removed = resource.delete('Doorbells-Streaming-1ABCDEFGHIJKL', { VoiceConnectorArn: arn });
      await setup.clock.sleep(10_000);
    });
    await resource.onEvent({ type: 'Create', requestId: 'r-1', properties: { VoiceConnectorArn: arn } });
    await removed;
    expect(setup.streaming(arn)).toBeUndefined();
    expect(setup.ownerTags(arn)).toEqual({});
  });

  test('with an id that CloudFormation invented leaves a configuration that is not ours', async () => {
    setup.edit(arn, { streamingConfiguration: FOREIGN });
    await setup.resource().delete('Doorbells-Streaming-1A2B3C4D5E6F', { VoiceConnectorArn: arn });
    expect(setup.streaming(arn)).toEqual(FOREIGN);
    // Also one that is as ours would be.
    setup.edit(arn, { streamingConfiguration: { DataRetentionInHours: 24, Disabled: false } });
    await setup.resource().delete('Doorbells-Streaming-1A2B3C4D5E6F', { VoiceConnectorArn: arn });
    expect(setup.streaming(arn)).toEqual({ DataRetentionInHours: 24, Disabled: false });
  });

  test('with an id that CloudFormation invented marks a claim that may still be put, once', async () => {
    setup.emulator.addFault({ kind: 'error', error: 'BadRequestException', operation: PUT, times: 1 });
    const resource = setup.resource();
    await resource.onEvent({ type: 'Create', requestId: 'r', properties: { VoiceConnectorArn: arn } });
    const deleted = resource.delete('Doorbells-Streaming-1A2B3C4D5E6F', { VoiceConnectorArn: arn });
    await setup.clock.sleep(60_000);
    expect(setup.ownerTags(arn)['cdk-rtc:streaming']).toMatch(/\/deleting$/);
    expect(setup.calls('TagResource')).toHaveLength(2);
    await deleted;
    expect(setup.ownerTags(arn)).toEqual({});
  });

  test('reads properties of any version leniently', async () => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    await resource.delete(arn, { VoiceConnectorArn: arn, DataRetentionInHours: 'for ever', FromTheFuture: { a: 1 } });
    expect(setup.streaming(arn)).toBeUndefined();
  });
});

describe('the legacy namespace', () => {
  test('refused to a newer account says what to do, and leaves nothing', async () => {
    await restart({ legacy: { refusedAccounts: 'all' } });
    const failed = await failure(setup.resource().create({ VoiceConnectorArn: arn, Namespace: 'CHIME' }));
    expect(failed.message).toContain('AWS refuses the legacy chime API to this account');
    expect(failed.message).toContain('leave the namespace out for CHIME_SDK, which has the same voice connectors');
    expect(setup.mutations()).toEqual([]);
  });
});

describe('each error of the service', () => {
  const passing = [
    'NotFoundException', 'ThrottledClientException', 'ServiceUnavailableException', 'ServiceFailureException', 'ForbiddenException', 'UnauthorizedClientException',
  ];
  const operations: [string, string, string][] = [
    ...[PUT, GET, 'TagResource', 'ListTagsForResource'].map((operation): [string, string, string] => ['CHIME_SDK', operation, 'create']),
    ...[DELETE, 'UntagResource'].map((operation): [string, string, string] => ['CHIME_SDK', operation, 'delete']),
    ['CHIME', PUT, 'create'], ['CHIME', GET, 'create'], ['CHIME', DELETE, 'delete'],
  ];
  const cases = operations.flatMap(([namespace, operation, during]) => [...passing, 'BadRequestException'].map((error) => [namespace, operation, during, error] as const));

  test.each(cases)('%s: %s in a %s answers %s', async (Namespace, operation, during, error) => {
    const properties = { VoiceConnectorArn: arn, Namespace };
    const resource = setup.resource();
    const inject = () => setup.emulator.addFault({ kind: 'error', error, message: 'the words of the service', operation, times: 2 });
    const run = async () => {
      if (during === 'create') inject();
      await resource.create(properties);
      if (during === 'delete') inject();
      await resource.delete();
    };
    const outcome: ResourceFailed | undefined = await run().then(() => undefined, (failed) => failed);
    expect(setup.calls(operation).some(({ faults }) => faults.length > 0)).toBe(true);
    if (passing.includes(error)) {
      expect(outcome).toBeUndefined();
      expect(setup.streaming(arn)).toBeUndefined();
      return;
    }
    expect(outcome!.message).toContain(`${error}: the words of the service`);
    setup.emulator.removeFaults();
    if (outcome!.physicalId) await resource.delete(outcome!.physicalId, properties);
    expect(setup.streaming(arn)).toBeUndefined();
    expect(setup.ownerTags(arn)).toEqual({});
  });
});

/** The failure at the deadline ends with the last of these. */
describe('says what it waits for', () => {
  test('a configuration that does not show yet: a step puts it once', async () => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 4_000, operation: GET });
    await setup.clock.sleep(10_000);
    const quick = await resource.update({ VoiceConnectorArn: arn, DataRetentionInHours: 1 });
    expect(quick.polls).toBe(1);
    expect(setup.calls(PUT)).toHaveLength(2);
    setup.emulator.removeFaults();
    setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 12_000, operation: GET });
    await setup.clock.sleep(20_000);
    await resource.update({ VoiceConnectorArn: arn, DataRetentionInHours: 2, Enabled: false });
    expect(setup.said('pending')).toEqual(['dataRetentionHours is 1, desired 2; disabled is false, desired true']);
  });

  test('the mark of what is to stay', async () => {
    await setup.resource().create({ VoiceConnectorArn: arn, Retain: true });
    expect(setup.said('apply change')).toEqual(['retained is false, desired true']);
  });

  test('a claim that does not show yet', async () => {
    setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 5_000, operation: 'ListTagsForResource' });
    await setup.clock.sleep(10_000);
    await setup.resource().create({ VoiceConnectorArn: arn });
    expect(setup.said('pending')).toEqual([`the claim on ${arn} does not show yet`]);
  });

  test('a create that may still be running', async () => {
    await setup.resource().delete('Doorbells-Streaming-1A2B3C4D5E6F', { VoiceConnectorArn: arn });
    const said = setup.said('pending');
    expect(said[0]).toMatch(new RegExp(`^nothing of this resource is on ${arn}; a create may still be running for 1[78]\\d s$`));
    expect(said.at(-1)).toMatch(/for \d s$/);
  });

  test('what a move that was given up may have left', async () => {
    const other = setup.connector();
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    await resource.deliverUpdate({ VoiceConnectorArn: arn }, { properties: { VoiceConnectorArn: other } });
    expect(setup.said('pending')).toEqual(['looking for a document that the rolled-back move may have left, or may still put']);
  });

  test('a voice connector that one read does not show is not gone', async () => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    setup.emulator.addFault({ kind: 'error', error: 'NotFoundException', operation: 'ListTagsForResource', times: 2 });
    await resource.delete();
    expect(setup.said('pending')).toEqual([`${arn} is not found, which must be so for a while`]);
    expect(setup.streaming(arn)).toBeUndefined();
  });

  test('a configuration that is still there after it was deleted', async () => {
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn });
    await setup.clock.sleep(30_000);
    setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 4_000, operation: GET });
    await resource.delete();
    expect(setup.said('pending')).toEqual([]);
    await resource.create({ VoiceConnectorArn: arn });
    await setup.clock.sleep(30_000);
    setup.emulator.removeFaults();
    setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 15_000, operation: GET });
    await resource.delete();
    expect(setup.said('pending')).toEqual([`the streaming configuration of ${arn} is still there`]);
  });

  test('a voice connector that has just been made', async () => {
    await restart({ propagation: 100_000 });
    const resource = setup.resource();
    const accepted = await failure(resource.create({ VoiceConnectorArn: arn }));
    expect(accepted.message).toBe(`Streaming: voiceConnector: there is no ${arn}`);
    await restart();
    const delivery = { type: 'Create' as const, requestId: 'r', properties: { VoiceConnectorArn: arn } };
    const late = setup.resource();
    const answer = await late.onEvent(delivery);
    setup.emulator.addFault({ kind: 'error', error: 'NotFoundException', operation: 'ListTagsForResource', times: 1 });
    await late.poll(delivery, answer);
    expect(setup.said('pending')).toEqual([`${arn} is not found, as a voice connector just created may be for a while`]);
  });
});

describe('a step', () => {
  test.each([['CHIME_SDK', 'ListTagsForResource'], ['CHIME_SDK', GET], ['CHIME', GET]])('%s: ends with its time, however long %s takes', async (Namespace, operation) => {
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'r', properties: { VoiceConnectorArn: arn, Namespace } };
    const accepted = await resource.onEvent(delivery);
    setup.emulator.addFault({ kind: 'delay', milliseconds: 60_000, operation });
    const began = setup.clock.now();
    expect(await resource.poll(delivery, accepted)).toEqual({ IsComplete: false });
    expect(setup.clock.now() - began).toBe(9_000);
    setup.emulator.removeFaults();
    await resource.settle(delivery, accepted);
  });
});

describe('where there is nothing to delete', () => {
  test.each([{}, { VoiceConnectorArn: 'trunk' }])('%p: a Delete with an id that CloudFormation invented asks nobody', async (properties) => {
    await setup.resource().delete('Doorbells-Streaming-1A2B3C4D5E6F', properties);
    expect(setup.calls()).toEqual([]);
  });

  const ELSEWHERE = 'arn:aws:chime:eu-north-1:123456789012:vc/abcdefghijklmnopqrstuv';

  test('a region without the service: the Delete ends once no create can be running', async () => {
    const began = setup.clock.now();
    await setup.resource().delete('Doorbells-Streaming-1A2B3C4D5E6F', { VoiceConnectorArn: ELSEWHERE });
    expect(setup.clock.now() - began).toBeGreaterThanOrEqual(180_000);
    expect(setup.clock.now() - began).toBeLessThan(200_000);
  });

  test('an error that does not pass is told, and not taken for a region without the service', async () => {
    const reading = { service: 'chime-sdk-voice', operation: 'ListTagsForResource' } as const;
    setup.emulator.addFault({ kind: 'serverError', ...reading });
    // When no create can be running any more.
    void setup.clock.sleep(190_000).then(() => {
      setup.emulator.removeFaults();
      setup.emulator.addFault({ kind: 'error', ...reading, error: 'BadRequestException' });
    });
    const failed = await failure(setup.resource().delete('Doorbells-Streaming-1A2B3C4D5E6F', { VoiceConnectorArn: arn }));
    expect(failed.message).toMatch(/BadRequestException/);
  });

  test('a region that cannot be reached: what is known to be there is not taken for gone', async () => {
    const failed = await failure(setup.resource().delete(ELSEWHERE, { VoiceConnectorArn: ELSEWHERE }));
    expect(failed.message).toMatch(/last observed: .*ENOTFOUND/);
  });
});

test('a create while this very resource gives the voice connector up fails, with the command that frees it', async () => {
  await setup.resource().create({ VoiceConnectorArn: arn });
  setup.edit(arn, { tags: { 'cdk-rtc:streaming': `${setup.ownerTags(arn)['cdk-rtc:streaming']}/deleting` } });
  const failed = await failure(setup.resource().create({ VoiceConnectorArn: arn }));
  expect(failed.message).toBe(`Streaming: ${arn} is being deleted by this very resource; if no deletion is in progress any more, free it with `
    + `\`aws chime-sdk-voice untag-resource --region ${REGION} --resource-arn ${arn} --tag-keys cdk-rtc:streaming cdk-rtc:streaming-before\``);
});

describe('bad input that was a token at synth', () => {
  test.each([
    ['retention that is no whole number', { DataRetentionInHours: 1.5 }, 'DataRetentionInHours'],
    ['negative retention', { DataRetentionInHours: -1 }, 'dataRetention: must be a whole number of hours from 0 to 2147483647, got -1 h'],
    ['four targets', { NotificationTargets: ['SNS', 'SQS', 'EventBridge', 'SNS'] }, 'notificationTargets: at most 3 are possible, got 4'],
    ['a target twice', { NotificationTargets: ['SNS', 'SNS'] }, 'notificationTargets[1]: SNS is given twice'],
    ['an unknown target', { NotificationTargets: ['Pager'] }, 'notificationTargets[0]: must be one of EventBridge, SNS, SQS, got "Pager"'],
    ['media insights with the legacy namespace', { Namespace: 'CHIME', MediaInsights: { ConfigurationArn: INSIGHTS } }, 'mediaInsights: the legacy namespace does not know them'],
    ['a namespace that is none', { Namespace: 'SLACK' }, 'namespace: must be CHIME_SDK or CHIME, got "SLACK"'],
    ['an ARN that is none', { VoiceConnectorArn: 'trunk' }, 'voiceConnectorArn: must be arn:…:chime:REGION:ACCOUNT:vc/ID, got "trunk"'],
    ['an id that is none', { VoiceConnectorArn: 'arn:aws:chime:us-east-1:123456789012:vc/Trunk' }, 'voiceConnectorId: must be 21 or 22 letters and digits'],
    ['legacy in another region', { Namespace: 'CHIME', VoiceConnectorArn: 'arn:aws:chime:eu-west-1:123456789012:vc/abcdefghijklmnopqrstuv' }, 'namespace: CHIME has an endpoint in us-east-1 only'],
    ['a property of a newer version', { Colour: 'red' }, 'Colour'],
    ['all that is wrong, in one error', { DataRetentionInHours: -1, Namespace: 'SLACK' }, 'leave it out for 24 h\n  namespace: must be'],
  ])('%s fails before anything is called', async (_, properties, message) => {
    const failed = await failure(setup.resource().create({ VoiceConnectorArn: arn, ...properties }));
    expect(failed.message).toContain('Streaming: ');
    expect(failed.message).toContain(message);
    expect(setup.calls()).toEqual([]);
  });
});
