import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { ChimeMeetingPool, MeetingEventType } from 'cdk-rtc';

const app = new App();
const stack = new Stack(app, 'VideoVisits');

const pool = new ChimeMeetingPool(stack, 'Visits', { size: 2 });
pool.alarmOnEmpty('NoMeetingReady');

const inline = (id: string, code: string, environment: Record<string, string> = {}) => new lambda.Function(stack, id, {
  runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', timeout: Duration.seconds(30), environment, code: lambda.Code.fromInline(code),
});

// Identifies the patient of a request.
const authorizer = inline('Authorizer', `
  exports.handler = async ({ headers }) => ({ isAuthorized: headers.authorization === 'patient-1', context: { patient: headers.authorization } });
`);
const api = inline('Api', `
  const { InvokeCommand, LambdaClient } = require('@aws-sdk/client-lambda');
  const client = new LambdaClient({});
  exports.handler = async ({ requestContext }) => {
    const { Payload } = await client.send(new InvokeCommand({
      FunctionName: process.env.CHECKOUT, Payload: JSON.stringify({ externalUserIds: [requestContext.authorizer.lambda.patient] }),
    }));
    return { statusCode: 200, body: Buffer.from(Payload).toString() };
  };
`, { CHECKOUT: pool.checkoutFunction.functionName });
pool.grants.checkout(api);

const http = new apigateway.HttpApi(stack, 'Http', {
  defaultAuthorizer: new HttpLambdaAuthorizer('Patients', authorizer, { responseTypes: [HttpLambdaResponseType.SIMPLE], resultsCacheTtl: Duration.seconds(0) }),
});
http.addRoutes({ path: '/visits', methods: [apigateway.HttpMethod.POST], integration: new HttpLambdaIntegration('Visit', api) });

const record = inline('Record', 'exports.handler = async ({ detail }) => console.log(detail.eventType, detail.meetingId);');
pool.onMeetingEvent('VisitEnds', { eventTypes: [MeetingEventType.MEETING_ENDED], target: new targets.LambdaFunction(record) });

new CfnOutput(stack, 'ApiId', { value: http.apiId });
new CfnOutput(stack, 'RecordName', { value: record.functionName });
