import { ChimeSDKVoiceClient } from '@aws-sdk/client-chime-sdk-voice';
import { clientSettings } from '../engine/service-client';

/** One client per region: its connections are reused as long as the function's environment exists. */
export function chimeVoiceClient(region: string): ChimeSDKVoiceClient {
  return new ChimeSDKVoiceClient(clientSettings(region));
}

/** Sends each call once. An order has no client token, so a repeated order may order, and bill, again. */
export function phoneNumberOrderClient(region: string): ChimeSDKVoiceClient {
  return new ChimeSDKVoiceClient({ ...clientSettings(region), maxAttempts: 1 });
}
