import {
  DescribeStreamCommand, type KinesisVideoClient, ListTagsForStreamCommand, TagStreamCommand, UntagStreamCommand,
} from '@aws-sdk/client-kinesis-video';
import * as v from 'valibot';
import { allTags, KINESIS_VIDEO_ERROR_CLASSES } from './client';
import { VIDEO_STREAM_ARN, type VideoStreamSettingProperties } from '../../src/kinesisvideo/private/video-stream-setting';
import { POLL_INTERVAL, READ_LAG } from '../engine/consistency';
import { classify, TransientError, unlessGone } from '../engine/error-classes';
import type { Parent, ParentTags, TagKeys } from '../engine/parent-setting';
import type { SchemaEntries } from '../engine/properties';
import { ADOPTION, SETTING_ENTRIES as COMMON_ENTRIES, type SettingProperties, settingParsers } from '../engine/setting-properties';
import type { TimeBudget } from '../engine/time-budget';

/** Every setting of a stream shares these members of its declaration. */
const VIDEO_STREAM = {
  errorClasses: KINESIS_VIDEO_ERROR_CLASSES,
  parent: { noun: 'stream', option: 'stream', property: 'StreamArn' },
  adoption: ADOPTION,
  regionOf: regionOfStream,
  // A stream takes a tag only while it is ACTIVE.
  claimTime: READ_LAG,
  attributes: () => ({}),
} as const;

function regionOfStream(arn: string): string | undefined {
  return VIDEO_STREAM_ARN.exec(arn)?.[1];
}

/** The schema entries of the properties that every setting has. */
export const SETTING_ENTRIES = {
  StreamArn: v.string(),
  ...COMMON_ENTRIES,
} satisfies SchemaEntries<VideoStreamSettingProperties>;

type ParsedSetting = v.InferOutput<v.StrictObjectSchema<typeof SETTING_ENTRIES, undefined>>;

interface SettingOptions<Parsed, Document> extends Pick<SettingProperties<Parsed, Document>, 'schema' | 'validate'> {
  readonly noun: string;
  readonly tagKeys: TagKeys;
  readonly toDocument: (parsed: NoInfer<Parsed>) => Document;
  readonly client: (region: string) => KinesisVideoClient;
  readonly operations: (
    client: KinesisVideoClient, StreamARN: string, options: { readonly abortSignal: AbortSignal },
  ) => SettingOperations<NoInfer<Document>>;
}

/** The members of a declaration that follow from the schema of its properties. */
export function settingOf<Parsed extends ParsedSetting, Document extends object>(
  { noun, tagKeys, schema, validate, toDocument, client: clientOf, operations }: SettingOptions<Parsed, Document>,
) {
  const toDesired = (parsed: Parsed) => (
    { parentArn: parsed.StreamArn, adoptExisting: parsed.AdoptExisting, retain: parsed.Retain, document: toDocument(parsed) }
  );
  return {
    ...VIDEO_STREAM,
    noun,
    tagKeys,
    untagCommand: (arn: string) => (
      `aws kinesisvideo untag-stream --region ${regionOfStream(arn)} --stream-arn ${arn} --tag-key-list ${tagKeys.owner} ${tagKeys.former}`
    ),
    connect: (arn: string, budget: TimeBudget): Parent<Document> => {
      const client = clientOf(regionOfStream(arn)!);
      return connectVideoStream(client, arn, budget, operations(client, arn, { abortSignal: budget.signal }));
    },
    ...settingParsers({ schema, validate, toDesired, regionOf: regionOfStream }),
  };
}

/** The operations that read and write one setting of a stream. */
interface SettingOperations<Document> {
  describe(): Promise<Document | undefined>;
  /** Undefined: deletes the document. */
  update(document: Document | undefined): Promise<unknown>;
}

function connectVideoStream<Document>(
  client: KinesisVideoClient, StreamARN: string, budget: TimeBudget, { describe, update }: SettingOperations<Document>,
): Parent<Document> {
  const options = { abortSignal: budget.signal };
  const get = () => unlessGone(KINESIS_VIDEO_ERROR_CLASSES, describe);

  /** The service takes no change of a stream that isn't ACTIVE, and may answer that there is no such stream. Each change may make it UPDATING (unverified: F-93). */
  const change = async (call: () => Promise<unknown>) => {
    for (;;) {
      const status = await unlessGone(KINESIS_VIDEO_ERROR_CLASSES, async () => (
        (await client.send(new DescribeStreamCommand({ StreamARN }), options)).StreamInfo?.Status
      ));
      if (status === 'ACTIVE') break;
      if (!await budget.pause(POLL_INTERVAL)) throw new TransientError(`${StreamARN} is ${status ?? 'not found'}`);
    }
    await call();
  };

  const tags: ParentTags = {
    list: () => unlessGone(KINESIS_VIDEO_ERROR_CLASSES, () => (
      allTags((NextToken) => client.send(new ListTagsForStreamCommand({ StreamARN, NextToken }), options))
    )),
    set: (added) => change(() => client.send(new TagStreamCommand({ StreamARN, Tags: added }), options)),
    delete: (keys) => change(() => client.send(new UntagStreamCommand({ StreamARN, TagKeyList: keys }), options)),
  };

  return {
    tags,
    get,
    put: async (document) => {
      await change(() => update(document));
      // The response has no body.
      return undefined;
    },
    clear: async () => {
      try {
        // The update may make the stream UPDATING for longer than one invocation: if each poll repeated it, the stream could never be untagged.
        await change(async () => { if (budget.elapsed < READ_LAG || await get() !== undefined) await update(undefined); });
      } catch (error) {
        // How the service answers if there is nothing to delete isn't documented.
        if (classify(error, KINESIS_VIDEO_ERROR_CLASSES) !== 'terminal') throw error;
        if (await get() === undefined) return undefined;
        // The retention was changed to 0 after the document was put (unverified: F-92). Without retention the service delivers nothing, and may allow no change either.
        if ((error as Error).name === 'NoDataRetentionException') return 'left';
        throw error;
      }
      return undefined;
    },
  };
}
