import { CallContext, Operation, Target } from '../service';
import { requestTags } from '../tags';
import { Context, regionOf } from './lookup';
import { arnOf, parseArn } from './state';

/*
 * What each operation is about, for IAM, limits, faults and the call log. A thing that does not exist has no tags: a statement
 * with a condition on them then denies (unverified: F-01).
 */
type Targets = Operation['targets'];

export function newChannelTarget(context: Context): Targets {
  return (input, call) => {
    const created: Target = {
      ...missing(context, call, 'channel', input.ChannelName),
      requestTags: requestTags(input.Tags),
    };
    const tagging: Target = { ...created, action: 'kinesisvideo:TagResource' };
    return context.options.tagOnCreateNeedsTagResource && input.Tags?.length > 0 ? [created, tagging] : [created];
  };
}

export function channelByArnTarget(context: Context, member = 'ChannelARN'): Targets {
  return (input, call) => [channelTarget(context, call, input[member])];
}

export function channelByEitherTarget(context: Context): Targets {
  return (input, call) => {
    const found = input.ChannelName && regionOf(context, call).channels.byName(input.ChannelName, call.now);
    const arn = input.ChannelARN ?? found?.arn;
    if (arn) return [channelTarget(context, call, arn)];
    return input.ChannelName ? [missing(context, call, 'channel', input.ChannelName)] : anyTarget();
  };
}

export function mediaStorageTarget(context: Context): Targets {
  const { recordingNeedsStreamPermission = false } = context.options;
  return (input, call) => {
    const { StreamARN: arn } = input.MediaStorageConfiguration;
    return [channelTarget(context, call, input.ChannelARN), ...arn && recordingNeedsStreamPermission ? [{ arn, limitKey: limitKey(arn) }] : []];
  };
}

export function newStreamTarget(context: Context): Targets {
  return (input, call) => [{ ...missing(context, call, 'stream', input.StreamName), requestTags: input.Tags }];
}

export function streamByEitherTarget(context: Context): Targets {
  return (input, call) => {
    const { streams } = regionOf(context, call);
    const arn = input.StreamARN ?? (input.StreamName && streams.byName(input.StreamName, call.now)?.arn);
    if (arn) return [{ arn, tags: streams.byArn(arn, call.now)?.tags, limitKey: limitKey(arn), requestTags: input.Tags, tagKeys: input.TagKeyList }];
    return input.StreamName ? [missing(context, call, 'stream', input.StreamName)] : anyTarget();
  };
}

export function taggedTarget(context: Context): Targets {
  return (input, call) => [{
    ...channelTarget(context, call, input.ResourceARN), requestTags: requestTags(input.Tags), tagKeys: input.TagKeyList,
  }];
}

export function anyTarget(): Target[] {
  return [{ arn: '*' }];
}

function channelTarget(context: Context, call: CallContext, arn: string): Target {
  const { resourceTagConditions = true } = context.options;
  const channel = regionOf(context, call).channels.byArn(arn, call.now);
  return { arn, tags: resourceTagConditions ? channel?.tags : channel && {}, limitKey: limitKey(arn) };
}

/** The ARN that something of this name would get now. */
function missing(context: Context, call: CallContext, type: 'channel' | 'stream', name: string): Target {
  const arn = arnOf(regionOf(context, call), type, name, call.now);
  return { arn, limitKey: limitKey(arn) };
}

/** By name or by ARN, it is the same thing that is limited. */
function limitKey(arn: string): string {
  const { type, name } = parseArn(arn);
  return `${type}/${name}`;
}
