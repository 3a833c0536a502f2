import { Collection } from '../collection';
import { scrambled } from '../random';
import { partitionOf } from '../regions';
import { Engine, Tags } from '../service';

export interface Channel {
  readonly name: string;
  readonly arn: string;
  readonly type: 'SINGLE_MASTER' | 'FULL_MESH';
  readonly status: 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING';
  readonly creationTime: number;
  /** Only SINGLE_MASTER has one. */
  readonly messageTtlSeconds?: number;
  readonly version: string;
  readonly tags: Tags;
  /** The stream that sessions are recorded into; undefined: storage is DISABLED. */
  readonly storageStreamArn?: string;
}

export interface Stream {
  readonly name: string;
  readonly arn: string;
  readonly status: 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING';
  readonly creationTime: number;
  readonly dataRetentionInHours: number;
  readonly deviceName?: string;
  readonly mediaType?: string;
  readonly kmsKeyId?: string;
  /** Of new media. Default: HOT. */
  readonly storageTier?: string;
  readonly version: string;
  readonly tags: Tags;
  /** As put; undefined: none. */
  readonly imageGeneration?: object;
  readonly notification?: object;
}

/** Everything of Kinesis Video Streams in one account and region. */
export interface Region {
  readonly account: string;
  readonly region: string;
  readonly channels: Collection<Channel>;
  readonly streams: Collection<Stream>;
}

export class Regions {
  changes = 0;
  private readonly regions = new Map<string, Region>();

  of(account: string, region: string): Region {
    const key = `${account}/${region}`;
    const changed = () => { this.changes += 1; };
    const known = this.regions.get(key) ?? { account, region, channels: new Collection<Channel>(changed), streams: new Collection<Stream>(changed) };
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

const regionsOfEmulators = new WeakMap<Engine, Regions>();

/** The channels and streams of an emulator. The services of the control plane and of signaling have the same channels. */
export function regionsOfEmulator(engine: Engine): Regions {
  const regions = regionsOfEmulators.get(engine) ?? new Regions();
  regionsOfEmulators.set(engine, regions);
  return regions;
}

export interface ParsedArn {
  readonly region: string;
  readonly account: string;
  readonly type: string;
  readonly name: string;
}

export function parseArn(arn: string): ParsedArn {
  const [, , , region, account, resource] = arn.split(':');
  const [type, name] = resource.split('/');
  return { region, account, type, name };
}

export function arnOf(region: Pick<Region, 'account' | 'region'>, type: 'channel' | 'stream', name: string, creationTime: number): string {
  return `arn:${partitionOf(region.region)}:kinesisvideo:${region.region}:${region.account}:${type}/${name}/${creationTime}`;
}

/** The creation time is part of the ARN: a namesake created in the same millisecond counts as one later. */
export function freeCreationTime(region: Region, type: 'channel' | 'stream', name: string, now: number): number {
  const collection: { knows(arn: string): boolean } = type === 'channel' ? region.channels : region.streams;
  let time = now;
  while (collection.knows(arnOf(region, type, name, time))) time += 1;
  return time;
}

/** Opaque to callers and never the same twice: each one is made from the one before. */
export function nextVersion(arn: string, previous = ''): string {
  return scrambled(`${arn} ${previous}`, 20);
}
