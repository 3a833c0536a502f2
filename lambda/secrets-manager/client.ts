import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientSettings } from '../engine/service-client';

/** One client per region. */
export function secretsManagerClient(region: string): SecretsManagerClient {
  return new SecretsManagerClient(clientSettings(region));
}
