import { DisconnectParticipantCommand } from '@aws-sdk/client-ivs-realtime';
import { account, errorName, region } from './harness';
import { create, get, type IvsHarness, startIvs } from './ivs-realtime-harness';
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
