import type { RemovalPolicy } from 'aws-cdk-lib';

/**
 * Options that every setting of a voice connector has.
 */
export interface VoiceConnectorSettingOptions {
  /**
   * Whether to adopt a setting that the voice connector already has and that carries no owner tag. The setting is made equal to these properties. Its
   * previous values are lost: neither a rollback nor a deletion restores them. From then on, the setting belongs to the stack and is deleted with the
   * stack. To keep the setting, use `RemovalPolicy.RETAIN`, also for a first deployment that may fail. A setting that another stack owns by tag is never
   * adopted.
   *
   * @default false - a deployment that meets an existing setting fails and doesn't change the setting
   */
  readonly adoptExisting?: boolean;

  /**
   * A value whose change forces an update, such as a timestamp or the number of a build. CloudFormation otherwise sends no update if no property has
   * changed. Every update compares the setting with these properties and corrects the differences, for example after an out-of-band change.
   *
   * @default - no forced update
   */
  readonly forceUpdateNonce?: string;

  /**
   * What happens to the setting when it leaves the stack. With RETAIN, the setting stays, with its owner tag on the voice connector. The same construct in
   * the same stack adopts the setting again. Another stack can adopt the setting with `adoptExisting` after the owner tag was removed: the error of the
   * deployment contains the command that removes the tag.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}
