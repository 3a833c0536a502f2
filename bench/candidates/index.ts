/** All candidates, in the order of the tables. Importing this file loads every candidate. */
import { candidate as awsCustomResource } from './aws-custom-resource';
import { candidate as awsCustomResourceEndpoint } from './aws-custom-resource-endpoint';
import { candidate as awsCustomResourceImages } from './aws-custom-resource-images';
import type { Candidate } from './candidate';
import { candidate as cdkAmazonChimeResources } from './cdk-amazon-chime-resources';
import { candidate as cfnIngestConfiguration } from './cfn-ingest-configuration';
import { candidate as cfnSignalingChannel } from './cfn-signaling-channel';
import { candidate as cfnStage } from './cfn-stage';
import { candidate as cfnStream } from './cfn-stream';
import { candidate as chimeMeetingPool } from './chime-meeting-pool';
import { candidate as ingestConfiguration } from './ingest-configuration';
import { candidate as inlineFunction } from './inline-function';
import { candidate as mixed } from './mixed';
import { candidate as providerEach } from './provider-each';
import { candidate as realTimeStage } from './real-time-stage';
import { candidate as realTimeStageEndpoint } from './real-time-stage-endpoint';
import { candidate as sharedProvider } from './shared-provider';
import { candidate as signalingChannel } from './signaling-channel';
import { candidate as videoStream } from './video-stream';
import { candidate as videoStreamImages } from './video-stream-images';
import { candidate as voiceConnector } from './voice-connector';
import { candidate as voiceConnectorStreaming } from './voice-connector-streaming';

export const OURS: Candidate[] = [
  signalingChannel, videoStream, videoStreamImages, ingestConfiguration, realTimeStage, realTimeStageEndpoint, voiceConnectorStreaming,
  voiceConnector, chimeMeetingPool, mixed,
];

/** What aws-cdk-lib alone offers. */
export const CORE: Candidate[] = [
  cfnSignalingChannel, cfnStream, cfnIngestConfiguration, cfnStage, awsCustomResource, awsCustomResourceImages, awsCustomResourceEndpoint,
  inlineFunction, sharedProvider, providerEach,
];

/** What must be installed first. */
export const PEERS: Candidate[] = [cdkAmazonChimeResources];
