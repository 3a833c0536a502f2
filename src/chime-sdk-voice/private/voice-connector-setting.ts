import type { CfnResource, Resource } from 'aws-cdk-lib';
import { VOICE_CONNECTOR_RESOURCE_TYPE } from './voice-connector-properties';
import { validateAdoptExisting } from '../../private/adopt-existing';
import { differ, isUnknown } from '../../private/concrete';
import { referencedResource, referenceKey, validateExclusiveUse } from '../../private/exclusive';
import { ConcurrencyLimit } from '../../provider/private/concurrency-limit';
import type { IVoiceConnectorRef } from '../voice-connector-ref';
import type { VoiceConnectorSettingOptions } from '../voice-connector-setting';

/**
 * Returns findings about the options of a setting, and about another construct in the app that already configures the same setting.
 *
 * @param noun The setting, for example "streaming configuration".
 */
export function validateSetting(
  construct: Resource, voiceConnector: IVoiceConnectorRef, noun: string, { adoptExisting }: VoiceConnectorSettingOptions,
): string[] {
  return [
    ...validateAdoptExisting(adoptExisting),
    ...validateConnectorAccount(construct, voiceConnector),
    ...validateExclusiveUse(construct, 'voiceConnector', `${connectorKey(construct, voiceConnector)} ${noun}`, 'configures this voice connector',
      `it can have only one ${noun}; remove one of the two`),
  ];
}

/** Returns findings about a voice connector whose ARN isn't known at synth. The validation of the properties finds the account of a known ARN. */
export function validateConnectorAccount({ stack }: Resource, { voiceConnectorRef, env, node }: IVoiceConnectorRef): string[] {
  if (!isUnknown(voiceConnectorRef.voiceConnectorArn) || !differ(env.account, stack.account)) return [];
  return [`voiceConnector: must be in the stack's own account (${stack.account}), got ${node.path} in the account ${env.account}; create the stack there`];
}

/** Lets at most one setting of a voice connector be in flight at once: AWS publishes no rate for the calls that change a voice connector. */
export function chainSetting(construct: Resource, voiceConnector: IVoiceConnectorRef, resource: CfnResource): void {
  ConcurrencyLimit.serialize(resource, connectorKey(construct, voiceConnector));
}

/** By the resource or by the ID if one is known, so that an import by ID and an import by ARN are the same voice connector. */
function connectorKey(construct: Resource, voiceConnector: IVoiceConnectorRef): string {
  const { voiceConnectorArn } = voiceConnector.voiceConnectorRef;
  const resource = referencedResource(voiceConnectorArn, VOICE_CONNECTOR_RESOURCE_TYPE);
  if (resource) return resource.node.path;
  const { account, region } = construct.env;
  const id = /:vc\/([a-z0-9-]+)$/.exec(voiceConnectorArn)?.[1];
  if (id === undefined || isUnknown(account) || isUnknown(region)) return referenceKey(construct, voiceConnectorArn);
  return [account, region, id].join(' ');
}
