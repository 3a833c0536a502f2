import type { ProbeSettings } from './probe-run';
import {
  chimeSdkMeetings, type ChimeSdkMeetingsOptions, chimeSdkVoice, type ChimeSdkVoiceOptions, ivsRealtime, type IvsRealtimeOptions, kinesisVideo,
  type KinesisVideoOptions,
} from '../../local/emulator';

/** Settings of the emulator under which a fact is as the library assumes, and under which it is not. */
export interface FactSettings {
  readonly assumed: ProbeSettings;
  readonly otherwise: readonly ProbeSettings[];
}

const video = (options: KinesisVideoOptions = {}): ProbeSettings => ({ services: [kinesisVideo(options), chimeSdkVoice()] });
const voice = (options: ChimeSdkVoiceOptions = {}): ProbeSettings => ({ services: [kinesisVideo(), chimeSdkVoice(options)] });
const meetings = (options: ChimeSdkMeetingsOptions = {}): ProbeSettings => ({ services: [chimeSdkMeetings(options)] });
const ivs = (options: IvsRealtimeOptions = {}): ProbeSettings => ({ services: [ivsRealtime(options)] });
/** With the buckets of the probe. */
const recording = (options: IvsRealtimeOptions = {}): ProbeSettings => ({ services: (buckets) => [ivsRealtime({ ...options, buckets })] });
const lagging = (milliseconds: number): ProbeSettings => ({ ...video(), faults: [{ kind: 'laggingReads', operation: 'ListTagsForResource', milliseconds }] });

