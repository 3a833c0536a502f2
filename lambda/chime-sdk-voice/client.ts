import { ChimeSDKVoiceClient } from '@aws-sdk/client-chime-sdk-voice';
import { clientSettings } from '../engine/service-client';

/** One client per region: its connections are reused as long as the function's environment exists. */
export function chimeVoiceClient(region: string): ChimeSDKVoiceClient {
  return new ChimeSDKVoiceClient(clientSettings(region));
}
