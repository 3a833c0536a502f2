import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct, IConstruct } from 'constructs';
import type { RtcProviderOptions } from './rtc-provider-options';
import { alarm } from '../private/alarm';
import type { RtcAlarmOptions } from '../rtc-alarm-options';
import { StackProvider } from './private/stack-provider';

/**
 * The functions behind the constructs of this library: two handlers, the provider framework of the AWS CDK, one log group. They are made
 * with the first construct of a stack and shared by all that follow.
 */
export class RtcProvider {
  /**
   * Settings for every stack in `scope` (an app, a stage, or a stack). Where an outer and an inner scope both set the same option, the
   * inner one holds. No option changes the service token, so options may come and go with deployed resources.
   *
   * @param scope an app, a stage or a stack
   * @param options what differs from the defaults
   * @throws if `scope` is configured already, or if a construct of this library already exists in it: its functions are made by then
   */
  public static configure(scope: IConstruct, options: RtcProviderOptions): void {
    StackProvider.configure(scope, options);
  }

  /**
   * An alarm for 1 error or more in 5 minutes, unless another `threshold` is given, of the handlers that serve the stack of `scope`: of its
   * deployments, whose own error says more, and of clean-ups, which CloudFormation reports in the stack's events only.
   *
   * @param scope where the alarm is made; the handlers are made with it where the stack has none yet
   * @param id the id of the alarm
   * @param options threshold, period, name
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
      alarmDescription: 'A resource of cdk-rtc could not be made, changed or removed. The log of the handlers says which and why.',
    }, options);
  }

  private constructor() {}
}
