import { App, Aspects, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { TemplateGraph } from './template-graph';
import { RtcProvider, SignalingChannel } from '../src';

/** What a channel's resource needs, so that CloudFormation deletes it after the channel. */
function neededByChannel(stack: Stack): { graph: TemplateGraph; needed: ReadonlySet<string> } {
  const graph = new TemplateGraph(Template.fromStack(stack));
  const [channel] = graph.ofType('Custom::RtcSignalingChannel');
  return { graph, needed: graph.needs(channel) };
}

const isIn = (prefix: string) => (id: string) => id.startsWith(prefix);

function networkIn(stack: Stack) {
  const vpc = new ec2.Vpc(stack, 'Vpc', { restrictDefaultSecurityGroup: false });
  const group = new ec2.SecurityGroup(stack, 'Group', { vpc, allowAllOutbound: false });
  return { vpc, group };
}

test('rules of given security groups, interface and gateway endpoints, and routes outlive the last resource, also those that are added later', () => {
  const stack = new Stack(new App(), 'Stack');
  const { vpc, group } = networkIn(stack);
  RtcProvider.configure(stack, { vpc, securityGroups: [group] });
  new SignalingChannel(stack, 'Channel');
  // With a group of its own, which lets the functions in by a rule that is a resource, and with a rule of theirs to get out.
  const endpoint = vpc.addInterfaceEndpoint('Streams', { service: ec2.InterfaceVpcEndpointAwsService.KINESIS_STREAMS, open: false });
  endpoint.connections.allowDefaultPortFrom(group);
  vpc.addGatewayEndpoint('Storage', { service: ec2.GatewayVpcEndpointAwsService.S3 });
  new ec2.CfnSecurityGroupEgress(stack, 'Anywhere', { groupId: group.securityGroupId, ipProtocol: 'tcp', fromPort: 443, toPort: 443, cidrIp: '0.0.0.0/0' });

  const { graph, needed } = neededByChannel(stack);
  expect(graph.ofType('AWS::EC2::VPCEndpoint')).toHaveLength(2);
  for (const type of ['AWS::EC2::VPCEndpoint', 'AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress', 'AWS::EC2::NatGateway']) {
    const ids = graph.ofType(type);
    expect(ids.length).toBeGreaterThan(0);
    expect(ids.filter((id) => !needed.has(id))).toEqual([]);
  }
  const routes = [...graph.ofType('AWS::EC2::Route'), ...graph.ofType('AWS::EC2::SubnetRouteTableAssociation')].filter(isIn('VpcPrivate'));
  expect(routes).toHaveLength(4);
  expect(routes.filter((id) => !needed.has(id))).toEqual([]);
});

test('network ACLs of the VPC outlive the last resource, those of the subnets with NAT gateways too', () => {
  const stack = new Stack(new App(), 'Stack');
  const { vpc, group } = networkIn(stack);
  RtcProvider.configure(stack, { vpc, securityGroups: [group] });
  new SignalingChannel(stack, 'Channel');
  const addNetworkAcl = (id: string, subnetType: ec2.SubnetType) => new ec2.NetworkAcl(stack, id, { vpc, subnetSelection: { subnetType } })
    .addEntry('Out', { cidr: ec2.AclCidr.anyIpv4(), ruleNumber: 100, traffic: ec2.AclTraffic.allTraffic(), direction: ec2.TrafficDirection.EGRESS });
  addNetworkAcl('Private', ec2.SubnetType.PRIVATE_WITH_EGRESS);
  addNetworkAcl('Public', ec2.SubnetType.PUBLIC);

  const { graph, needed } = neededByChannel(stack);
  const network = [...graph.ofType('AWS::EC2::NetworkAclEntry'), ...graph.ofType('AWS::EC2::SubnetNetworkAclAssociation')];
  expect(network).toHaveLength(6);
  expect(network.filter((id) => !needed.has(id))).toEqual([]);
});

test('a VPC that an aspect sets', () => {
  const stack = new Stack(new App(), 'Stack');
  const { vpc, group } = networkIn(stack);
  new SignalingChannel(stack, 'Channel');
  vpc.addGatewayEndpoint('Storage', { service: ec2.GatewayVpcEndpointAwsService.S3 });
  Aspects.of(stack).add({
    visit: (node) => {
      const subnetIds = vpc.privateSubnets.map(({ subnetId }) => subnetId);
      if (lambda.CfnFunction.isCfnFunction(node)) node.vpcConfig = { subnetIds, securityGroupIds: [group.securityGroupId] };
    },
  });
  const { graph, needed } = neededByChannel(stack);
  const network = [...graph.ofType('AWS::EC2::VPCEndpoint'), ...graph.ofType('AWS::EC2::Route').filter(isIn('VpcPrivate'))];
  expect(network).toHaveLength(3);
  expect(network.filter((id) => !needed.has(id))).toEqual([]);
});

test('an application that shares the security group and depends on a channel closes no cycle', () => {
  const stack = new Stack(new App(), 'Stack');
  const { vpc, group } = networkIn(stack);
  RtcProvider.configure(stack, { vpc, securityGroups: [group] });
  const channel = new SignalingChannel(stack, 'Channel');
  const application = new ec2.SecurityGroup(stack, 'Application', { vpc });
  application.connections.allowFrom(group, ec2.Port.tcp(443));
  group.connections.allowFrom(application, ec2.Port.tcp(443));
  application.node.addDependency(channel);
  const graph = new TemplateGraph(Template.fromStack(stack));
  expect(Object.keys(graph.resources).filter((id) => graph.needs(id).has(id))).toEqual([]);
});

test('what has nothing to do with the functions stays apart', () => {
  const stack = new Stack(new App(), 'Stack');
  const { vpc, group } = networkIn(stack);
  const other = new ec2.Vpc(stack, 'Other', { restrictDefaultSecurityGroup: false });
  other.addGatewayEndpoint('Storage', { service: ec2.GatewayVpcEndpointAwsService.S3 });
  new ec2.CfnSecurityGroupEgress(stack, 'Elsewhere', { groupId: 'sg-1', ipProtocol: '-1', cidrIp: '0.0.0.0/0' });
  RtcProvider.configure(stack, { vpc, securityGroups: [group] });
  new SignalingChannel(stack, 'Channel');
  const { needed } = neededByChannel(stack);
  expect([...needed].filter((id) => id.startsWith('Other') || id === 'Elsewhere')).toEqual([]);
});

test('a network of another stack is referred to, and no more', () => {
  const app = new App();
  const { vpc, group } = networkIn(new Stack(app, 'Network'));
  vpc.addGatewayEndpoint('Storage', { service: ec2.GatewayVpcEndpointAwsService.S3 });
  const stack = new Stack(app, 'Stack');
  RtcProvider.configure(stack, { vpc, securityGroups: [group] });
  new SignalingChannel(stack, 'Channel');
  const functions = Template.fromStack(stack).findResources('AWS::Lambda::Function');
  const [framework] = Object.entries(functions).filter(([id]) => id.includes('frameworkonEvent')).map(([, resource]) => resource);
  expect(framework.DependsOn.filter((id: string) => !id.startsWith('CdkRtc'))).toEqual([]);
});

test('without a VPC nothing is added', () => {
  const stack = new Stack(new App(), 'Stack');
  new ec2.Vpc(stack, 'Vpc', { restrictDefaultSecurityGroup: false }).addGatewayEndpoint('Storage', { service: ec2.GatewayVpcEndpointAwsService.S3 });
  new SignalingChannel(stack, 'Channel');
  expect([...neededByChannel(stack).needed].filter(isIn('Vpc'))).toEqual([]);
});
