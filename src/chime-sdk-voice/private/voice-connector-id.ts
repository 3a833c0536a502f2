import { Fn, Token } from 'aws-cdk-lib';
import { opaque } from '../../private/concrete';

/** arn:…:vc/ID */
export function voiceConnectorIdOf(voiceConnectorArn: string): string {
  const arn = opaque(voiceConnectorArn);
  return Token.isUnresolved(arn) ? Fn.select(1, Fn.split('/', arn)) : arn.split('/')[1];
}
