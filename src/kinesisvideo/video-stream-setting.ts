import type { RemovalPolicy } from 'aws-cdk-lib';

/**
 * Options that every setting of a video stream has.
 */
export interface VideoStreamSettingOptions {
  /**
   * Whether to adopt a setting that the stream already has and that carries no owner tag. The setting is made equal to these options. Its previous values
   * are lost: neither a rollback nor a deletion restores them. A setting that another stack owns by tag is never adopted.
   *
   * @default false - a deployment that meets an existing setting fails and doesn't change the setting
   */
  readonly adoptExisting?: boolean;

  /**
   * A value whose change forces an update, such as a timestamp or the number of a build. CloudFormation otherwise sends no update if no option has
   * changed. Every update compares the setting with these options and corrects the differences, for example after an out-of-band change.
   *
   * @default - no forced update
   */
  readonly forceUpdateNonce?: string;

  /**
   * What happens to the setting when it leaves the stack. With RETAIN, the setting stays, with its owner tag on the stream.
   *
   * @default RemovalPolicy.DESTROY - also if the stream itself is retained
   */
  readonly removalPolicy?: RemovalPolicy;
}
