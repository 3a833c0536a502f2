import { Collection } from '../collection';
import { scrambled } from '../random';
import { Tags } from '../service';

export interface Credential {
  readonly participantId: string;
  readonly streamKey: string;
}

export interface IngestConfiguration extends Credential {
  readonly arn: string;
  /** Empty when none was given; not unique. */
  readonly name: string;
  readonly ingestProtocol: 'RTMP' | 'RTMPS';
  /** No operation returns it. */
  readonly insecureIngest: boolean;
  /** Empty when detached. */
  readonly stageArn: string;
  /** ACTIVE: a publisher is live. */
  readonly state: 'ACTIVE' | 'INACTIVE';
  /** Empty when none was given. */
  readonly userId: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly redundantIngest: boolean;
  readonly redundantIngestCredentials: readonly Credential[];
  readonly tags: Tags;
}

/** By protocol. Clients may keep them for up to 14 days, so they can change. */
export interface StageEndpoints {
  readonly events: string;
  readonly whip: string;
  readonly rtmp: string;
  readonly rtmps: string;
}

/** The recording of single participants. Every value is there: what is not given has the default of the service. */
export interface ParticipantRecording {
  readonly storageConfigurationArn: string;
  readonly mediaTypes: readonly string[];
  readonly recordingReconnectWindowSeconds: number;
  readonly targetSegmentDurationSeconds: number;
  readonly thumbnails: { readonly recordingMode: string; readonly targetIntervalSeconds: number; readonly storage: readonly string[] };
}

export interface Stage {
  readonly arn: string;
  readonly name: string;
  readonly tags: Tags;
  readonly endpoints: StageEndpoints;
  /** Absent: nothing is recorded. */
  readonly recording?: ParticipantRecording;
  /** Absent: no encoder publishes. */
  readonly activeSessionId?: string;
}

/** An encoder in a session of a stage, which the session also knows after the encoder has left. */
export interface Participant {
  /** The ARN of the stage, the ID of the session, and the ID of the participant: participants have no ARN. */
  readonly arn: string;
  readonly name: '';
  readonly configuration: IngestConfiguration;
  /** The recording of the stage when the encoder joined the session. */
  readonly recording?: ParticipantRecording;
  readonly firstJoinTime: number;
  readonly isConnected: boolean;
}

/** Where recordings are stored. */
export interface StorageConfiguration {
  readonly arn: string;
  readonly name: string;
  readonly bucketName: string;
  readonly tags: Tags;
}

type ResourceKind = 'ingest-configuration' | 'stage' | 'storage-configuration';

/** Everything of IVS real-time in one account and region. */
export class Region {
  readonly ingestConfigurations: Collection<IngestConfiguration>;
  readonly stages: Collection<Stage>;
  readonly storageConfigurations: Collection<StorageConfiguration>;
  readonly participants: Collection<Participant>;
  /** All that were ever given out. */
  readonly streamKeys: string[] = [];
  private lastId = 0;

  constructor(readonly account: string, readonly region: string, changed: () => void) {
    this.ingestConfigurations = new Collection(changed);
    this.stages = new Collection(changed);
    this.storageConfigurations = new Collection(changed);
    this.participants = new Collection(changed);
  }

  newArn(type: ResourceKind): string {
    return arnOf(this, type, this.newId());
  }

  newCredential(): Credential {
    const participantId = this.newId();
    const streamKey = `rt_${this.account}_${this.region}_${participantId}_${scrambled(`key ${this.account} ${this.region} ${participantId}`, 32)}`;
    this.streamKeys.push(streamKey);
    return { participantId, streamKey };
  }

  /** An encoder that begins to publish begins the session of its stage, and the last one that ends ends it. */
  changeIngestConfiguration(arn: string, now: number, change: (current: IngestConfiguration) => IngestConfiguration | undefined): void {
    const before = this.publishing(arn, now);
    this.ingestConfigurations.change(arn, now, change);
    const after = this.publishing(arn, now);
    if (before?.stageArn !== after?.stageArn) {
      if (before) this.leave(before, now);
      if (after) this.join(after, now);
    }
  }

  private publishing(arn: string, now: number): IngestConfiguration | undefined {
    const configuration = this.ingestConfigurations.byArn(arn, now);
    return configuration?.state === 'ACTIVE' && configuration.stageArn !== '' ? configuration : undefined;
  }

  private join(configuration: IngestConfiguration, now: number): void {
    const stage = this.stages.byArn(configuration.stageArn, now);
    if (!stage) return;
    const sessionId = stage.activeSessionId ?? `st-${scrambled(`session ${this.newId()}`, 13)}`;
    this.stages.change(stage.arn, now, current => current.activeSessionId ? current : { ...current, activeSessionId: sessionId });
    for (const { participantId } of [configuration, ...configuration.redundantIngestCredentials]) {
      const arn = participantArn(stage.arn, sessionId, participantId);
      if (this.participants.byArn(arn, now)) this.participants.change(arn, now, known => ({ ...known, isConnected: true }));
      else this.participants.add({ arn, name: '', configuration, recording: stage.recording, firstJoinTime: now, isConnected: true }, now);
    }
  }

  private leave({ arn, stageArn }: IngestConfiguration, now: number): void {
    for (const participant of this.participants.all(now).filter(({ configuration }) => configuration.arn === arn)) {
      this.participants.change(participant.arn, now, known => known.isConnected ? { ...known, isConnected: false } : known);
    }
    const isEnd = !this.ingestConfigurations.all(now).some(other => other.stageArn === stageArn && other.state === 'ACTIVE');
    if (isEnd) this.stages.change(stageArn, now, ({ activeSessionId: _, ...stage }) => stage);
  }

  newParticipantId(): string {
    return this.newId();
  }

  /** Looks random; the same in every run. */
  private newId(): string {
    this.lastId += 1;
    return scrambled(`${this.account} ${this.region} ${this.lastId}`, 12);
  }
}

export class Regions {
  changes = 0;
  private readonly regions = new Map<string, Region>();

  of(account: string, region: string): Region {
    const key = `${account}/${region}`;
    const known = this.regions.get(key) ?? new Region(account, region, () => { this.changes += 1; });
    this.regions.set(key, known);
    return known;
  }

  all(): Region[] {
    return [...this.regions.values()];
  }

  reset(): void {
    this.regions.clear();
  }
}

/** Of this emulator only. */
export function participantArn(stageArn: string, sessionId: string, participantId: string): string {
  return `${stageArn}/${sessionId}/${participantId}`;
}

/** In the form of the samples of the AWS CLI. No ARN tells the hosts. */
export function newEndpoints(arn: string): StageEndpoints {
  const label = (kind: string) => scrambled(`${kind} ${arn}`, 12).toLowerCase();
  const ingest = `${label('contribute')}.global-contribute.live-video.net`;
  return {
    events: 'wss://global.events.live-video.net',
    whip: `https://${label('whip')}.global-bm.whip.live-video.net`,
    rtmp: `rtmp://${ingest}/app/`,
    rtmps: `rtmps://${ingest}:443/app/`,
  };
}

/** The model knows no other partition. */
export function arnOf({ account, region }: { account: string; region: string }, type: ResourceKind, id: string): string {
  return `arn:aws:ivs:${region}:${account}:${type}/${id}`;
}
