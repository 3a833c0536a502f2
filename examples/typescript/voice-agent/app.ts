import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { SignalingChannel, SignalingOperation } from 'cdk-rtc';

const app = new App();
const stack = new Stack(app, 'VoiceAgent');

// No peer connects to the channel. The agent uses it only to request TURN servers, which relay the audio between the agent and the browser.
const relay = new SignalingChannel(stack, 'Relay');

// The execution role of the agent, here for Amazon Bedrock AgentCore Runtime. It can request TURN servers, but it can't connect to the channel.
const agent = new iam.Role(stack, 'Agent', {
  assumedBy: new iam.ServicePrincipal('bedrock-agentcore.amazonaws.com', {
    conditions: {
      StringEquals: { 'aws:SourceAccount': stack.account },
      ArnLike: { 'aws:SourceArn': stack.formatArn({ service: 'bedrock-agentcore', resource: '*' }) },
    },
  }),
});
relay.grants.iceServers(agent);

// Without TURN servers, callers don't hear the agent.
relay.alarmOnFailures('NoTurnServers', SignalingOperation.GET_ICE_SERVER_CONFIG, { threshold: 5 });

// The agent gets the first two outputs as environment variables, so that it doesn't have to look up the channel.
new CfnOutput(stack, 'ChannelArn', { value: relay.signalingChannelArn });
new CfnOutput(stack, 'IceServerEndpoint', { value: relay.masterHttpsEndpoint });
new CfnOutput(stack, 'AgentRoleArn', { value: agent.roleArn });
