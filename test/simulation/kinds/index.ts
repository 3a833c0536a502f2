import { chimeMeetingPool } from './chime-meeting-pool';
import { ingestConfiguration } from './ingest-configuration';
import type { Kind } from './kind';
import { phoneNumber } from './phone-number';
import { phoneNumberAssociation } from './phone-number-association';
import { realTimeStageEndpoints } from './real-time-stage-endpoints';
import { signalingChannel } from './signaling-channel';
import { signalingChannelMediaStorage } from './signaling-channel-media-storage';
import { videoStreamImageGeneration, videoStreamNotification } from './video-stream-settings';
import { voiceConnectorLogging, voiceConnectorOrigination, voiceConnectorTermination } from './voice-connector-settings';
import { voiceConnectorStreaming } from './voice-connector-streaming';

/** Every kind of resource, by name. */
export const KINDS: Record<string, Kind> = {
  signalingChannel,
  signalingChannelMediaStorage,
  ingestConfiguration,
  voiceConnectorStreaming,
  voiceConnectorTermination,
  voiceConnectorOrigination,
  voiceConnectorLogging,
  videoStreamImageGeneration,
  videoStreamNotification,
  chimeMeetingPool,
  phoneNumber,
  phoneNumberAssociation,
  realTimeStageEndpoints,
};