export const SETTINGS: Record<string, FactSettings> = {
  'F-01': { assumed: video(), otherwise: [video({ resourceTagConditions: false })] },
  'F-02': { assumed: meetings(), otherwise: [meetings({ createsOnMeetings: ['CreateMeeting', 'CreateMeetingWithAttendees'] })] },
  'F-03': { assumed: video({ recordingNeedsStreamPermission: true }), otherwise: [video({ recordingNeedsStreamPermission: false })] },
  'F-04': { assumed: meetings(), otherwise: [meetings({ createsOnMeetings: [] })] },
  'F-05': { assumed: video({ tagOnCreateNeedsTagResource: true }), otherwise: [video({ tagOnCreateNeedsTagResource: false })] },
  'F-06': { assumed: ivs({ tagOnCreateNeedsTagResource: true }), otherwise: [ivs({ tagOnCreateNeedsTagResource: false })] },
  'F-10': { assumed: video(), otherwise: [{ ...video(), cloudFormation: { metadataOrders: false } }] },
  'F-11': { assumed: video(), otherwise: [{ ...video(), cloudFormation: { keptResourcesOrder: false } }] },
  'F-13': { assumed: ivs(), otherwise: [ivs({ nativeDeletion: 'forced' })] },
  'F-14': { assumed: video(), otherwise: [{ ...video(), cloudFormation: { keepsForeignTags: false } }] },
  'F-22': { assumed: video(), otherwise: [video({ fullMeshEndpoints: 'none' }), video({ fullMeshEndpoints: 'without-configuration' })] },
  'F-24': { assumed: video(), otherwise: [video({ storageChangesVersion: false })] },
  'F-25': { assumed: lagging(5_000), otherwise: [lagging(30_000)] },
  'F-26': {
    assumed: video({ notActive: 'not-found' }),
    otherwise: [{ ...video(), faults: [{ kind: 'error', operation: 'UpdateSignalingChannel', error: 'InvalidArgumentException' }] }],
  },
  'F-28': { assumed: video({ otherRegionTopics: 'refuse' }), otherwise: [video({ otherRegionTopics: 'accept' })] },
  'F-30': { assumed: voice(), otherwise: [voice({ omittedMembers: 'keep' })] },
  'F-31': { assumed: voice(), otherwise: [voice({ memberDefaults: { StreamingNotificationTargets: [{ NotificationTarget: 'EventBridge' }] } })] },
  'F-32': { assumed: voice(), otherwise: [voice({ unconfigured: 'disabled' })] },
  'F-36': { assumed: voice(), otherwise: [voice({ targetsNeedPermission: false })] },
  'F-42': {
    assumed: meetings(),
    otherwise: [meetings({ requestToken: { window: 30_000 } }), meetings({ requestToken: { ended: 'conflict' } }), meetings({ requestToken: { ended: 'ended-meeting' } })],
  },
  'F-44': { assumed: meetings(), otherwise: [meetings({ repeatedUser: 'new-attendee' })] },
  'F-45': { assumed: meetings(), otherwise: [meetings({ lifetime: { empty: 60_000 } }), meetings({ lifetime: { empty: 3_600_000 } })] },
  'F-46': { assumed: meetings(), otherwise: [meetings({ requestToken: { otherParameters: 'same-meeting' } })] },
  'F-47': { assumed: meetings(), otherwise: [meetings({ batchOverflow: 'refuse' })] },
  'F-48': { assumed: meetings(), otherwise: [meetings({ joinTokensInLists: false })] },
  'F-50': { assumed: ivs(), otherwise: [ivs({ omittedOnUpdate: 'cleared' })] },
  'F-51': { assumed: ivs(), otherwise: [ivs({ missingStage: 'unchecked' })] },
  'F-52': { assumed: ivs(), otherwise: [ivs({ deletedStage: 'publishing' })] },
  'F-53': { assumed: ivs(), otherwise: [ivs({ attributeOrder: 'sorted' })] },
  'F-54': {
    assumed: recording(),
    otherwise: [
      recording({ omittedRecording: 'kept' }), recording({ omittedRecording: 'kept-without-settings' }), recording({ omittedRecording: 'kept-with-settings' }),
    ],
  },
  'F-55': { assumed: recording(), otherwise: [recording({ recordingNeeds: 'own' })] },
  'F-56': { assumed: recording(), otherwise: [recording({ deletedStorage: 'kept' })] },
  'F-57': { assumed: video(), otherwise: [video({ changedTier: 'ignored' })] },
  'F-58': { assumed: video(), otherwise: [video({ endUnrecorded: 'refuse' })] },
  'F-64': { assumed: video(), otherwise: [video({ fullMesh: false })] },
  'F-65': { assumed: video(), otherwise: [video({ imageGenerationDefaults: { WidthPixels: 1920 } })] },
  'F-66': { assumed: ivs(), otherwise: [ivs({ unset: 'empty' })] },
  'F-80': { assumed: voice(), otherwise: [voice({ omittedMembers: 'keep' })] },
  'F-81': { assumed: voice({ ipv6Cidrs: 'accept' }), otherwise: [voice({ ipv6Cidrs: 'refuse' })] },
  'F-82': { assumed: voice(), otherwise: [voice({ credentialsPut: 'replace' })] },
  'F-83': { assumed: voice(), otherwise: [{ ...voice(), cloudFormation: { replacesVoiceConnectors: false } }] },
  'F-86': { assumed: voice(), otherwise: [voice({ numbers: { repeatedOrder: 'accept' } })] },
  'F-87': { assumed: voice(), otherwise: [voice({ numbers: { nameWhileAcquired: 'hidden' } })] },
  'F-88': { assumed: voice(), otherwise: [voice({ numbers: { deletionQueue: 'hidden' } })] },
  'F-92': { assumed: video(), otherwise: [video({ retentionDeletesSettings: true })] },
  'F-93': { assumed: video(), otherwise: [video({ settingsChangeStatus: false })] },
  'F-94': { assumed: ivs(), otherwise: [ivs({ stageEndpoints: 'shared' })] },
  'F-95': { assumed: ivs(), otherwise: [ivs({ credentialOrder: 'rotating' })] },
  'F-97': { assumed: voice(), otherwise: [voice({ terminationDelete: 'deletes-credentials' })] },
  'F-99': { assumed: voice(), otherwise: [{ ...voice(), faults: [{ kind: 'error', operation: 'TagResource', error: 'BadRequestException', after: 1 }] }] },
  'F-98': { assumed: voice(), otherwise: [voice({ unconfiguredLogging: 'disabled' })] },
};
