import { Fn, Token } from 'aws-cdk-lib';
import type * as ivs from 'aws-cdk-lib/aws-ivs';
import { opaque } from '../../private/concrete';

/** The ID in arn:…:stage/ID. */
export function stageIdOf({ stageRef }: ivs.IStageRef): string {
  const stageArn = opaque(stageRef.stageArn);
  return Token.isUnresolved(stageArn) ? Fn.select(1, Fn.split('/', stageArn)) : stageArn.split('/')[1];
}
