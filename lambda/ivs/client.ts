import { IVSRealTimeClient } from '@aws-sdk/client-ivs-realtime';
import type { ErrorClass } from '../engine/error-classes';
import { REQUEST_HANDLER } from '../engine/service-client';

/**
 * The error classes of both services that an ingest configuration uses. An error name that both services have has the same meaning.
 * https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_Operations.html
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
 */
export const IVS_ERROR_CLASSES: Record<string, ErrorClass> = {
  ResourceNotFoundException: 'gone',
  ConflictException: 'conflict',
  PendingVerification: 'terminal',
  ServiceQuotaExceededException: 'terminal',
  ValidationException: 'terminal',
  ResourceExistsException: 'conflict',
  // Its model gives it no status.
  InternalServiceError: 'busy',
  // Errors of the secret's key: the permission may not be effective yet.
  EncryptionFailure: 'denied',
  DecryptionFailure: 'denied',
};

/**
 * One client per region. It retries nothing: Create has no token that would make a retry safe, and all configurations of the account share five calls per
 * second, which are too few for attempts that the next poll makes anyway.
 */
export function ivsRealtimeClient(region: string): IVSRealTimeClient {
  return new IVSRealTimeClient({ region, maxAttempts: 1, requestHandler: REQUEST_HANDLER });
}
