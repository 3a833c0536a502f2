import { ServiceError } from '../errors';
import { CallContext, Input } from '../service';
import { assertActive, Context, invalidArgument, regionOf, streamByEither } from './lookup';
import { nextVersion, Stream } from './state';

/* The whole document each time. Without one, the update deletes what is there. What is checked here, the documentation states. */

export function describeImageGeneration(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const { imageGeneration } = streamByEither(context, call, input);
  return { ImageGenerationConfiguration: imageGeneration };
}

export function updateImageGeneration(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const given = input.ImageGenerationConfiguration ?? undefined;
  if (given) assertImageGeneration(given, call.region);
  const defaults = context.options.imageGenerationDefaults;
  return change(context, input, call, { imageGeneration: given && { ...defaults, ...given } });
}

export function describeNotification(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const { notification } = streamByEither(context, call, input);
  return { NotificationConfiguration: notification };
}

export function updateNotification(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const given = input.NotificationConfiguration ?? undefined;
  if (given) assertTopic(context, given.DestinationConfig.Uri, call.region);
  return change(context, input, call, { notification: given });
}

function change(
  context: Context, input: Input, call: CallContext, setting: Pick<Stream, 'imageGeneration'> | Pick<Stream, 'notification'>,
): Record<string, unknown> {
  const stream = streamByEither(context, { ...call, readAt: call.now }, input);
  assertActive(context, 'stream', stream);
  const isDeletion = Object.values(setting)[0] === undefined;
  if (!isDeletion && stream.dataRetentionInHours === 0) {
    throw new ServiceError('NoDataRetentionException', `The stream ${stream.name} has a data retention of 0 hours.`);
  }
  const { streams } = regionOf(context, call);
  const { settingsChangeStatus = true } = context.options;
  streams.change(stream.arn, call.now, current => ({
    ...current, ...setting, ...settingsChangeStatus && { status: 'UPDATING' as const, version: nextVersion(current.arn, current.version) },
  }));
  if (settingsChangeStatus) streams.change(stream.arn, call.now + context.engine.timings.updating, updated => ({ ...updated, status: 'ACTIVE' }));
  return {};
}

function assertImageGeneration({ SamplingInterval, Format, FormatConfig, DestinationConfig }: Input, region: string): void {
  if (SamplingInterval < 200) throw invalidArgument('SamplingInterval must be at least 200 milliseconds.');
  if (!/^s3:\/\/[^/]+/.test(DestinationConfig.Uri)) throw invalidArgument('The Uri of the DestinationConfig must be an S3 URI.');
  if (DestinationConfig.DestinationRegion !== region) throw invalidArgument('The DestinationRegion must be the region of the stream.');
  const quality = FormatConfig?.JPEGQuality;
  if (quality === undefined) return;
  if (Format !== 'JPEG') throw invalidArgument('JPEGQuality is only valid for the format JPEG.');
  if (!/^\d{1,3}$/.test(quality) || Number(quality) < 1 || Number(quality) > 100) throw invalidArgument('JPEGQuality must be from 1 to 100.');
}

function assertTopic({ options }: Context, uri: string, region: string): void {
  if (!/^arn:[a-z\d-]+:sns:[a-z0-9-]+:\d{12}:[a-zA-Z0-9_-]+$/.test(uri)) throw invalidArgument('The Uri of the DestinationConfig must be the ARN of a standard SNS topic.');
  if (options.otherRegionTopics === 'refuse' && uri.split(':')[3] !== region) throw invalidArgument('The topic must be in the region of the stream.');
}
