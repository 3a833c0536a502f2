import { type ChimeSDKVoiceClient, ListTagsForResourceCommand, TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-chime-sdk-voice';
import * as v from 'valibot';
import type { VoiceConnectorSettingProperties } from '../../src/chime-sdk-voice/private/setting-contract';
import { CHIME_ERROR_CLASSES } from '../chime-error-classes';
import { unlessGone } from '../engine/error-classes';
import type { DesiredSetting, ParentTags, TagKeys } from '../engine/parent-setting';
import { type SchemaEntries, tagList, tagRecord } from '../engine/properties';
import { ADOPTION, SETTING_ENTRIES as COMMON_ENTRIES, type SettingProperties, settingParsers } from '../engine/setting-properties';

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

/** The other tags stay: an adoption deletes the SIP users that they list. */
function untagCommand(arn: string, { owner, former }: TagKeys): string {
  return `aws chime-sdk-voice untag-resource --region ${VOICE_CONNECTOR.regionOf(arn)} --resource-arn ${arn} --tag-keys ${owner} ${former}`;
}

/** The schema entries of the properties that every setting has. */
export const SETTING_ENTRIES = {
  VoiceConnectorArn: v.string(),
  ...COMMON_ENTRIES,
} satisfies SchemaEntries<VoiceConnectorSettingProperties>;

/** The parsed properties that every setting has. Streaming has another property for the adoption, and sets `adoptExisting` itself. */
type ParsedSetting = Omit<v.InferOutput<v.StrictObjectSchema<typeof SETTING_ENTRIES, undefined>>, 'AdoptExisting'> & { readonly AdoptExisting?: boolean };

interface SettingOptions<Parsed, Desired> extends Omit<SettingProperties<Parsed, Desired>, 'regionOf'> {
  readonly noun: string;
  readonly tagKeys: TagKeys;
}

/** The members of a declaration that follow from the schema of its properties. */
export function settingOf<Parsed extends ParsedSetting, Desired extends Pick<DesiredSetting<object>, 'document'>>(
  { noun, tagKeys, schema, validate, toDesired }: SettingOptions<Parsed, Desired>,
) {
  const desiredOf = (parsed: Parsed) => ({
    parentArn: parsed.VoiceConnectorArn, adoptExisting: parsed.AdoptExisting ?? false, retain: parsed.Retain, ...toDesired(parsed),
  });
  return {
    ...VOICE_CONNECTOR,
    noun,
    tagKeys,
    adoption: ADOPTION,
    untagCommand: (arn: string) => untagCommand(arn, tagKeys),
    ...settingParsers({ schema, validate, toDesired: desiredOf, regionOf: VOICE_CONNECTOR.regionOf }),
  };
}

/** Deletes settings that emergency calls may need. The service rejects that with few words. */
export async function advisingOnEmergencyCalls(clear: () => Promise<void>): Promise<void> {
  try {
    await clear();
  } catch (error) {
    if ((error as Error).name === 'BadRequestException') {
      (error as Error).message += '; if the voice connector has an emergency calling configuration, delete that configuration first';
    }
    throw error;
  }
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
