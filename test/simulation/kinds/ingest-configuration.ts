import * as fc from 'fast-check';
import {
  handlerPolicies, type Kind, nameOf, ownerTagsOf, perform, referenced, regionsOf, remoteOf, retain, retainProperty, tagDifference, tagProperty, tags,
} from './kind';
import type { Emulator } from '../../../local/emulator';
import { INGEST_CONFIGURATION_RESOURCE_TYPE } from '../../../src/ivs/private/resource-types';
import { halfTheTime, rarely } from '../chance';

/* eslint-disable @typescript-eslint/no-explicit-any */

/** Those of a configuration, or of the value of its secret. */
function streamKeysOf({ streamKey, redundantIngestCredentials = [] }: any): string[] {
  return [streamKey, ...redundantIngestCredentials.map((one: any) => one.streamKey)];
}

function endpointOf(emulator: Emulator, arn?: string): string | undefined {
  return arn && perform(emulator, 'ivs-realtime', 'GetStage', { arn }).stage.endpoints.rtmps;
}

export const ingestConfiguration: Kind = {
  name: 'ingestConfiguration',
  type: INGEST_CONFIGURATION_RESOURCE_TYPE,
  service: 'ivs-realtime',
  policies: handlerPolicies('simulatedIngestConfiguration'),
  desired: fc.record({
    name: halfTheTime(fc.constantFrom('x', 'y', 'shared')),
    disconnect: rarely(fc.constant(true), 2),
    retain,
    userId: halfTheTime(fc.constantFrom('u', 'v')),
    redundantIngest: fc.boolean(),
    stage: halfTheTime(fc.constantFrom('1', '2')),
    tags,
  }),
  neighbor: { name: 'x', redundantIngest: false },
  lastChange: { tags: { last: 'one' } },
  // Its secret identifies a late delivery.
  refusesLateDeliveries: true,
  properties: (emulator, place, stackId, desired) => ({
    SecretArn: referenced(emulator, 'AWS::SecretsManager::Secret', place, { Name: place, Tags: [{ Key: 'cdk-rtc:stack', Value: stackId }] }),
    ...desired.name ? { Name: nameOf(place, desired.name) } : {},
    ...desired.disconnect ? { OnLivePublisher: 'DISCONNECT' } : {},
    ...retainProperty(desired),
    ...desired.userId ? { UserId: desired.userId } : {},
    ...desired.redundantIngest ? { RedundantIngest: true } : {},
    ...desired.stage ? { StageArn: referenced(emulator, 'AWS::IVS::Stage', `${place}-${desired.stage}`, {}) } : {},
    ...tagProperty(desired),
  }),
  createConflict: (emulator, { Name }, owner) => {
    perform(emulator, 'ivs-realtime', 'CreateIngestConfiguration', { name: Name, ingestProtocol: 'RTMPS', tags: owner });
  },
  ownerTagsOf,
  createOnly: ({ Name, UserId }) => [Name, UserId],
  staysForGood: ({ name }) => name === undefined,
  remotes: (emulator) => regionsOf(emulator, 'ivs-realtime').flatMap(({ ingestConfigurations }) => ingestConfigurations).map(remoteOf),
  difference: ({ id, state }, desired, properties, emulator, version) => {
    const { ingestConfiguration: actual } = perform(emulator, 'ivs-realtime', 'GetIngestConfiguration', { arn: id });
    const { SecretString = '{}' } = perform(emulator, 'secrets-manager', 'GetSecretValue', { SecretId: properties.SecretArn });
    if (streamKeysOf(JSON.parse(SecretString)).join() !== streamKeysOf(actual).join()) return 'the secret does not hold its stream keys';
    // The previous version writes none, and keeps the one that it finds.
    const { rtmpsEndpoint } = JSON.parse(SecretString);
    if (version === 'current' && rtmpsEndpoint !== endpointOf(emulator, properties.StageArn)) return `the server URL in the secret is ${rtmpsEndpoint}`;
    if (properties.Name && state.name !== properties.Name) return `is named ${state.name}`;
    if (state.userId !== (desired.userId ?? '')) return `user ID is ${state.userId}`;
    if (state.redundantIngest !== desired.redundantIngest) return `redundant ingest is ${state.redundantIngest}`;
    if (state.stageArn !== (properties.StageArn ?? '')) return `publishes to ${state.stageArn}`;
    return tagDifference(state.tags, desired);
  },
  attributes: ({ id }, _, emulator) => {
    const { name, participantId } = perform(emulator, 'ivs-realtime', 'GetIngestConfiguration', { arn: id }).ingestConfiguration;
    return { Name: name, ParticipantId: participantId };
  },
  edits: {
    strip: { replaceTags: {} },
    remove: { delete: true },
    change: { stageArn: null },
    live: { state: 'ACTIVE' },
    end: { state: 'INACTIVE' },
    endpoint: ({ StageArn }) => StageArn && { resource: StageArn, endpoints: { rtmps: `rtmps://${StageArn.slice(-12)}.changed:443/app/` } },
  },
};
