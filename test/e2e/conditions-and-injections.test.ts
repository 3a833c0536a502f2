import { Aspects, CfnCondition, type CfnResource, Duration, Fn, type IAspect, type IPropertyInjector, type InjectionContext, PropertyInjectors, type Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';
import { LocalDeployment } from './local-deployment';
import { ChimeMeetingPool, RtcDriftMonitor, SignalingChannel } from '../../src';

let local: LocalDeployment;
beforeAll(async () => { local = await LocalDeployment.start(); });
afterAll(() => local?.stop());
afterEach(() => local.assertNothingLeft([
  ...local.meetings().map(({ externalMeetingId }) => externalMeetingId),
  ...local.channels().map(({ name }) => name),
]));

describe('a pool and a channel under a condition, with a drift monitor without one', () => {
  const conditional = (holds: boolean) => (stack: Stack) => {
    const condition = new CfnCondition(stack, 'Wanted', { expression: Fn.conditionEquals(holds ? 'yes' : 'no', 'yes') });
    const pool = new ChimeMeetingPool(stack, 'Rooms', { size: 2 });
    const channel = new SignalingChannel(stack, 'Door');
    new SignalingChannel(stack, 'Gate');
    new RtcDriftMonitor(stack, 'Monitor', { schedule: scheduler.ScheduleExpression.rate(Duration.hours(1)) });
    for (const { node } of [pool, channel]) (node.findChild('Resource') as CfnResource).cfnOptions.condition = condition;
  };
  const existing = () => ({ channels: local.channels().length, meetings: local.meetings().length });

  test('deploys without them, with them, and without them again', async () => {
    await local.deployed('Conditional', conditional(false));
    expect(existing()).toEqual({ channels: 1, meetings: 0 });
    await local.deployed('Conditional', conditional(true));
    expect(existing()).toEqual({ channels: 2, meetings: 2 });
    await local.deployed('Conditional', conditional(false));
    expect(existing()).toEqual({ channels: 1, meetings: 0 });
    await local.destroyed('Conditional');
  });
});

describe('what an organization puts on every function', () => {
  /** A dead-letter queue, tracing and a right, by an injector. */
  class Injector implements IPropertyInjector {
    readonly constructUniqueId = lambda.Function.PROPERTY_INJECTION_ID;

    constructor(private readonly deadLetterQueue: sqs.IQueue) {}

    inject(props: lambda.FunctionProps, _context: InjectionContext): lambda.FunctionProps {
      return { ...props, deadLetterQueue: this.deadLetterQueue, tracing: lambda.Tracing.ACTIVE };
    }
  }

  /** The same by an aspect. */
  class Aspect implements IAspect {
    constructor(private readonly deadLetterQueue: sqs.IQueue) {}

    visit(node: IConstruct): void {
      if (!lambda.CfnFunction.isCfnFunction(node)) return;
      node.deadLetterConfig = { targetArn: this.deadLetterQueue.queueArn };
      node.tracingConfig = { mode: 'Active' };
    }
  }

  const injected: [string, (stack: Stack, queue: sqs.IQueue) => void][] = [
    ['an injector', (stack, queue) => PropertyInjectors.of(stack).add(new Injector(queue))],
    ['an aspect', (stack, queue) => Aspects.of(stack).add(new Aspect(queue))],
  ];

  test.each(injected)('by %s is deployed, and the resources are created and deleted', async (name, inject) => {
    const stackName = `By${name.split(' ')[1]}`;
    await local.deployed(stackName, (stack) => {
      inject(stack, new sqs.Queue(stack, 'Failed'));
      new SignalingChannel(stack, 'Door');
      new ChimeMeetingPool(stack, 'Rooms', { size: 1 });
      new RtcDriftMonitor(stack, 'Monitor');
    });
    expect({ channels: local.channels().length, meetings: local.meetings().length }).toEqual({ channels: 1, meetings: 1 });
    await local.destroyed(stackName);
  });
});
