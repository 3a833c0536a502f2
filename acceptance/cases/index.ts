import { driftMonitor } from './drift-monitor';
import { ingest } from './ingest';
import { meetings } from './meetings';
import { phoneNumber } from './phone-number';
import { signaling } from './signaling';
import { stage } from './stage';
import type { Subject } from './subject';
import { videoStream } from './video-stream';
import { voiceConnector } from './voice-connector';

/** Every construct of the library. The drift monitor observes the signaling channel. */
export const SUBJECTS: readonly Subject[] = [signaling, videoStream, voiceConnector, meetings, ingest, stage, driftMonitor, phoneNumber];
