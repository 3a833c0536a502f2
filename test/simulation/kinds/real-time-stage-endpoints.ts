import * as fc from 'fast-check';
import { handlerPolicies, type Kind, perform, referenced, regionsOf } from './kind';
import { REAL_TIME_STAGE_ENDPOINTS_RESOURCE_TYPE } from '../../../src/ivs/private/resource-types';

/** The endpoints of a stage. CloudFormation creates the stage, and the resource only reads, so nothing in the account belongs to the resource. */
export const realTimeStageEndpoints: Kind = {
  name: 'realTimeStageEndpoints',
  type: REAL_TIME_STAGE_ENDPOINTS_RESOURCE_TYPE,
  service: 'ivs-realtime',
  isNew: true,
  // A request makes one call.
  weight: 3,
  ownsNothing: true,
  policies: handlerPolicies('realTimeStage'),
  desired: fc.record({ stage: fc.constantFrom('1', '2'), stageName: fc.constantFrom('a', 'b') }),
  neighbor: {},
  lastChange: { stageName: 'last' },
  properties: (emulator, place, _, { stage, stageName }) => ({
    StageArn: referenced(emulator, 'AWS::IVS::Stage', `${place}-endpoints-${stage}`, {}),
    StageProperties: { name: stageName },
  }),
  createOnly: ({ StageArn }) => StageArn,
  staysForGood: () => false,
  isLeft: () => true,
  remotes: (emulator) => regionsOf(emulator, 'ivs-realtime').flatMap(({ stages }) => stages).map((state) => ({ id: state.arn, isRetained: false, state })),
  difference: ({ id }, _, { StageArn }) => (id === StageArn ? undefined : `has the endpoints of ${id}`),
  attributes: ({ id }, _, emulator) => {
    const { events, whip, rtmp, rtmps } = perform(emulator, 'ivs-realtime', 'GetStage', { arn: id }).stage.endpoints;
    return { EventsEndpoint: events, WhipEndpoint: whip, RtmpEndpoint: rtmp, RtmpsEndpoint: rtmps };
  },
  edits: {
    endpoint: ({ StageArn }) => ({ resource: StageArn, endpoints: { rtmps: `rtmps://${StageArn.slice(-12)}.changed:443/app/` } }),
  },
};
