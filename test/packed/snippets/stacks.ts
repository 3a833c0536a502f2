import { App, Stack } from 'aws-cdk-lib';
import { SignalingChannel } from 'cdk-rtc';
import { Construct } from 'constructs';

const app = new App();
// As in most apps: lookups need the account and the region.
const env = { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION };

function stack(id: string): Stack {
  return app.node.tryFindChild(id) as Stack ?? new Stack(app, id, { env });
}

/** Adds a snippet to the stack of its page. */
export function addToPage(page: string, number: number, create: (this: Construct) => void): void {
  create.call(new Construct(stack(page), `Snippet${number}`));
}

/** Adds a snippet to a stack of its own, in which the snippet is the first construct. Settings of the provider have an effect because the stack has a channel. */
export function addStack(page: string, number: number, create: (this: Stack) => void): void {
  const own = stack(`${page}-${number}`);
  create.call(own);
  new SignalingChannel(own, 'Channel');
}
