import { type ChimeSDKVoiceClient, ListTagsForResourceCommand, TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-chime-sdk-voice';
import { CHIME_ERROR_CLASSES } from '../chime-error-classes';
import { unlessGone } from '../engine/error-classes';
import type { ParentTags } from '../engine/parent-setting';
import { tagList, tagRecord } from '../engine/properties';

const ARN = /^arn:[a-z\d-]+:chime:([a-z0-9-]+):\d+:vc\/([^/]+)$/;

/** Every setting of a voice connector shares these members of its declaration. */
export const VOICE_CONNECTOR = {
  errorClasses: CHIME_ERROR_CLASSES,
  parent: { noun: 'voice connector', option: 'voiceConnector', property: 'VoiceConnectorArn' },
  regionOf: (arn: string): string | undefined => ARN.exec(arn)?.[1],
  attributes: (arn: string) => ({ VoiceConnectorId: voiceConnectorIdOf(arn) }),
} as const;

export function voiceConnectorIdOf(arn: string): string {
  return ARN.exec(arn)![2]!;
}

export function untagCommand(arn: string, keys: { readonly owner: string; readonly former: string }): string {
  return `aws chime-sdk-voice untag-resource --region ${VOICE_CONNECTOR.regionOf(arn)} --resource-arn ${arn} --tag-keys ${keys.owner} ${keys.former}`;
}

/** The tags of a voice connector, which only the `chime-sdk-voice` namespace has. */
export function voiceConnectorTags(client: ChimeSDKVoiceClient, arn: string, abortSignal: AbortSignal): ParentTags {
  return {
    list: () => unlessGone(CHIME_ERROR_CLASSES, async () => {
      const { Tags = [] } = await client.send(new ListTagsForResourceCommand({ ResourceARN: arn }), { abortSignal });
      return tagRecord(Tags);
    }),
    set: async (tags) => { await client.send(new TagResourceCommand({ ResourceARN: arn, Tags: tagList(tags) }), { abortSignal }); },
    delete: async (keys) => {
      await unlessGone(CHIME_ERROR_CLASSES, () => client.send(new UntagResourceCommand({ ResourceARN: arn, TagKeys: keys }), { abortSignal }));
    },
  };
}
