import { ServiceError } from '../errors';
import { ResourceRequest, ResourceResult, ResourceType } from '../service';
import { mapOfTags } from '../tags';
import { assertValid, newConnector, NewVoiceConnector, outboundHostName, removeConnector } from './connectors';
import { badRequest, Context } from './lookup';
import { regions } from './options';
import { Region, VoiceConnector } from './state';

/**
 * AWS::Chime::VoiceConnector. Ref is the ARN, as in the L1 of aws-cdk-lib; VoiceConnectorId and VoiceConnectorArn are attributes.
 * A name or encryption can be changed, the rest makes a new one (unverified: F-83, from what UpdateVoiceConnector takes).
 */
export function voiceConnectorType(context: Context): ResourceType {
  const create = (request: ResourceRequest): ResourceResult =>
    resultOf(newConnector(context, regionOf(context, request), propertiesOf(request), request.now));
  return {
    create,
    update: request => {
      const { connectors } = regionOf(context, request);
      const connector = connectors.byArn(request.physicalId ?? '', request.now);
      if (!connector) throw new ServiceError('NotFoundException', `${request.physicalId} does not exist`, 404);
      const wanted = propertiesOf(request);
      if (wanted.awsRegion !== connector.awsRegion || wanted.networkType !== connector.networkType) return create(request);
      assertValid(context, wanted);
      connectors.change(connector.arn, request.now, current => ({ ...current, ...wanted, updated: request.now }));
      return resultOf(connectors.byArn(connector.arn, request.now)!);
    },
    delete: request => {
      const { physicalId = '', now } = request;
      // Gone already is as good.
      removeConnector(regionOf(context, request), physicalId, now);
      return { physicalId, attributes: {} };
    },
  };
}

function regionOf(context: Context, { account, region }: ResourceRequest): Region {
  if (!regions.includes(region)) throw badRequest(`AWS::Chime::VoiceConnector does not exist in ${region}`);
  return context.state.of(account, region);
}

const known = ['AwsRegion', 'Name', 'NetworkType', 'RequireEncryption', 'Tags'];

function propertiesOf({ region, properties }: ResourceRequest): NewVoiceConnector {
  const { AwsRegion = region, Name, NetworkType = 'IPV4_ONLY', RequireEncryption, Tags = [] } = properties;
  const unknown = Object.keys(properties).find(name => !known.includes(name));
  if (unknown) throw badRequest(`AWS::Chime::VoiceConnector has no property ${unknown}`);
  if (Name === undefined || RequireEncryption === undefined) throw badRequest('AWS::Chime::VoiceConnector needs the properties Name and RequireEncryption');
  return {
    name: Name as string,
    awsRegion: AwsRegion as string,
    networkType: NetworkType as string,
    // A template may hold a boolean as a string.
    requireEncryption: (RequireEncryption === 'true' || (RequireEncryption !== 'false' && RequireEncryption)) as boolean,
    tags: mapOfTags(Tags as { Key: string; Value: string }[], badRequest),
  };
}

function resultOf(connector: VoiceConnector): ResourceResult {
  const { id, arn, created, updated } = connector;
  return {
    physicalId: arn,
    attributes: {
      VoiceConnectorId: id,
      VoiceConnectorArn: arn,
      OutboundHostName: outboundHostName(connector),
      CreatedTimestamp: new Date(created).toISOString(),
      UpdatedTimestamp: new Date(updated).toISOString(),
    },
  };
}
