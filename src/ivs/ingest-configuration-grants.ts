import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { grantDecryptionOfSecret } from './private/secret-decryption';

/**
 * Grants on an ingest configuration.
 */
export class IngestConfigurationGrants {
  /**
   * Returns the grants on the secret that holds the stream key.
   *
   * @param streamKeySecret The secret with the stream key.
   */
  public static fromStreamKeySecret(streamKeySecret: secretsmanager.ISecret): IngestConfigurationGrants {
    return new IngestConfigurationGrants(streamKeySecret);
  }

  private constructor(private readonly streamKeySecret: secretsmanager.ISecret) {}

  /**
   * Grants reading the stream key. Any holder of the stream key can publish to the stage. If the secret has a customer-managed key, the grant includes
   * decrypting the secret.
   *
   * @param grantee The principal to grant access to.
   */
  public readStreamKey(grantee: iam.IGrantable): iam.Grant {
    const grant = this.streamKeySecret.grantRead(grantee);
    const decryption = grantDecryptionOfSecret(this.streamKeySecret, grantee);
    return decryption ? grant.combine(decryption) : grant;
  }
}
