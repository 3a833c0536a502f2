import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';

/**
 * Grants around an ingest configuration.
 */
export class IngestConfigurationGrants {
  /**
   * Grants on the secret that holds the stream key.
   *
   * @param streamKeySecret the secret with the stream key
   */
  public static fromStreamKeySecret(streamKeySecret: secretsmanager.ISecret): IngestConfigurationGrants {
    return new IngestConfigurationGrants(streamKeySecret);
  }

  private constructor(private readonly streamKeySecret: secretsmanager.ISecret) {}

  /**
   * Read the stream key, which lets its holder publish to the stage: read the secret, and decrypt it where it has a key of its own.
   *
   * @param grantee who may
   */
  public readStreamKey(grantee: iam.IGrantable): iam.Grant {
    return this.streamKeySecret.grantRead(grantee);
  }
}
