import { DescribeSignalingChannelCommand, KinesisVideoClient, UpdateSignalingChannelCommand } from '@aws-sdk/client-kinesis-video';
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetScheduleCommand, ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import type { Construct } from 'constructs';
import { signaling } from './signaling';
import { type CaseContext, ifFound, type PropertyCases, type Subject, type Use, type Variant } from './subject';
import { RtcDriftMonitor, type RtcDriftMonitorProps } from '../../src';

interface Drift {
  readonly drifted?: readonly { readonly logicalResourceId: string; readonly propertyDifferences: readonly { readonly propertyPath: string }[] }[];
}

/** The properties that a run of the monitor reports as changed. The input is that of the schedule. */
async function differencesFoundBy(context: CaseContext, functionName: string): Promise<string[]> {
  const schedules = context.client(SchedulerClient);
  const { Schedules = [] } = await schedules.send(new ListSchedulesCommand({ NamePrefix: context.namePrefix }));
  const { Target } = await schedules.send(new GetScheduleCommand({ Name: Schedules[0]?.Name }));
  const invocation = new InvokeCommand({ FunctionName: functionName, Payload: Target!.Input as never });
  const { Payload, FunctionError } = await context.client(LambdaClient).send(invocation);
  if (FunctionError) throw new Error(`The monitor failed: ${FunctionError}`);
  const { drifted = [] } = JSON.parse(Buffer.from(Payload!).toString()) as Drift;
  return drifted.flatMap(({ logicalResourceId, propertyDifferences }) => propertyDifferences.map(({ propertyPath }) => `${logicalResourceId}${propertyPath}`));
}

const noticesAnEdit: Use = {
  title: 'notices an out-of-band change',
  expected: 'The monitor reports no difference before the message TTL of the channel is changed out of band, and the changed TTL afterwards.',
  run: async (context, outputs) => {
    const before = await differencesFoundBy(context, outputs.MonitorId);
    if (before.length > 0) throw new Error(`The monitor reported differences before the change: ${before.join(', ')}`);
    const client = context.client(KinesisVideoClient);
    const read = async () => (await client.send(new DescribeSignalingChannelCommand({ ChannelARN: outputs.SignalingId }))).ChannelInfo!;
    const set = async (MessageTtlSeconds: number) => {
      const [ChannelARN, { Version: CurrentVersion }] = [outputs.SignalingId, await read()];
      await client.send(new UpdateSignalingChannelCommand({ ChannelARN, CurrentVersion, SingleMasterConfiguration: { MessageTtlSeconds } }));
      for (let attempt = 0; attempt < 60 && (await read()).ChannelStatus !== 'ACTIVE'; attempt += 1) await new Promise((resolve) => setTimeout(resolve, 1000));
    };
    const desired = (await read()).SingleMasterConfiguration!.MessageTtlSeconds!;
    await set(5);
    try {
      const after = await differencesFoundBy(context, outputs.MonitorId);
      if (after.length !== 1 || !/^Signaling.*\/MessageTtlSeconds$/.test(after[0])) throw new Error(`The monitor reported ${after.join(', ') || 'no difference'}`);
      return `The monitor reported ${after[0]}.`;
    } finally {
      await set(desired);
    }
  },
};

function propsOf(scope: Construct, variant: Variant): RtcDriftMonitorProps {
  if (variant === 'created') return {};
  const channel = Stack.of(scope).node.tryFindChild(signaling.id);
  return { resources: channel && [channel], schedule: ScheduleExpression.rate(Duration.hours(2)) };
}

const properties: PropertyCases<RtcDriftMonitorProps> = {
  construct: 'RtcDriftMonitor',
  props: propsOf,
  cases: { resources: 'update', schedule: 'update' },
};

export const driftMonitor: Subject = {
  area: 'drift-monitor',
  construct: 'RtcDriftMonitor',
  id: 'Monitor',
  type: 'AWS::Lambda::Function',
  properties: [properties],
  expected: (variant) => {
    switch (variant) {
      case 'created': return { state: { schedule: 'rate(1 hour)' } };
      case 'updated': return { state: { schedule: 'rate(2 hours)' } };
      default: return undefined;
    }
  },
  build: (scope, variant) => {
    const { monitorFunction } = new RtcDriftMonitor(scope, 'DriftMonitor', propsOf(scope, variant));
    new CfnOutput(scope, 'FunctionName', { value: monitorFunction.functionName }).overrideLogicalId('MonitorFunction');
    return monitorFunction.functionName;
  },
  observe: async (context, id) => {
    const found = await ifFound(context.client(LambdaClient).send(new GetFunctionConfigurationCommand({ FunctionName: id })));
    if (!found) return undefined;
    const schedules = context.client(SchedulerClient);
    const { Schedules = [] } = await schedules.send(new ListSchedulesCommand({ NamePrefix: context.namePrefix }));
    return { schedule: Schedules[0] && (await schedules.send(new GetScheduleCommand({ Name: Schedules[0].Name }))).ScheduleExpression };
  },
  uses: [noticesAnEdit],
};
