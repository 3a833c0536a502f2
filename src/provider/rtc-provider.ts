import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct, IConstruct } from 'constructs';
import type { RtcProviderOptions } from './rtc-provider-options';
import { alarm } from '../private/alarm';
import type { RtcAlarmOptions } from '../rtc-alarm-options';
import { StackProvider } from './private/stack-provider';

/**
 * The functions that create the resources of this library: two handlers, the provider framework of the AWS CDK, and one log group. The first construct
 * of a stack creates them, and all constructs of the stack share them.
 */
export class RtcProvider {
  /**
   * Sets the options for every stack in `scope`. If an outer and an inner scope set the same option, the option of the inner scope applies. No option
   * changes the service token, so you can add and remove options after resources are deployed.
   *
   * @param scope An app, a stage, or a stack.
   * @param options The options that differ from the defaults.
   * @throws if `scope` is configured already, or if it already contains a construct of this library, because that construct has created the functions
   */
  public static configure(scope: IConstruct, options: RtcProviderOptions): void {
    StackProvider.configure(scope, options);
  }

  /**
   * Creates an alarm for errors of the handlers of a stack: 1 or more in 5 minutes by default. It covers deployments, whose own error has more detail, and
   * cleanups, which CloudFormation reports only in the stack's events.
   *
   * @param scope The scope of the alarm. If its stack has no handlers yet, they are created.
   * @param id The ID of the alarm.
   * @param options The threshold, the period, or the name, if they differ from the defaults.
   */
  public static alarmOnHandlerErrors(scope: Construct, id: string, options?: RtcAlarmOptions): cloudwatch.Alarm {
    const [onEvent, isComplete] = StackProvider.getOrCreate(scope).handlers;
    return alarm(scope, id, (props) => new cloudwatch.MathExpression({
      expression: 'FILL(onEvent, 0) + FILL(isComplete, 0)',
      usingMetrics: { onEvent: onEvent.metricErrors(props), isComplete: isComplete.metricErrors(props) },
      label: 'Errors',
      ...props,
    }), {
      threshold: 1,
      alarmDescription: 'A resource of cdk-rtc could not be created, updated, or deleted. Check the log of the handlers for the resource and the reason.',
    }, options);
  }

  private constructor() {}
}
