/** Every stack and every named resource of any run begins with this prefix, so that a later run finds what an interrupted run left. */
export const PREFIX = 'CdkRtcAcceptance';

/** The key of the tag that each resource of a run carries. Its value is the ID of the run. */
export const RUN_TAG = 'cdk-rtc-acceptance';

/** The key of the tag by which the library marks the stack that owns a resource. Its value is a stack ID. */
export const OWNER_TAG = 'cdk-rtc:stack';

/** The prefix of the names of one run. */
export function namePrefixOf(runId: string): string {
  return `${PREFIX}-${runId}`;
}

/** Whether a name belongs to a run of this command. Names of buckets and of some other resources are lowercase. */
export function isOwnName(name: string): boolean {
  return name.toLowerCase().startsWith(`${PREFIX.toLowerCase()}-`);
}

/** The name of the stack in a stack ID, or the value itself. */
export function stackNameOf(stackId: string): string {
  return /^arn:[^:]+:cloudformation:[^:]*:[^:]*:stack\/([^/]+)/.exec(stackId)?.[1] ?? stackId;
}
