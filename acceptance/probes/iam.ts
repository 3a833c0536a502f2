import { ChimeSDKMeetingsClient, CreateMeetingWithAttendeesCommand } from '@aws-sdk/client-chime-sdk-meetings';
import { IVSRealTimeClient, ListIngestConfigurationsCommand } from '@aws-sdk/client-ivs-realtime';
import { DescribeSignalingChannelCommand, KinesisVideoClient, TagResourceCommand } from '@aws-sdk/client-kinesis-video';
import { RealTimeResources } from './ivs-resources';
import { Channels, withStream } from './kinesisvideo-resources';
import { Meetings } from './meeting-resources';
import { answerOf, denialAfterPropagation, deniedResource, denialOf, finding, nameOf, untilPermitted } from './support';
import type { Finding, ProbeContext } from '../fact';
import { type RolePolicyName, stackIdOf } from '../policies';

const STACK_TAG = 'cdk-rtc:stack';

const as = (policyOf: RolePolicyName): { readonly policyOf: RolePolicyName } => ({ policyOf });

/** F-01 */
export async function otherStackIsDenied(context: ProbeContext): Promise<Finding> {
  const role = context.client(KinesisVideoClient, as('SignalingChannel'));
  const channels = new Channels(context);
  const stack = stackIdOf(context);
  const tag = (ResourceARN: string) => role.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: STACK_TAG, Value: stack }] }));
  const own = await channels.with('F-01-own', async ({ arn }) => denialAfterPropagation(context, () => tag(arn)), { [STACK_TAG]: stack });
  if (own) return finding(context, false, `The role was denied with ${own.name} for a channel of its own stack.`);
  const denial = await channels.with('F-01', async ({ arn }) => denialOf(context, () => tag(arn)), { [STACK_TAG]: `${stack}-other` });
  return finding(context, denial !== undefined, `For a channel of another stack, the role was ${denial ? `denied with ${denial.name}` : 'not denied'}.`);
}

/** F-02. The role has no permission for meetings. */
export async function resourceOfCreateMeetingWithAttendees(context: ProbeContext): Promise<Finding> {
  const role = context.client(ChimeSDKMeetingsClient, as('SignalingChannel'));
  const meetings = new Meetings(context, 'F-02');
  return meetings.using(async () => {
    const denial = await denialOf(context, async () => {
      const { Meeting } = await role.send(new CreateMeetingWithAttendeesCommand({
        ClientRequestToken: meetings.newToken(),
        ExternalMeetingId: nameOf(context, 'F-02'),
        MediaRegion: context.region,
        Attendees: [{ ExternalUserId: 'first-user' }],
      }));
      meetings.add(Meeting);
    });
    return deniedOn(context, denial && deniedResource(denial), '*');
  });
}

/** F-04 */
export async function resourceOfCreateMeeting(context: ProbeContext): Promise<Finding> {
  const withoutPermission = context.client(ChimeSDKMeetingsClient, as('SignalingChannel'));
  const pool = context.client(ChimeSDKMeetingsClient, as('ChimeMeetingPool'));
  const meetings = new Meetings(context, 'F-04');
  return meetings.using(async () => {
    const Tags = [{ Key: STACK_TAG, Value: stackIdOf(context) }];
    const denied = await denialOf(context, () => meetings.create({ Tags }, withoutPermission));
    const refused = await denialAfterPropagation(context, () => meetings.create({ Tags }, pool));
    if (refused) return finding(context, false, `The policy of the pool was denied with ${refused.name}.`);
    return deniedOn(context, denied && deniedResource(denied), 'meeting/*');
  });
}

function deniedOn(context: ProbeContext, resource: string | undefined, assumed: string): Finding {
  const isAsAssumed = resource === undefined ? undefined : resource === assumed;
  return finding(context, isAsAssumed, resource === undefined ? 'No denial named a resource.' : `The denial named the resource ${resource}.`);
}

/** F-03 */
export async function streamPermissionForMediaStorage(context: ProbeContext): Promise<Finding> {
  const role = context.client(KinesisVideoClient, as('SignalingChannel without the stream'));
  const channels = new Channels(context);
  const own = { [STACK_TAG]: stackIdOf(context) };
  return withStream(context, 'F-03', (streamArn) => channels.with('F-03', async ({ arn }) => {
    await untilPermitted(context, () => role.send(new DescribeSignalingChannelCommand({ ChannelARN: arn })));
    const denial = await denialOf(context, () => channels.record(arn, streamArn, role));
    return deniedWithout(context, denial?.name, 'for the stream');
  }, own));
}

/** F-05 */
export async function tagPermissionToCreateChannel(context: ProbeContext): Promise<Finding> {
  const client = context.client(KinesisVideoClient, as('SignalingChannel without TagResource'));
  const channels = new Channels(context);
  const name = nameOf(context, 'F-05');
  return channels.using(name, async () => {
    await untilPermitted(context, () => answerOf(context, () => client.send(new DescribeSignalingChannelCommand({ ChannelName: name }))));
    const denial = await denialOf(context, () => channels.create(name, { tags: { [STACK_TAG]: stackIdOf(context) }, client }));
    return deniedWithout(context, denial?.name, 'to tag');
  });
}

/** F-06 */
export async function tagPermissionToCreateIngestConfiguration(context: ProbeContext): Promise<Finding> {
  const client = context.client(IVSRealTimeClient, as('IngestConfiguration without TagResource'));
  const resources = new RealTimeResources(context, 'F-06');
  return resources.using(async () => {
    const tags = { ...context.tags, [STACK_TAG]: stackIdOf(context) };
    await untilPermitted(context, () => client.send(new ListIngestConfigurationsCommand({})));
    const denial = await denialOf(context, () => resources.createConfiguration({ tags }, client));
    return deniedWithout(context, denial?.name, 'to tag');
  });
}

function deniedWithout(context: ProbeContext, error: string | undefined, permission: string): Finding {
  return finding(context, error !== undefined, `Without the permission ${permission}, the role was ${error === undefined ? 'allowed' : `denied with ${error}`}.`);
}
