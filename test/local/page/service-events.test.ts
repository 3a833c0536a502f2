import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { createIngest, createMeeting, start, stopAll } from './page-setup';
import { type Emulator, joinTokens, streamKeys } from '../../../local/emulator';
import { type KindOfEvent, eventChoices, serviceEventOf } from '../../../local/page/service-events';
import { ChimeMeetingPool, IngestConfiguration, MeetingEventType, RealTimeStage, StreamingStatus, VoiceConnector, VoiceConnectorStreaming } from '../../../src';

afterEach(stopAll);

const NOW = new Date('2026-01-01T00:00:00Z');

/** An emulator with a resource of each kind, created as CloudFormation does. */
async function inhabited(): Promise<Emulator> {
  const { emulator } = await start();
  const request = { action: 'create' as const, region: 'us-east-1', logicalId: 'Thing', stackId: 'arn:aws:cloudformation:us-east-1:000000000000:stack/App/1' };
  emulator.applyResource({ ...request, type: 'AWS::Chime::VoiceConnector', properties: { Name: 'trunk', RequireEncryption: true } });
  emulator.applyResource({ ...request, type: 'AWS::IVS::Stage', properties: { Name: 'studio' } });
  await createMeeting(emulator, 'alice');
  await createIngest(emulator, 'encoder');
  return emulator;
}

const eventOf = (emulator: Emulator, kind: KindOfEvent) => {
  const { resources: [{ arn }] } = eventChoices(emulator.state()).find((choice) => choice.kind === kind)!;
  return serviceEventOf({ kind, resource: arn }, emulator.state(), NOW);
};

test('each kind of event is offered with its resources, and no kind without a resource', async () => {
  const { emulator } = await start();
  expect(eventChoices(emulator.state())).toEqual([]);
  const choices = eventChoices((await inhabited()).state());
  expect(choices.map(({ title, resources }) => `${title} (${resources.map(({ name }) => name.replace(/[\w-]{36}/, 'ID')).join()})`)).toEqual([
    'Voice connector: streaming STARTED (trunk)',
    'Voice connector: streaming ENDED (trunk)',
    'Voice connector: streaming FAILED (trunk)',
    'Meeting: started (ID)',
    'Meeting: ended (ID)',
    'Meeting: an attendee left (ID)',
    'Stage: a participant published (studio)',
    'Stage: a participant stopped publishing (studio)',
    'Ingest configuration: the encoder published (encoder)',
    'Ingest configuration: the encoder stopped publishing (encoder)',
  ]);
});

test('no event contains a stream key or a join token', async () => {
  const emulator = await inhabited();
  const [{ stages: [{ arn: stageArn }] }] = emulator.stateOf('ivs-realtime') as any;
  emulator.edit({ service: 'ivs-realtime', resource: 'encoder', stageArn });
  const sent = JSON.stringify(eventChoices(emulator.state()).map(({ kind }) => eventOf(emulator, kind)));
  const secrets = [...streamKeys(emulator), ...joinTokens(emulator)];
  expect(secrets).not.toEqual([]);
  for (const secret of secrets) expect(sent).not.toContain(secret);
});

test('an ingest configuration without a stage emits nothing', async () => {
  const emulator = await inhabited();
  expect(() => eventOf(emulator, 'ingestPublished')).toThrow('resource: the ingest configuration has no stage.');
});

describe('the events match the rules of the constructs', () => {
  /** Whether an event has a value of the pattern at each of its paths. Enough for the patterns of the constructs: values and prefixes. */
  function matches(pattern: any, event: any): boolean {
    const isOne = (value: unknown, one: any) => one === value || (one?.prefix !== undefined && String(value).startsWith(one.prefix));
    return Object.entries(pattern).every(([name, expected]) => Array.isArray(expected)
      ? [event?.[name]].flat().some((value) => expected.some((one) => isOne(value, one)))
      : matches(expected, event?.[name]));
  }

  const patternOf = (define: (stack: Stack) => void) => {
    const stack = new Stack(new App(), 'App', { env: { region: 'us-east-1', account: '000000000000' } });
    define(stack);
    const [{ Properties: { EventPattern } }] = Object.values(Template.fromStack(stack).findResources('AWS::Events::Rule')) as any[];
    return EventPattern;
  };

  test('streaming of a voice connector', async () => {
    const event = eventOf(await inhabited(), 'streamingStarted');
    const pattern = patternOf((stack) => new VoiceConnectorStreaming(stack, 'Streaming', {
      voiceConnector: VoiceConnector.fromVoiceConnectorId(stack, 'Connector', event.detail.voiceConnectorId as string),
    }).onStreamingStatus('Rule', { status: [StreamingStatus.STARTED] }));
    pattern.detail.voiceConnectorId = [event.detail.voiceConnectorId]; // known at deployment
    const sent = { 'source': event.source, 'detail-type': event.detailType, 'detail': event.detail };
    expect(matches(pattern, sent)).toBe(true);
    expect(matches(pattern, { ...sent, detail: { ...event.detail, streamingStatus: 'ENDED' } })).toBe(false);
  });

  test('the end of a meeting', async () => {
    const event = eventOf(await inhabited(), 'meetingEnded');
    const pattern = patternOf((stack) => ChimeMeetingPool.fromChimeMeetingPoolAttributes(stack, 'Rooms', {
      poolName: 'room', checkoutFunction: lambda.Function.fromFunctionName(stack, 'Checkout', 'checkout'),
    }).onMeetingEvent('Rule', { eventTypes: [MeetingEventType.MEETING_ENDED] }));
    const detail = { ...event.detail, externalMeetingId: `room/${event.detail.externalMeetingId}` };
    expect(matches(pattern, { 'source': event.source, 'detail-type': event.detailType, detail })).toBe(true);
    expect(matches(pattern, { 'source': event.source, 'detail-type': event.detailType, 'detail': { ...detail, eventType: 'chime:MeetingStarted' } })).toBe(false);
  });

  test('a participant that publishes to a stage', async () => {
    const event = eventOf(await inhabited(), 'stagePublished');
    const pattern = patternOf((stack) => RealTimeStage.fromStageArn(stack, 'Stage', event.resources![0]).onStageUpdate('Rule'));
    expect(matches(pattern, { 'source': event.source, 'detail-type': event.detailType, 'detail': event.detail, 'resources': event.resources })).toBe(true);
  });

  test('an encoder that publishes', async () => {
    const emulator = await inhabited();
    const [{ stages: [{ arn: stageArn }] }] = emulator.stateOf('ivs-realtime') as any;
    emulator.edit({ service: 'ivs-realtime', resource: 'encoder', stageArn });
    const event = eventOf(emulator, 'ingestPublished');
    const pattern = patternOf((stack) => IngestConfiguration.fromIngestConfigurationAttributes(stack, 'Ingest', {
      ingestConfigurationArn: 'arn:aws:ivs:us-east-1:000000000000:ingest-configuration/abcdefghijkl',
      participantId: event.detail.participant_id as string,
      stage: RealTimeStage.fromStageArn(stack, 'Stage', stageArn),
    }).onPublished('Rule'));
    expect(matches(pattern, { 'source': event.source, 'detail-type': event.detailType, 'detail': event.detail, 'resources': event.resources })).toBe(true);
  });
});
