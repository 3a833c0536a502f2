import { legacyClient } from '../../lambda/chime-legacy';
import { chimeMeetingsClient } from '../../lambda/chime-sdk-meetings/meeting-pool/client';
import { tableClient } from '../../lambda/chime-sdk-meetings/meeting-pool/table';
import { chimeVoiceClient } from '../../lambda/chime-sdk-voice/client';
import { ivsRealtimeClient } from '../../lambda/ivs/client';
import { kinesisVideoClient } from '../../lambda/kinesisvideo/client';
import { secretsManagerClient } from '../../lambda/secrets-manager/client';

const THRICE = { attempts: 3, connectionTimeout: 2_000, requestTimeout: 4_000 };

/* A step has nine seconds: no single attempt may use them up, and throttled calls of all functions together must not become more. */
test.each([
  ['Kinesis Video', kinesisVideoClient, { ...THRICE, retryMode: 'adaptive', throwOnRequestTimeout: true }],
  ['Chime voice', chimeVoiceClient, { ...THRICE, retryMode: 'adaptive', throwOnRequestTimeout: true }],
  // An older client: it always throws.
  ['legacy Chime', legacyClient, { ...THRICE, retryMode: 'adaptive', throwOnRequestTimeout: undefined }],
  ['Chime meetings', chimeMeetingsClient, { ...THRICE, retryMode: 'standard', throwOnRequestTimeout: true }],
  ['DynamoDB', tableClient, { ...THRICE, retryMode: 'standard', throwOnRequestTimeout: true }],
  ['IVS', ivsRealtimeClient, { ...THRICE, attempts: 1, retryMode: 'standard', throwOnRequestTimeout: true }],
  ['Secrets Manager', secretsManagerClient, { ...THRICE, retryMode: 'adaptive', throwOnRequestTimeout: true }],
] as const)('how long the client of %s waits, and how often it tries', async (_, make: (region: string) => any, expected) => {
  const { config } = make('eu-west-1');
  const { connectionTimeout, requestTimeout, throwOnRequestTimeout } = await config.requestHandler.configProvider;
  const retryMode = typeof config.retryMode === 'function' ? await config.retryMode() : config.retryMode;
  expect({ attempts: await config.maxAttempts(), retryMode, connectionTimeout, requestTimeout, throwOnRequestTimeout }).toEqual(expected);
  expect(await config.region()).toBe(make === legacyClient ? 'us-east-1' : 'eu-west-1');
});
