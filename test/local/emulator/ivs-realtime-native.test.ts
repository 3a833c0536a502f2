import { account, region } from './harness';
import { get, type IvsHarness, startIvs } from './ivs-realtime-harness';
import type { IvsRealtimeOptions } from '../../../local/emulator';

/* AWS::IVS::IngestConfiguration */

const apply = ({ emulator }: IvsHarness, action: 'create' | 'update' | 'delete', properties: Record<string, unknown> = {}, physicalId?: string) =>
  emulator.applyResource({ action, type: 'AWS::IVS::IngestConfiguration', region, properties, physicalId });

test('is created: Ref and Arn are its ARN, and no attribute has the key', async () => {
  const harness = await startIvs();
  const stageArn = harness.stage();
  const { physicalId, attributes } = apply(harness, 'create', { Name: 'studio', StageArn: stageArn, UserId: 'camera', Tags: [{ Key: 'a', Value: '1' }] });
  const found = await get(harness.client, physicalId);
  expect(found).toMatchObject({ arn: physicalId, name: 'studio', stageArn, userId: 'camera', tags: { a: '1' }, ingestProtocol: 'RTMPS', state: 'INACTIVE' });
  expect(attributes).toEqual({ Arn: physicalId, ParticipantId: found.participantId, State: 'INACTIVE' });
});

test('keeps its ARN if the stage or the tags change, and otherwise gets a new one', async () => {
  const harness = await startIvs();
  const { physicalId } = apply(harness, 'create', { Name: 'studio' });
  const stageArn = harness.stage();
  expect(apply(harness, 'update', { Name: 'studio', StageArn: stageArn, Tags: [{ Key: 'a', Value: '1' }] }, physicalId).physicalId).toBe(physicalId);
  expect(await get(harness.client, physicalId)).toMatchObject({ stageArn, tags: { a: '1' } });
  for (const more of [{ Name: 'other' }, { Name: 'studio', UserId: 'camera' }, { Name: 'studio', IngestProtocol: 'RTMP', InsecureIngest: 'true' }]) {
    expect(apply(harness, 'update', more, physicalId).physicalId).not.toBe(physicalId);
  }
});

test('is refused with an unknown property, a stage that doesn\'t exist, and for RTMP without permission; an update of what doesn\'t exist, too', async () => {
  const harness = await startIvs();
  expect(() => apply(harness, 'create', { RedundantIngest: true })).toThrow('AWS::IVS::IngestConfiguration has no property RedundantIngest');
  expect(() => apply(harness, 'create', { StageArn: `arn:aws:ivs:${region}:${account}:stage/none` })).toThrow('stage/none not found');
  expect(() => apply(harness, 'create', { IngestProtocol: 'RTMP' })).toThrow('insecureIngest must be true');
  expect(() => apply(harness, 'update', {}, `arn:aws:ivs:${region}:${account}:ingest-configuration/none`)).toThrow('not found');
});

test.each<[IvsRealtimeOptions['nativeDeletion'], boolean]>([[undefined, false], ['refused', false], ['forced', true]])(
  'during a stream, the deletion with the option %s', async (nativeDeletion, isDeleted) => {
    const harness = await startIvs({ nativeDeletion });
    const { physicalId } = apply(harness, 'create', { StageArn: harness.stage() });
    harness.edit(physicalId, { state: 'ACTIVE' });
    const deletion = () => apply(harness, 'delete', {}, physicalId);
    if (isDeleted) deletion();
    else expect(deletion).toThrow('is ACTIVE and cannot be deleted without force');
    const { ingestConfigurations } = (harness.emulator.state()['ivs-realtime'] as { ingestConfigurations: object[] }[])[0];
    expect(ingestConfigurations).toHaveLength(isDeleted ? 0 : 1);
  },
);

test('during a stream, the stage can\'t be changed, but the tags can', async () => {
  const harness = await startIvs();
  const StageArn = harness.stage();
  const { physicalId } = apply(harness, 'create', { StageArn });
  harness.edit(physicalId, { state: 'ACTIVE' });
  expect(() => apply(harness, 'update', {}, physicalId)).toThrow('is ACTIVE and cannot be updated');
  apply(harness, 'update', { StageArn, Tags: [{ Key: 'a', Value: '1' }] }, physicalId);
  expect(await get(harness.client, physicalId)).toMatchObject({ tags: { a: '1' }, state: 'ACTIVE' });
});

test('is deleted, and deleted again', async () => {
  const harness = await startIvs();
  const { physicalId } = apply(harness, 'create');
  for (let round = 0; round < 2; round += 1) apply(harness, 'delete', {}, physicalId);
  expect((harness.emulator.state()['ivs-realtime'] as { ingestConfigurations: object[] }[])[0].ingestConfigurations).toEqual([]);
});
