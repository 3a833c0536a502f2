import { ServiceError } from '../errors';
import { knownMembers } from '../model';
import { nameFromToken, tokenFromName } from '../paging';
import { CallContext, Input, Tags } from '../service';
import { mapOfTags } from '../tags';
import { validate, validationMessage } from '../validation';
import { badRequest, connectorById, Context, regionsOf, visibleConnectors } from './lookup';
import { arnOf, Region, VoiceConnector } from './state';

export function getVoiceConnector(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  return { VoiceConnector: shown(context, connectorById(context, call, input.VoiceConnectorId, call.readAt)) };
}

export function listVoiceConnectors(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const { MaxResults = 100, NextToken } = input;
  const after = NextToken === undefined ? '' : nameFromToken(NextToken);
  if (after === undefined) throw badRequest('The NextToken is not valid.');
  const remaining = visibleConnectors(context, call, call.readAt).filter(({ id }) => id > after).sort((a, b) => a.id < b.id ? -1 : 1);
  const page = remaining.slice(0, MaxResults);
  return {
    VoiceConnectors: page.map(connector => shown(context, connector)),
    ...remaining.length > page.length && { NextToken: tokenFromName(page.at(-1)!.id) },
  };
}

export function createVoiceConnector(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const { Name, AwsRegion = call.region, RequireEncryption, NetworkType = 'IPV4_ONLY', Tags: given = [] } = input;
  const tags = mapOfTags(given, badRequest);
  const wanted = { name: Name, awsRegion: AwsRegion, requireEncryption: RequireEncryption, networkType: NetworkType, tags };
  return { VoiceConnector: shown(context, newConnector(context, regionsOf(context, call)[0], wanted, call.now)) };
}

export function deleteVoiceConnector(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const connector = connectorById(context, call, input.VoiceConnectorId, call.now);
  for (const region of regionsOf(context, call)) removeConnector(region, connector.arn, call.now);
  return {};
}

/** Its settings go with it. */
export function removeConnector({ connectors, numbers }: Region, arn: string, now: number): void {
  const id = connectors.byArn(arn, now)?.id;
  if (id !== undefined && numbers.all(now).some(({ holder }) => holder === id)) {
    throw badRequest('The Voice Connector has phone numbers. Disassociate the phone numbers first.');
  }
  connectors.change(arn, now, () => undefined);
}

function shown(context: Context, connector: VoiceConnector): unknown {
  return knownMembers(context.model, 'VoiceConnector', {
    VoiceConnectorId: connector.id,
    AwsRegion: connector.awsRegion,
    Name: connector.name,
    OutboundHostName: outboundHostName(connector),
    RequireEncryption: connector.requireEncryption,
    CreatedTimestamp: new Date(connector.created),
    UpdatedTimestamp: new Date(connector.updated),
    VoiceConnectorArn: connector.arn,
    NetworkType: connector.networkType,
  });
}

export function outboundHostName({ id }: VoiceConnector): string {
  return `${id}.voiceconnector.chime.aws`;
}

export type NewVoiceConnector = Pick<VoiceConnector, 'name' | 'awsRegion' | 'requireEncryption' | 'networkType' | 'tags'>;

export function newConnector(context: Context, region: Region, wanted: NewVoiceConnector, now: number): VoiceConnector {
  assertValid(context, wanted);
  const { quotas, propagation = 1000 } = context.state.options;
  if (region.connectors.all(now).length >= (quotas?.voiceConnectors ?? 3)) {
    throw new ServiceError('ResourceLimitExceededException', 'You have reached the maximum number of Voice Connectors for this account and region.', 400);
  }
  const id = context.state.newId(region);
  const connector = { ...wanted, id, arn: arnOf(region, id), created: now, updated: now, visibleFrom: now + propagation };
  region.connectors.add(connector, now);
  return connector;
}

export function assertValid(context: Context, { name, awsRegion, requireEncryption, networkType, tags }: NewVoiceConnector): void {
  const findings = [
    ...validate(context.model, 'VoiceConnector', { Name: name, AwsRegion: awsRegion, RequireEncryption: requireEncryption, NetworkType: networkType }),
    ...Object.keys(tags).length > 0 ? validate(context.model, 'TagList', tagList(tags)) : [],
  ];
  if (findings.length > 0) throw badRequest(validationMessage(findings));
}

export function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
