import { CreateParticipantTokenCommand, type CreateParticipantTokenCommandInput } from '@aws-sdk/client-ivs-realtime';
import { account, errorName, errorOf, region } from './harness';
import { type IvsHarness, startIvs } from './ivs-realtime-harness';

/* https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_CreateParticipantToken.html */

const newToken = async ({ client }: IvsHarness, input: CreateParticipantTokenCommandInput) => (
  (await client.send(new CreateParticipantTokenCommand(input))).participantToken!
);

test('a token has the defaults of the service', async () => {
  const harness = await startIvs();
  const created = await newToken(harness, { stageArn: harness.stage() });
  expect(created).toEqual({
    participantId: expect.stringMatching(/^[a-zA-Z0-9]{12}$/),
    token: expect.stringMatching(/^[a-zA-Z0-9]+\.[a-zA-Z0-9]+\.[a-zA-Z0-9]+$/),
    duration: 720,
    capabilities: ['PUBLISH', 'SUBSCRIBE'],
    expirationTime: new Date(harness.clock.now() + 720 * 60_000),
  });
});

test('a token has what was given', async () => {
  const harness = await startIvs();
  const given = { userId: 'ann', attributes: { seat: '7' }, duration: 20_160, capabilities: ['SUBSCRIBE' as const] };
  const created = await newToken(harness, { stageArn: harness.stage(), ...given });
  expect(created).toMatchObject({ ...given, expirationTime: new Date(harness.clock.now() + 14 * 24 * 60 * 60_000) });
});

test('the same request creates another participant with another token', async () => {
  const harness = await startIvs();
  const stageArn = harness.stage();
  const [one, other] = [await newToken(harness, { stageArn, userId: 'ann' }), await newToken(harness, { stageArn, userId: 'ann' })];
  expect([one.participantId === other.participantId, one.token === other.token]).toEqual([false, false]);
});

test.each<[string, object]>([
  ['a duration of 0', { duration: 0 }],
  ['a duration of more than 14 days', { duration: 20_161 }],
  ['another capability', { capabilities: ['MODERATE'] }],
  ['a user ID of 129 characters', { userId: 'u'.repeat(129) }],
  ['attributes of more than 1 KB', { attributes: { a: 'x'.repeat(1024) } }],
  ['an ARN of something else', { stageArn: `arn:aws:ivs:${region}:${account}:channel/abc` }],
])('is refused with %s', async (_, more) => {
  const harness = await startIvs();
  expect(await errorName(newToken(harness, { stageArn: harness.stage(), ...more }))).toBe('ValidationException');
});

test('attributes have 1 KB at most', async () => {
  const harness = await startIvs();
  const attributes = { a: 'x'.repeat(1023) };
  expect((await newToken(harness, { stageArn: harness.stage(), attributes })).attributes).toEqual(attributes);
});

test('needs a stage of the account and region', async () => {
  const harness = await startIvs();
  const stageArn = `arn:aws:ivs:${region}:${account}:stage/abcdABCDefgh`;
  expect(await errorOf(newToken(harness, { stageArn }))).toMatchObject({ name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } });
  expect(await errorOf(newToken(harness, { stageArn: harness.stage().replace(account, '210987654321') })))
    .toMatchObject({ name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } });
  const pending = await startIvs({ pendingVerification: true });
  expect(await errorName(newToken(pending, { stageArn: pending.stage() }))).toBe('PendingVerification');
});

test('needs ivs:CreateParticipantToken on the stage', async () => {
  let policies: object[] = [];
  const harness = await startIvs({}, { principals: async () => ({ arn: `arn:aws:iam::${account}:role/api`, policies }) as never });
  const [stageArn, other] = [harness.stage(), harness.stage()];
  policies = [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'ivs:CreateParticipantToken', Resource: stageArn }] }];
  await newToken(harness, { stageArn });
  expect(await errorName(newToken(harness, { stageArn: other }))).toBe('AccessDeniedException');
});

test('no call log and no state shows a token', async () => {
  const harness = await startIvs();
  const { token } = await newToken(harness, { stageArn: harness.stage(), userId: 'ann' });
  expect(JSON.stringify([harness.emulator.calls, harness.emulator.state()])).not.toContain(token);
  expect(harness.emulator.calls.at(-1)).toMatchObject({ operation: 'CreateParticipantToken' });
});
