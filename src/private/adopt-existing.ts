import { Token } from 'aws-cdk-lib';

/** Returns findings. */
export function validateAdoptExisting(adoptExisting: boolean | undefined): string[] {
  return Token.isUnresolved(adoptExisting) ? ['adoptExisting: must be known at synth, got a token; give true or false'] : [];
}
