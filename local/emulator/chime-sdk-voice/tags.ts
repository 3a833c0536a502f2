import { ServiceError } from '../errors';
import { CallContext, Input, Tags } from '../service';
import { mapOfTags, sameTags } from '../tags';
import { tagList } from './connectors';
import { badRequest, changeConnector, Context, notFound, visibleConnectors } from './lookup';
import { VoiceConnector } from './state';

const maximumTags = 50;

export function tagResource(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const connector = connectorByArn(context, call, input.ResourceARN, call.now);
  const tags = { ...connector.tags, ...mapOfTags(input.Tags, badRequest) };
  if (Object.keys(tags).length > maximumTags) {
    throw new ServiceError('ResourceLimitExceededException', `A resource cannot have more than ${maximumTags} tags.`);
  }
  setTags(context, call, connector, tags);
  return {};
}

export function untagResource(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const connector = connectorByArn(context, call, input.ResourceARN, call.now);
  setTags(context, call, connector, Object.fromEntries(Object.entries(connector.tags).filter(([key]) => !input.TagKeys.includes(key))));
  return {};
}

export function listTagsForResource(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  return { Tags: tagList(connectorByArn(context, call, input.ResourceARN, call.readAt).tags) };
}

/** Nothing else that these operations take is played here. */
function connectorByArn(context: Context, call: CallContext, arn: string, time: number): VoiceConnector {
  const [, , service, , account] = arn.split(':');
  if (service !== 'chime') throw badRequest('ResourceARN is not the ARN of an Amazon Chime resource.');
  if (account !== call.account) throw new ServiceError('ForbiddenException', 'The resource belongs to another account.');
  const found = visibleConnectors(context, call, time).find(connector => connector.arn === arn);
  if (!found) throw notFound('The resource is not found.');
  return found;
}

function setTags(context: Context, call: CallContext, connector: VoiceConnector, tags: Tags): void {
  if (sameTags(connector.tags, tags)) return;
  changeConnector(context, call, connector, current => ({ ...current, tags }));
}
