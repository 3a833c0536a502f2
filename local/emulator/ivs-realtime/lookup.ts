import { ServiceError } from '../errors';
import { parseArn } from '../kinesisvideo/state';
import { CallContext, ResourceRequest } from '../service';
import { IvsRealtimeOptions, regions } from './options';
import { IngestConfiguration, Region, Regions } from './state';

/** What the operations work with. */
export interface Context {
  readonly options: IvsRealtimeOptions;
  readonly regions: Regions;
  /** Responses with redundant credentials. */
  responses: number;
}

export function regionOf(context: Context, call: CallContext): Region {
  return context.regions.of(call.account, call.region);
}

/** Where CloudFormation creates a resource. */
export function regionOfResource(context: Context, type: string, { account, region }: ResourceRequest): Region {
  if (!regions.includes(region)) throw new ServiceError('UnsupportedRegion', `${type} does not exist in ${region}`, 400);
  return context.regions.of(account, region);
}

export function invalidRequest(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

export function notFound(arn: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', `Resource: ${arn} not found`);
}

/** The configuration of an ARN at a time. An ARN of another region is the ARN of nothing here. */
export function configurationByArn(context: Context, call: CallContext, arn: string, time: number): IngestConfiguration {
  assertOwnAccount(call, arn);
  const configuration = regionOf(context, call).ingestConfigurations.byArn(arn, time);
  if (!configuration) throw notFound(arn);
  return configuration;
}

/** There are no resource policies, so no principal has access to another account. */
export function assertOwnAccount(call: CallContext, arn: string): void {
  if (parseArn(arn).account !== call.account) throw new ServiceError('AccessDeniedException', `Not authorized to access ${arn}`);
}

export function assertVerified({ options }: Context): void {
  if (options.pendingVerification) throw new ServiceError('PendingVerification', 'Your account is pending verification.');
}

/** A value that was never given may be absent. */
export function shown<T extends object | string>({ options }: Context, value: T): T | undefined {
  return Object.keys(value).length === 0 && options.unset !== 'empty' ? undefined : value;
}
