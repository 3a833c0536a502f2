import { CustomResource } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { type Candidate, each } from './candidate';

/** The least that can be written by hand: one function with its code in the template, which answers CloudFormation itself and waits for nothing. */
export const candidate: Candidate = {
  name: 'inline function',
  add: (stack, count) => {
    const handler = new lambda.Function(stack, 'Handler', {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: lambda.Code.fromInline(CODE),
      initialPolicy: [new iam.PolicyStatement({ actions: ['kinesisvideo:CreateSignalingChannel', 'kinesisvideo:DeleteSignalingChannel'], resources: ['*'] })],
    });
    each(count, (index) => new CustomResource(stack, `Channel${index}`, {
      serviceToken: handler.functionArn, resourceType: 'Custom::Channel', properties: { ChannelName: `channel-${index}` },
    }));
  },
};

const CODE = `
const { CreateSignalingChannelCommand, DeleteSignalingChannelCommand, KinesisVideoClient } = require('@aws-sdk/client-kinesis-video');
const response = require('cfn-response');
const client = new KinesisVideoClient();
exports.handler = async (event, context) => {
  try {
    let id = event.PhysicalResourceId;
    if (event.RequestType === 'Create') id = (await client.send(new CreateSignalingChannelCommand({ ChannelName: event.ResourceProperties.ChannelName }))).ChannelARN;
    if (event.RequestType === 'Delete') await client.send(new DeleteSignalingChannelCommand({ ChannelARN: id }));
    await response.send(event, context, response.SUCCESS, {}, id);
  } catch (error) {
    await response.send(event, context, response.FAILED, {}, event.PhysicalResourceId);
  }
};
`;
