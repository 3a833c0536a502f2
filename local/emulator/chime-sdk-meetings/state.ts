import { Collection } from '../collection';
import { uuid } from '../random';
import { Engine, Tags } from '../service';

export type Capability = 'SendReceive' | 'Send' | 'Receive' | 'None';

export interface Capabilities {
  readonly Audio: Capability;
  readonly Video: Capability;
  readonly Content: Capability;
}

/** As the API has them. */
export interface MeetingFeatures {
  readonly Audio?: { readonly EchoReduction?: string };
  readonly Video?: { readonly MaxResolution?: string };
  readonly Content?: { readonly MaxResolution?: string };
  readonly Attendee?: { readonly MaxCount?: number };
}

export interface Attendee {
  readonly id: string;
  readonly externalUserId: string;
  readonly joinToken: string;
  readonly capabilities: Capabilities;
  /** Whether it has an audio connection. */
  readonly connected: boolean;
  /** The legacy namespace only. */
  readonly tags: Tags;
}

export interface Meeting {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly externalMeetingId?: string;
  readonly hostId?: string;
  readonly mediaRegion: string;
  /** Both as they were given. */
  readonly features: MeetingFeatures;
  readonly tenantIds?: readonly string[];
  readonly primaryId?: string;
  readonly created: number;
  /** The time since which no attendee is connected. */
  readonly emptySince?: number;
  /** Since when fewer than two are connected. */
  readonly loneSince?: number;
  readonly attendees: readonly Attendee[];
  readonly tags: Tags;
}

/** The request in which a ClientRequestToken was used. */
export interface UsedToken {
  readonly usedAt: number;
  readonly parameters: unknown;
  /** The meeting as created. A later request returns it even after it has ended. */
  readonly meeting: Meeting;
}

/** The meetings that one control region of an account has made. */
export interface Region {
  readonly account: string;
  readonly region: string;
  readonly meetings: Collection<Meeting>;
  readonly tokens: Map<string, UsedToken>;
}

/** Of one namespace: nothing is shared between the two. */
export class MeetingState {
  changes = 0;
  private readonly regions = new Map<string, Region>();
  private readonly arns = new Map<string, string>();
  private readonly givenTokens: string[] = [];
  private salt?: number;
  private ids = 0;
  private countsChanges = true;

  constructor(private readonly engine: Engine, private readonly namespace: string) {}

  of(account: string, region: string): Region {
    const key = `${account}/${region}`;
    const known = this.regions.get(key)
      ?? { account, region, meetings: new Collection<Meeting>(() => this.changed()), tokens: new Map<string, UsedToken>() };
    this.regions.set(key, known);
    return known;
  }

  all(): Region[] {
    return [...this.regions.values()];
  }

  newMeetingId(region: Pick<Region, 'account' | 'region'>): { id: string; arn: string } {
    const id = this.newId(region);
    const arn = arnOf(region, id);
    this.arns.set(id, arn);
    return { id, arn };
  }

  /** Of any meeting that was ever made. */
  arnOfId(id: string): string {
    return this.arns.get(id) ?? '*';
  }

  newAttendeeId(region: Region): { id: string; joinToken: string } {
    const id = this.newId(region);
    const joinToken = Buffer.from(`${id}:${uuid(`${this.seed()} join ${id}`)}`).toString('base64').replace(/=+$/, '');
    this.givenTokens.push(joinToken);
    return { id, joinToken };
  }

  /** All join tokens that the emulator has issued. */
  joinTokens(): string[] {
    return [...this.givenTokens];
  }

  /** For changes that the passage of time has caused: the call log attributes them to no call. */
  withoutCountingChanges(change: () => void): void {
    this.countsChanges = false;
    change();
    this.countsChanges = true;
  }

  reset(): void {
    this.regions.clear();
    this.arns.clear();
    this.givenTokens.length = 0;
    this.ids = 0;
  }

  private changed(): void {
    if (this.countsChanges) this.changes += 1;
  }

  private newId({ account, region }: Pick<Region, 'account' | 'region'>): string {
    this.ids += 1;
    return uuid(`${this.seed()} ${account} ${region} ${this.ids}`);
  }

  /** Drawn when it is needed: an emulator without meetings has the same chances as before. */
  private seed(): string {
    this.salt ??= this.engine.random();
    return `${this.namespace} ${this.salt}`;
  }
}

export function arnOf({ account, region }: Pick<Region, 'account' | 'region'>, id: string): string {
  return `arn:${region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'}:chime:${region}:${account}:meeting/${id}`;
}
