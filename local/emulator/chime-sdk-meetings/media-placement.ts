import { scrambledHex } from '../random';
import { Meeting } from './state';

/** Of the right form; nothing answers there. */
export function mediaPlacement({ id, mediaRegion }: Meeting): Record<string, string> {
  const host = scrambledHex(`media ${id}`, 32);
  const cell = `m1.${mediaRegion}.app.chime.aws`;
  return {
    AudioHostUrl: `${host}.k.${cell}:3478`,
    AudioFallbackUrl: `wss://wss.k.${cell}:443/calls/${id}`,
    SignalingUrl: `wss://signal.${cell}/control/${id}`,
    TurnControlUrl: `https://${host.slice(0, 4)}.cell.${mediaRegion}.meetings.chime.aws/v2/turn_sessions`,
    ScreenDataUrl: `wss://bitpw.${cell}:443/v2/screen/${id}`,
    ScreenViewingUrl: `wss://bitpw.${cell}:443/ws/connect?passcode=null&viewer_uuid=null&X-BitHub-Call-Id=${id}`,
    ScreenSharingUrl: `wss://bitpw.${cell}:443/v2/screen/${id}`,
    EventIngestionUrl: `https://data.svc.${mediaRegion}.ingest.chime.aws/v1/client-events`,
  };
}
