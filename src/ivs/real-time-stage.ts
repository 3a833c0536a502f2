import { Fn, Resource, Token } from 'aws-cdk-lib';
import type * as ivs from 'aws-cdk-lib/aws-ivs';
import type { Construct } from 'constructs';
import { validateStageArn } from './private/validation';
import { brand, isBranded } from '../private/brand';
import { concrete, opaque } from '../private/concrete';
import { throwIfInvalid } from '../private/errors';

/**
 * An existing IVS real-time stage. To create a stage, use `CfnStage` of aws-cdk-lib.
 *
 * @see https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/what-is.html
 */
export class RealTimeStage extends Resource implements ivs.IStageRef {
  /**
   * Returns whether a value is a `RealTimeStage`, also if another copy of this library in the app created it.
   *
   * @param x The value to test.
   */
  public static isRealTimeStage(x: any): x is RealTimeStage {
    return isBranded(x, 'RealTimeStage');
  }

  /**
   * Imports an existing stage by its ARN.
   *
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param stageArn The ARN of the stage.
   * @throws if the ARN is known at synth and isn't the ARN of a stage
   */
  public static fromStageArn(scope: Construct, id: string, stageArn: string): RealTimeStage {
    throwIfInvalid(scope, validateStageArn('stageArn', concrete(stageArn)), id);
    return new RealTimeStage(scope, id, { stageArn: opaque(stageArn) });
  }

  /**
   * The ARN of the stage.
   */
  public readonly stageRef: ivs.StageReference;

  private constructor(scope: Construct, id: string, stageRef: ivs.StageReference) {
    super(scope, id, { environmentFromArn: stageRef.stageArn });
    brand(this, 'RealTimeStage');
    this.stageRef = stageRef;
  }
}

/** The ID in arn:…:stage/ID. */
export function stageIdOf({ stageRef }: ivs.IStageRef): string {
  const stageArn = opaque(stageRef.stageArn);
  return Token.isUnresolved(stageArn) ? Fn.select(1, Fn.split('/', stageArn)) : stageArn.split('/')[1];
}
