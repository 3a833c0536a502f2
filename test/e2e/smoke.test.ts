import { CfnOutput, Duration, type Stack } from 'aws-cdk-lib';
import * as ivs from 'aws-cdk-lib/aws-ivs';
import { LocalDeployment, voiceConnector } from './local-deployment';
import type { CheckedOut, CheckoutErrorResponse } from '../../lambda/chime-sdk-meetings/meeting-pool/checkout';
import { ChimeMeetingPool, IngestConfiguration, SignalingChannel, VoiceConnectorStreaming } from '../../src';
import { eventually } from '../eventually';

let local: LocalDeployment;
beforeAll(async () => { local = await LocalDeployment.start(); });
afterAll(() => local?.stop());

/** All four constructs in one stack. */
const everything = (messageTtl: number, dataRetention: number, size: number, redundantIngest: boolean) => (stack: Stack) => {
  const channel = new SignalingChannel(stack, 'Channel', { messageTtl: Duration.seconds(messageTtl) });
  new VoiceConnectorStreaming(stack, 'Streaming', { voiceConnector: voiceConnector(stack), dataRetention: Duration.hours(dataRetention) });
  const pool = new ChimeMeetingPool(stack, 'Rooms', { size });
  new IngestConfiguration(stack, 'Ingest', { stage: new ivs.CfnStage(stack, 'Stage'), redundantIngest });
  new CfnOutput(stack, 'ChannelArn', { value: channel.signalingChannelArn });
  new CfnOutput(stack, 'Checkout', { value: pool.checkoutFunction.functionName });
};

test('the CDK CLI deploys, updates and destroys a stack with all four constructs', async () => {
  const { outputs: { Smoke: { ChannelArn, Checkout } } } = await local.deployed('Smoke', everything(60, 24, 2, false));
  expect(local.channels()).toEqual([expect.objectContaining({ arn: ChannelArn, status: 'ACTIVE', messageTtlSeconds: 60 })]);
  expect(local.connectors()).toEqual([expect.objectContaining({ streaming: { DataRetentionInHours: 24, Disabled: false } })]);
  expect(local.meetings()).toHaveLength(2);
  expect(local.ingestConfigurations()).toEqual([expect.objectContaining({ stageArn: expect.stringContaining(':stage/'), redundantIngest: false })]);
  const [{ arn: ingestArn }] = local.ingestConfigurations();

  const { Meeting } = await local.cloud.invoke(Checkout, { externalUserIds: ['alice'] }) as CheckedOut & CheckoutErrorResponse;
  expect(local.meetings().map(({ id }) => id)).toContain(Meeting.MeetingId);

  await local.deployed('Smoke', everything(30, 2, 3, true));
  expect(local.channels()).toEqual([expect.objectContaining({ arn: ChannelArn, messageTtlSeconds: 30 })]);
  expect(local.connectors()).toEqual([expect.objectContaining({ streaming: { DataRetentionInHours: 2, Disabled: false } })]);
  expect(local.meetings().map(({ id }) => id)).toContain(Meeting.MeetingId);
  await eventually(() => local.meetings().length === 1 + 3); // the maintainer is called, and not waited for
  expect(local.ingestConfigurations()).toEqual([expect.objectContaining({ arn: ingestArn, redundantIngest: true })]);

  await local.destroyedByCli('Smoke', everything(30, 2, 3, true));
  expect({ stacks: await local.stacks(), resources: local.resources(), denied: local.denied() }).toEqual({ stacks: ['CDKToolkit'], resources: [], denied: [] });
});
