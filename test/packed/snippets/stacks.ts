import { App, Stack } from 'aws-cdk-lib';
import { RtcProvider } from 'cdk-rtc';
import { Construct } from 'constructs';

export const app = new App();
// As in most apps: lookups need the account and the region.
const env = { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION };

function stack(id: string): Stack {
  return app.node.tryFindChild(id) as Stack ?? new Stack(app, id, { env });
}

/** Pages that share a stack, whose snippets then share the functions of the provider. Another page has a stack of its own: the role of a provider has a limited size. */
const SHARED: Record<string, string[]> = {
  Telephony: ['phone-number', 'telephony', 'voice-connector-streaming'],
  Video: ['drift-monitor', 'mixins', 'provider', 'signaling-channel', 'video-stream'],
  Stages: ['ingest-configuration', 'real-time-stage'],
};

const stackNameOf = (page: string) => Object.keys(SHARED).find((name) => SHARED[name].includes(page)) ?? page;

/** Adds a snippet to the stack of its page. */
export function addToPage(page: string, number: number, create: (this: Construct) => void): void {
  create.call(new Construct(stack(stackNameOf(page)), `${page}-${number}`));
}

/** Adds a snippet to a stack of its own, in which the snippet is the first construct. Settings of the provider have an effect because the stack has handlers. */
export function addStack(page: string, number: number, create: (this: Stack) => void): void {
  const own = stack(`${page}-${number}`);
  create.call(own);
  RtcProvider.alarmOnHandlerErrors(own, 'HandlerErrors');
}
