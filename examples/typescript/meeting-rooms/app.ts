import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { ChimeMeetingPool } from 'cdk-rtc';

const app = new App();
const stack = new Stack(app, 'MeetingRooms');

// The pool keeps some meetings ready.
const pool = new ChimeMeetingPool(stack, 'Rooms', {
  size: Number(app.node.tryGetContext('size') ?? 5),
});
pool.alarmOnEmpty('NoMeetingReady');

// POST /<room>: callers that name the same room get the same meeting. The page passes the response to the client library:
// new MeetingSessionConfiguration(answer.Meeting, answer.Attendees[0]).
//
// Checkout returns the join token of each requested user, even if the user is already in the meeting. The user is therefore the principal that
// signed the request, according to the authorizer of the function URL. A caller must not be able to choose the user.
const api = new lambda.Function(stack, 'Api', {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: 'index.handler',
  timeout: Duration.seconds(30), // if no meeting is ready, checkout creates one on demand
  environment: { CHECKOUT: pool.checkoutFunction.functionName },
  code: lambda.Code.fromInline(`
    const { createHash } = require('node:crypto');
    const { InvokeCommand, LambdaClient } = require('@aws-sdk/client-lambda'); // part of the runtime
    const client = new LambdaClient({});

    exports.handler = async ({ rawPath, requestContext }) => {
      const { userId } = requestContext.authorizer.iam;
      const user = createHash('sha256').update(userId).digest('hex'); // user IDs may be longer than the 64 characters of an external user ID
      // Here is the place to check whether the user may enter the room.
      const request = { clientRequestToken: rawPath.slice(1), externalUserIds: [user] };
      const { Payload, FunctionError } = await client.send(new InvokeCommand({ FunctionName: process.env.CHECKOUT, Payload: JSON.stringify(request) }));
      const { statusCode = FunctionError ? 500 : 200, ...answer } = JSON.parse(Buffer.from(Payload).toString());
      return { statusCode, headers: { 'content-type': 'application/json', 'cache-control': 'no-store' }, body: JSON.stringify(answer) };
    };
  `),
});
pool.grants.checkout(api);

// Callers must sign their requests, because the responses contain join tokens.
const url = api.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM });

new CfnOutput(stack, 'Url', { value: url.url });
new CfnOutput(stack, 'PoolName', { value: pool.poolName });
new CfnOutput(stack, 'CheckoutFunction', { value: pool.checkoutFunction.functionName });
