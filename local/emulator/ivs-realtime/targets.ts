import { CallContext, Input, Operation, Target } from '../service';
import { Context, regionOf } from './lookup';
import { arnOf } from './state';
import { tagsOf } from './tags';

/*
 * What each operation is about, for IAM, limits, faults and the call log. The stage is a resource of GetStage and DisconnectParticipant.
 * A thing that does not exist has no tags: a statement with a condition on them then denies (unverified: F-01).
 */
type Targets = Operation['targets'];

/**
 * The service decides on all resources of the kind, for the id is not known before. Here `new` stands for it, which a policy on all
 * of them allows and one on a single one does not: the simulator would take a `*` for any that a policy names.
 */
export function newTarget(context: Context, kind: 'ingest-configuration' | 'stage' | 'storage-configuration'): Targets {
  return (input, call) => {
    const created: Target = { arn: arnOf(call, kind, 'new'), requestTags: input.tags ?? undefined };
    const { tagOnCreateNeedsTagResource = true } = context.options;
    const tagged = Object.keys(input.tags ?? {}).length > 0;
    return tagged && tagOnCreateNeedsTagResource ? [created, { ...created, action: 'ivs:TagResource' }] : [created];
  };
}

export function byArnTarget(context: Context, member = 'arn'): Targets {
  return (input, call) => [target(context, call, input[member])];
}

export function taggedTarget(context: Context): Targets {
  return (input: Input, call) => [{ ...target(context, call, input.resourceArn), requestTags: input.tags, tagKeys: input.tagKeys }];
}

export function anyTarget(): Target[] {
  return [{ arn: '*' }];
}

function target(context: Context, call: CallContext, arn: string): Target {
  return { arn, tags: tagsOf(regionOf(context, call), arn, call.now) };
}
