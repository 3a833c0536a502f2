import { DescribeSignalingChannelCommand, KinesisVideoClient, UpdateSignalingChannelCommand } from '@aws-sdk/client-kinesis-video';
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetScheduleCommand, ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { CfnOutput } from 'aws-cdk-lib';
import { type CaseContext, ifFound, type Subject, type Use } from './subject';
import { RtcDriftMonitor } from '../../src';

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

export const driftMonitor: Subject = {
  area: 'drift-monitor',
  construct: 'RtcDriftMonitor',
  id: 'Monitor',
  type: 'AWS::Lambda::Function',
  expected: (variant) => (variant === 'created' ? { state: { exists: true } } : undefined),
  build: (scope) => {
    const { monitorFunction } = new RtcDriftMonitor(scope, 'DriftMonitor');
    new CfnOutput(scope, 'FunctionName', { value: monitorFunction.functionName }).overrideLogicalId('MonitorFunction');
    return monitorFunction.functionName;
  },
  observe: async (context, id) => {
    const found = await ifFound(context.client(LambdaClient).send(new GetFunctionConfigurationCommand({ FunctionName: id })));
    return found && { exists: true };
  },
  uses: [noticesAnEdit],
};
