import { CLOUDFORMATION_FACTS } from './cloudformation';
import { COST_FACTS } from './cost';
import { IAM_FACTS } from './iam';
import { IVS_FACTS } from './ivs';
import { KINESIS_VIDEO_FACTS } from './kinesisvideo';
import { LOCAL_CLOUD_FACTS } from './local-cloud';
import { MEETINGS_FACTS } from './meetings';
import { TELEPHONY_FACTS } from './telephony';
import { VOICE_CONNECTORS_FACTS } from './voice-connectors';
import type { Fact } from '../fact';

/** Every fact about AWS that the library relies on without sufficient evidence, in the order of docs/verification.md. */
export const FACTS: readonly Fact[] = [
  ...IAM_FACTS, ...CLOUDFORMATION_FACTS, ...KINESIS_VIDEO_FACTS, ...VOICE_CONNECTORS_FACTS, ...MEETINGS_FACTS, ...IVS_FACTS, ...COST_FACTS,
  ...TELEPHONY_FACTS, ...LOCAL_CLOUD_FACTS,
];
