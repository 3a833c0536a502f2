import { CfnResource, Stack } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Dependable, type IConstruct, type IDependable } from 'constructs';
import { renderedResource } from '../../private/template-resource';

const INGRESS = 'AWS::EC2::SecurityGroupIngress';
const EGRESS = 'AWS::EC2::SecurityGroupEgress';
const ASSOCIATION = 'AWS::EC2::SubnetRouteTableAssociation';
const ROUTE = 'AWS::EC2::Route';
const ENDPOINT = 'AWS::EC2::VPCEndpoint';
const SUBNET = 'AWS::EC2::Subnet';
const ACL_ASSOCIATION = 'AWS::EC2::SubnetNetworkAclAssociation';
const ACL_ENTRY = 'AWS::EC2::NetworkAclEntry';

type Properties = { readonly [name: string]: unknown };

/**
 * The resources of a stack through which a function in a VPC reaches the services: the rules of its security groups, the endpoints and network ACLs of
 * its VPC, and the routes of its subnets. The function refers to none of them. Without a dependency, CloudFormation could create them after the function,
 * and delete them before.
 *
 * The resources are found when the dependencies are rendered, because an app may add a rule or an endpoint after the function.
 */
export function networkOf(resource: lambda.CfnFunction): IDependable {
  const network = {};
  Dependable.implement(network, { get dependencyRoots() { return findNetwork(resource); } });
  return network;
}

function findNetwork(resource: lambda.CfnFunction): IConstruct[] {
  const stack = Stack.of(resource);
  const { VpcConfig } = propertiesOf(resource);
  if (!VpcConfig) return [];
  const { SecurityGroupIds = [], SubnetIds = [] } = VpcConfig as { SecurityGroupIds?: unknown[]; SubnetIds?: unknown[] };
  const ofType = (...types: string[]) => stack.node.findAll()
    .filter((node): node is CfnResource => CfnResource.isCfnResource(node) && node.stack === stack && types.includes(node.cfnResourceType))
    .map((node) => ({ node, properties: propertiesOf(node) }));

  const groups = keysOf(SecurityGroupIds);
  const subnets = keysOf(SubnetIds);
  const vpcs = keysOf(ofType('AWS::EC2::SecurityGroup', SUBNET)
    .filter(({ node }) => groups.has(attribute(node, 'GroupId')) || subnets.has(key({ Ref: stack.getLogicalId(node) })))
    .map(({ properties }) => properties.VpcId));
  const endpoints = ofType(ENDPOINT).filter(({ properties }) => vpcs.has(key(properties.VpcId)));
  // The function doesn't need rules for other peers, and such a peer may itself depend on a resource of the library.
  const endpointGroups = keysOf(endpoints.flatMap(({ properties }) => properties.SecurityGroupIds ?? []));
  const rules = [
    ...ofType(EGRESS).filter(({ properties }) => groups.has(key(properties.GroupId)) && isFor(properties.DestinationSecurityGroupId, endpointGroups)),
    ...ofType(INGRESS).filter(({ properties }) => endpointGroups.has(key(properties.GroupId)) && isFor(properties.SourceSecurityGroupId, groups)),
  ];
  const associations = ofType(ASSOCIATION).filter(({ properties }) => subnets.has(key(properties.SubnetId)));
  const tables = keysOf(associations.map(({ properties }) => properties.RouteTableId));
  const routes = ofType(ROUTE).filter(({ properties }) => tables.has(key(properties.RouteTableId)));
  // Of all subnets of the VPC, because the traffic also passes the subnets of NAT gateways and endpoints. A network ACL without its entries denies all traffic.
  const ofVpc = new Set(ofType(SUBNET).filter(({ properties }) => vpcs.has(key(properties.VpcId)))
    .map(({ node }) => key({ Ref: stack.getLogicalId(node) })));
  const acls = ofType(ACL_ASSOCIATION).filter(({ properties: { SubnetId } }) => subnets.has(key(SubnetId)) || ofVpc.has(key(SubnetId)));
  const aclIds = keysOf(acls.map(({ properties }) => properties.NetworkAclId));
  const entries = ofType(ACL_ENTRY).filter(({ properties }) => aclIds.has(key(properties.NetworkAclId)));
  return [...rules, ...associations, ...routes, ...endpoints, ...acls, ...entries].map(({ node }) => node);
}

/** A rule without a group applies to addresses, possibly to the function's address. */
function isFor(peer: unknown, groups: ReadonlySet<string>): boolean {
  return peer === undefined || groups.has(key(peer));
}

function propertiesOf(resource: CfnResource): Properties {
  return renderedResource(resource).Properties ?? {};
}

function attribute(resource: CfnResource, name: string): string {
  return key({ 'Fn::GetAtt': [resource.stack.getLogicalId(resource), name] });
}

function key(value: unknown): string {
  return JSON.stringify(value);
}

function keysOf(values: unknown): ReadonlySet<string> {
  return new Set(Array.isArray(values) ? values.map(key) : []);
}
