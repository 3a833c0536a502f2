import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { ChimeMeetingPool } from 'cdk-rtc';

const app = new App();
const stack = new Stack(app, 'MeetingRooms');

// Some meetings are ready at all times.
const pool = new ChimeMeetingPool(stack, 'Rooms', {
  size: Number(app.node.tryGetContext('size') ?? 5),
});
pool.alarmOnEmpty('NoMeetingReady');

// POST /<room>: callers that name the same room get the same meeting. The answer is what the page hands to the client library:
// new MeetingSessionConfiguration(answer.Meeting, answer.Attendees[0]).
//
// Checkout returns the join token of each user that it is asked for, even if the user is in the meeting already. So the user is the one who signed
// the request, as the authorizer of the function URL says, and never a value that the caller chooses.
const api = new lambda.Function(stack, 'Api', {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: 'index.handler',
  timeout: Duration.seconds(30), // when none is ready, one is made
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

// Callers sign their requests: the answers are keys to meetings.
const url = api.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM });

new CfnOutput(stack, 'Url', { value: url.url });
new CfnOutput(stack, 'PoolName', { value: pool.poolName });
new CfnOutput(stack, 'CheckoutFunction', { value: pool.checkoutFunction.functionName });
