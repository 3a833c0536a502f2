import { ServiceError } from '../errors';
import { Regions } from '../regions';
import { CallContext, Engine } from '../service';
import { SecretsManagerOptions } from './options';
import { arnOf, Region, Secret } from './state';

/** What the operations work with. */
export interface Context {
  readonly engine: Engine;
  readonly options: SecretsManagerOptions;
  readonly regions: Regions<Region>;
}

export function regionOf(context: Context, call: { account: string; region: string }): Region {
  return context.regions.of(call.account, call.region);
}

export function invalidParameter(message: string): ServiceError {
  return new ServiceError('InvalidParameterException', message);
}

export function invalidRequest(message: string): ServiceError {
  return new ServiceError('InvalidRequestException', message);
}

export function notFound(what = ''): ServiceError {
  return new ServiceError('ResourceNotFoundException', `Secrets Manager can't find the specified secret${what ? ` value for ${what}` : '.'}`);
}

/** Names the ones that operations take, not those that are not there any more. */
export function livingSecrets({ secrets }: Region, time: number): Secret[] {
  return secrets.all(time).filter(({ deletionDate = Infinity }) => time < deletionDate);
}

export function secretById(context: Context, call: CallContext, id: string, time: number): Secret {
  assertId(call, id);
  const secret = findSecret(regionOf(context, call), id, time);
  if (!secret) throw notFound();
  return secret;
}

/** For everything that a secret scheduled for deletion refuses. */
export function usableSecretById(context: Context, call: CallContext, id: string, time: number): Secret {
  const secret = secretById(context, call, id, time);
  if (secret.deletionDate !== undefined) {
    throw invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");
  }
  return secret;
}

/**
 * By name, ARN, or ARN without the random characters at the end. What ends like them is taken for a complete ARN, which is why names
 * should not end with a hyphen and six characters.
 */
export function findSecret(region: Region, id: string, time: number): Secret | undefined {
  const living = livingSecrets(region, time);
  if (!isArn(id)) return living.find(({ name }) => name === id);
  const complete = living.find(({ arn }) => arn === id);
  if (complete || /-[A-Za-z0-9]{6}$/.test(id)) return complete;
  return living.find(({ name }) => arnOf(region, name) === id);
}

export function isArn(id: string): boolean {
  return id.startsWith('arn:');
}

export function assertName(name: string): void {
  if (!/^[A-Za-z0-9/_+=.@!-]+$/.test(name)) {
    throw new ServiceError('ValidationException',
      'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!');
  }
}

/** There are no resource policies, so no principal has access to another account. */
function assertId(call: CallContext, id: string): void {
  if (!isArn(id)) return assertName(id);
  const account = id.split(':')[4];
  if (account !== call.account) throw new ServiceError('AccessDeniedException', `Not authorized to access ${id}`);
}
