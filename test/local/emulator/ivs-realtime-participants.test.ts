import { CreateStorageConfigurationCommand, DisconnectParticipantCommand, GetParticipantCommand } from '@aws-sdk/client-ivs-realtime';
import { account, errorName, region } from './harness';
import { create, get, getStage, type IvsHarness, remove, startIvs } from './ivs-realtime-harness';
import type { IvsRealtimeOptions } from '../../../local/emulator';

/* https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_DisconnectParticipant.html */

async function startLive(options: IvsRealtimeOptions = {}) {
  const harness = await startIvs(options);
  const stageArn = harness.stage();
  const created = await create(harness.client, { stageArn, redundantIngest: true });
  harness.edit(created.arn!, { state: 'ACTIVE' });
  return { ...harness, stageArn, arn: created.arn!, participantId: created.participantId!, created };
}

const disconnect = ({ client }: IvsHarness, input: { stageArn: string; participantId: string; reason?: string }) => (
  client.send(new DisconnectParticipantCommand(input))
);

test.each(['its own', 'that of a redundant encoder'])('disconnects an encoder by the participant ID, %s, and detaches its configuration', async (which) => {
  const harness = await startLive();
  const { stageArn, arn, created } = harness;
  const participantId = which === 'its own' ? created.participantId! : created.redundantIngestCredentials![1].participantId!;
  await disconnect(harness, { stageArn, participantId, reason: 'off topic' });
  expect(await get(harness.client, arn)).toEqual({ ...created, stageArn: '', state: 'INACTIVE' });
});

test('leaves the other configurations of the stage', async () => {
  const harness = await startLive();
  const other = await create(harness.client, { stageArn: harness.stageArn });
  harness.edit(other.arn!, { state: 'ACTIVE' });
  await disconnect(harness, harness);
  expect(await get(harness.client, other.arn!)).toMatchObject({ stageArn: harness.stageArn, state: 'ACTIVE' });
});

describe('finds no participant', () => {
  test('who is not connected', async () => {
    const harness = await startLive();
    harness.edit(harness.arn, { state: 'INACTIVE' });
    expect(await errorName(disconnect(harness, harness))).toBe('ResourceNotFoundException');
    expect(await get(harness.client, harness.arn)).toMatchObject({ stageArn: harness.stageArn });
  });

  test('of another stage, of an unknown ID, or of a stage that does not exist', async () => {
    const harness = await startLive();
    const { participantId, stageArn } = harness;
    for (const input of [
      { stageArn: harness.stage(), participantId },
      { stageArn, participantId: 'Unknown' },
      { stageArn: `arn:aws:ivs:${region}:${account}:stage/abcdABCDefgh`, participantId },
    ]) expect(await errorName(disconnect(harness, input))).toBe('ResourceNotFoundException');
  });
});

test.each([
  ['an ARN of something else', { stageArn: `arn:aws:ivs:${region}:${account}:channel/abc` }],
  ['an ID of 65 characters', { participantId: 'p'.repeat(65) }],
  ['a reason of 129 characters', { reason: 'r'.repeat(129) }],
])('refuses %s', async (_, more) => {
  const harness = await startLive();
  const { stageArn, participantId } = harness;
  expect(await errorName(disconnect(harness, { stageArn, participantId, ...more }))).toBe('ValidationException');
});

test('needs ivs:DisconnectParticipant on the stage', async () => {
  const allowed = (Resource: string) => [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'ivs:DisconnectParticipant', Resource }] }];
  let policies: object[] = [];
  const harness = await startIvs({}, { principals: async () => ({ arn: `arn:aws:iam::${account}:role/moderator`, policies }) as never });
  const [stageArn, other] = [harness.stage(), harness.stage()];
  policies = allowed(stageArn);
  expect(await errorName(disconnect(harness, { stageArn, participantId: 'Unknown' }))).toBe('ResourceNotFoundException');
  expect(await errorName(disconnect(harness, { stageArn: other, participantId: 'Unknown' }))).toBe('AccessDeniedException');
});

test('is refused while the account is being verified', async () => {
  const harness = await startIvs({ pendingVerification: true });
  expect(await errorName(disconnect(harness, { stageArn: harness.stage(), participantId: 'Unknown' }))).toBe('PendingVerification');
});

/* https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_GetParticipant.html */

