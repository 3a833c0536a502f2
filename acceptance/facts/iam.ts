import type { Fact } from '../fact';
import {
  otherStackIsDenied,
  resourceOfCreateMeeting,
  resourceOfCreateMeetingWithAttendees,
  streamPermissionForMediaStorage,
  tagPermissionToCreateChannel,
  tagPermissionToCreateIngestConfiguration,
} from '../probes/iam';

const section = 'IAM';

export const IAM_FACTS: readonly Fact[] = [
  {
    id: 'F-01',
    section,
    statement: 'Each service evaluates the tag conditions (`aws:ResourceTag`, `aws:RequestTag`) as its service authorization reference says',
    question: 'Can the handlers of one stack tag a channel that carries the owner tag of another stack?',
    assumption: 'No. The service denies the call, and it permits the call for a channel of the same stack.',
    behavior: 'The handlers check the owner in any case. If a service denies a permitted call, [`tagConditions: false`](provider.md#turn-off-tag-conditions) removes the conditions',
    run: 'standard',
    probe: otherStackIsDenied,
  },
  {
    id: 'F-02',
    section,
    statement: 'The resource that IAM evaluates for `chime:CreateMeetingWithAttendees`. The service authorization reference lists none',
    question: 'Which resource does a denial of CreateMeetingWithAttendees name?',
    assumption: 'The denial names `*`, so no narrower resource is known to work.',
    behavior: 'The policy allows `*`, with a condition for the owner tag',
    run: 'standard',
    probe: resourceOfCreateMeetingWithAttendees,
  },
  {
    id: 'F-03',
    section,
    statement: '`kinesisvideo:UpdateMediaStorageConfiguration` also requires a permission for the stream',
    question: 'Is a role denied that has the permission for the channel, but not for the stream?',
    assumption: 'Yes. The service requires both permissions.',
    behavior: 'The policy allows the channel and the stream',
    run: 'standard',
    probe: streamPermissionForMediaStorage,
  },
  {
    id: 'F-04',
    section,
    statement: '`chime:CreateMeeting` is evaluated against `meeting/*`. Two denials that users posted name this resource',
    question: 'Which resource does a denial of CreateMeeting name, and does the policy of the pool allow the call?',
    assumption: 'The denial names `meeting/*`, and the policy allows the call.',
    behavior: 'The policy allows `meeting/*`. If the service evaluates another resource, every creation of a meeting fails with AccessDenied, and the maintainer of the pool reports the error',
    run: 'standard',
    probe: resourceOfCreateMeeting,
  },
  {
    id: 'F-05',
    section,
    statement: 'CreateSignalingChannel with tags also requires `kinesisvideo:TagResource`',
    question: 'Is a role denied that may create channels with tags, but may not tag?',
    assumption: 'Yes. The service requires both permissions.',
    behavior: 'The policy allows both actions. If only the first action is required, the second permission has no effect on a create',
    run: 'standard',
    probe: tagPermissionToCreateChannel,
  },
  {
    id: 'F-06',
    section,
    statement: 'CreateIngestConfiguration with tags also requires `ivs:TagResource`',
    question: 'Is a role denied that may create ingest configurations with tags, but may not tag?',
    assumption: 'Yes. The service requires both permissions.',
    behavior: 'The policy allows both actions. If only the first action is required, the second permission has no effect on a create',
    run: 'standard',
    probe: tagPermissionToCreateIngestConfiguration,
  },
];
