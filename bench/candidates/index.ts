/** All candidates, in the order of the tables. Importing this file loads every candidate. */
import { candidate as awsCustomResource } from './aws-custom-resource';
import type { Candidate } from './candidate';
import { candidate as cdkAmazonChimeResources } from './cdk-amazon-chime-resources';
import { candidate as cfnIngestConfiguration } from './cfn-ingest-configuration';
import { candidate as cfnSignalingChannel } from './cfn-signaling-channel';
import { candidate as chimeMeetingPool } from './chime-meeting-pool';
import { candidate as ingestConfiguration } from './ingest-configuration';
import { candidate as inlineFunction } from './inline-function';
import { candidate as mixed } from './mixed';
import { candidate as providerEach } from './provider-each';
import { candidate as sharedProvider } from './shared-provider';
import { candidate as signalingChannel } from './signaling-channel';
import { candidate as voiceConnector } from './voice-connector';
import { candidate as voiceConnectorStreaming } from './voice-connector-streaming';

export const OURS: Candidate[] = [signalingChannel, ingestConfiguration, voiceConnectorStreaming, voiceConnector, chimeMeetingPool, mixed];

/** What aws-cdk-lib alone offers. */
export const CORE: Candidate[] = [cfnSignalingChannel, cfnIngestConfiguration, awsCustomResource, inlineFunction, sharedProvider, providerEach];

/** What must be installed first. */
export const PEERS: Candidate[] = [cdkAmazonChimeResources];
