import { Collection } from '../collection';
import { ServiceError } from '../errors';
import { Edit } from '../service';
import { editedTags } from '../tags';
import { Channel, nextVersion, Regions, Stream } from './state';

/**
 * An out-of-band change: immediately, without the service's checks.
 *
 * channel: delete, messageTtlSeconds, status, tags ({ key: value | null }, null removes), replaceTags, storageStreamArn (null: DISABLED),
 *          bumpVersion. A status stays: the transition under way no longer changes it. A changed time to live or storage makes a new
 *          version, as a call would.
 * stream: delete, dataRetentionInHours, status, tags, replaceTags, imageGeneration and notification (null: none).
 */
export interface KinesisVideoEdit extends Edit {
  readonly delete?: boolean;
  readonly messageTtlSeconds?: number;
  readonly status?: Channel['status'];
  readonly tags?: Record<string, string | null>;
  readonly replaceTags?: Record<string, string>;
  readonly storageStreamArn?: string | null;
  readonly bumpVersion?: boolean;
  readonly dataRetentionInHours?: number;
  readonly imageGeneration?: object | null;
  readonly notification?: object | null;
}

const known = [
  'service', 'resource', 'delete', 'messageTtlSeconds', 'status', 'tags', 'replaceTags', 'storageStreamArn', 'bumpVersion', 'dataRetentionInHours',
  'imageGeneration', 'notification',
];

export function applyEdit(regions: Regions, given: Edit, now: number): void {
  const edit = given as KinesisVideoEdit;
  const unknown = Object.keys(edit).find(key => !known.includes(key));
  if (unknown) throw new ServiceError('InvalidEdit', `unknown edit ${unknown}; known: ${known.join(', ')}`, 400);
  const found = regions.all().flatMap(region => [
    ...matches(region.channels, edit.resource, now).map(arn => () => region.channels.change(arn, now, channel => editedChannel(channel, edit))),
    ...matches(region.streams, edit.resource, now).map(arn => () => region.streams.change(arn, now, stream => editedStream(stream, edit))),
  ]);
  if (found.length !== 1) throw new ServiceError('InvalidEdit', `${found.length} living resources match ${edit.resource}`, 404);
  found[0]();
}

function matches(collection: Collection<Channel> | Collection<Stream>, resource: string, now: number): string[] {
  return collection.all(now).filter(({ arn, name }) => arn === resource || name === resource).map(({ arn }) => arn);
}

function editedChannel(channel: Channel, edit: KinesisVideoEdit): Channel | undefined {
  if (edit.delete) return undefined;
  const { messageTtlSeconds = channel.messageTtlSeconds, status = channel.status, storageStreamArn = channel.storageStreamArn } = edit;
  const bumped = edit.bumpVersion || edit.messageTtlSeconds !== undefined || edit.storageStreamArn !== undefined;
  return {
    ...channel,
    messageTtlSeconds,
    status,
    storageStreamArn: storageStreamArn ?? undefined,
    tags: editedTags(channel.tags, edit),
    version: bumped ? nextVersion(channel.arn, channel.version) : channel.version,
  };
}

function editedStream(stream: Stream, edit: KinesisVideoEdit): Stream | undefined {
  if (edit.delete) return undefined;
  const { dataRetentionInHours = stream.dataRetentionInHours, status = stream.status } = edit;
  const { imageGeneration = stream.imageGeneration, notification = stream.notification } = edit;
  return {
    ...stream,
    dataRetentionInHours,
    status,
    tags: editedTags(stream.tags, edit),
    imageGeneration: imageGeneration ?? undefined,
    notification: notification ?? undefined,
  };
}