describe('an encoder as a participant', () => {
  const sessionOf = async ({ client, stageArn }: IvsHarness & { stageArn: string }) => (await getStage(client, stageArn)).activeSessionId;
  const participant = async ({ client }: IvsHarness, input: { stageArn: string; sessionId: string; participantId: string }) =>
    (await client.send(new GetParticipantCommand(input))).participant!;

  test('is connected and published while the encoder publishes', async () => {
    const harness = await startLive();
    const { stageArn, participantId, arn, clock } = harness;
    const sessionId = (await sessionOf(harness))!;
    expect(sessionId).toMatch(/^st-[a-zA-Z0-9]{13}$/);
    expect(await participant(harness, { stageArn, sessionId, participantId })).toEqual({
      participantId,
      state: 'CONNECTED',
      published: true,
      firstJoinTime: new Date(clock.now()),
      recordingS3BucketName: '',
      recordingState: 'DISABLED',
      protocol: 'RTMPS',
      replicationType: 'NONE',
      redundantIngest: true,
      ingestConfigurationArn: arn,
    });
  });

  test('has the user ID and the attributes of its configuration, and each redundant encoder is one', async () => {
    const harness = await startIvs();
    const stageArn = harness.stage();
    const created = await create(harness.client, { stageArn, redundantIngest: true, userId: 'camera', attributes: { a: '1' } });
    harness.edit(created.arn!, { state: 'ACTIVE' });
    const sessionId = (await sessionOf({ ...harness, stageArn }))!;
    for (const { participantId } of created.redundantIngestCredentials!) {
      expect(await participant(harness, { stageArn, sessionId, participantId: participantId! })).toMatchObject({ participantId, userId: 'camera', attributes: { a: '1' } });
    }
  });

  test.each<[string, (harness: Awaited<ReturnType<typeof startLive>>) => unknown]>([
    ['the encoder ends', ({ edit, arn }) => edit(arn, { state: 'INACTIVE' })],
    ['the participant is disconnected', harness => disconnect(harness, harness)],
    ['the configuration is detached', ({ edit, arn }) => edit(arn, { stageArn: '' })],
    ['the configuration is deleted', ({ client, arn }) => remove(client, arn, true)],
  ])('stays known in its session after %s, and the stage has no session', async (_, end) => {
    const harness = await startLive();
    const { stageArn, participantId } = harness;
    const sessionId = (await sessionOf(harness))!;
    await end(harness);
    expect(await sessionOf(harness)).toBeUndefined();
    expect(await participant(harness, { stageArn, sessionId, participantId })).toMatchObject({ state: 'DISCONNECTED', published: true });
  });

  test('is connected again if it returns in the same session, and is no participant of the next session until then', async () => {
    const harness = await startLive();
    const { stageArn, participantId, arn, edit, clock } = harness;
    const other = await create(harness.client, { stageArn });
    edit(other.arn!, { state: 'ACTIVE' });
    const sessionId = (await sessionOf(harness))!;
    const first = (await participant(harness, { stageArn, sessionId, participantId })).firstJoinTime;
    edit(arn, { state: 'INACTIVE' });
    await clock.advance(1000);
    edit(arn, { state: 'ACTIVE' });
    expect(await sessionOf(harness)).toBe(sessionId);
    expect(await participant(harness, { stageArn, sessionId, participantId })).toMatchObject({ state: 'CONNECTED', firstJoinTime: first });
    for (const resource of [arn, other.arn!]) edit(resource, { state: 'INACTIVE' });
    edit(other.arn!, { state: 'ACTIVE' });
    const next = (await sessionOf(harness))!;
    expect(next).not.toBe(sessionId);
    expect(await errorName(participant(harness, { stageArn, sessionId: next, participantId }))).toBe('ResourceNotFoundException');
  });

  test('is recorded if the stage records', async () => {
    const harness = await startIvs();
    const { storageConfiguration } = await harness.client.send(new CreateStorageConfigurationCommand({ s3: { bucketName: 'recordings' } }));
    const stageArn = harness.stage({ AutoParticipantRecordingConfiguration: { StorageConfigurationArn: storageConfiguration!.arn } });
    const { arn, participantId = '' } = await create(harness.client, { stageArn });
    harness.edit(arn!, { state: 'ACTIVE' });
    const sessionId = (await sessionOf({ ...harness, stageArn }))!;
    const recording = async () => {
      const { recordingState, recordingS3BucketName } = await participant(harness, { stageArn, sessionId, participantId });
      return { recordingState, recordingS3BucketName };
    };
    expect(await recording()).toEqual({ recordingState: 'ACTIVE', recordingS3BucketName: 'recordings' });
    harness.edit(arn!, { state: 'INACTIVE' });
    expect(await recording()).toEqual({ recordingState: 'STOPPED', recordingS3BucketName: 'recordings' });
  });

  test('is not found in a session, on a stage, or by an ID that does not exist, and is refused for another account', async () => {
    const harness = await startLive();
    const { stageArn, participantId } = harness;
    const input = { stageArn, participantId, sessionId: (await sessionOf(harness))! };
    for (const more of [{ sessionId: 'st-abcdefghijklm' }, { participantId: 'Unknown' }, { stageArn: harness.stage() }, { stageArn: `arn:aws:ivs:${region}:${account}:stage/abcdABCDefgh` }]) {
      expect(await errorName(participant(harness, { ...input, ...more }))).toBe('ResourceNotFoundException');
    }
    expect(await errorName(participant(harness, { ...input, stageArn: stageArn.replace(account, '333333333333') }))).toBe('AccessDeniedException');
    expect(await errorName(participant(harness, { ...input, sessionId: 'session' }))).toBe('ValidationException');
  });

  test('needs ivs:GetParticipant on the stage', async () => {
    let policies: object[] = [];
    const harness = await startIvs({}, { principals: async () => ({ arn: `arn:aws:iam::${account}:role/reader`, policies }) as never });
    const [stageArn, other] = [harness.stage(), harness.stage()];
    policies = [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'ivs:GetParticipant', Resource: stageArn }] }];
    const of = (arn: string) => errorName(participant(harness, { stageArn: arn, sessionId: 'st-abcdefghijklm', participantId: 'p' }));
    expect([await of(stageArn), await of(other)]).toEqual(['ResourceNotFoundException', 'AccessDeniedException']);
  });
});
