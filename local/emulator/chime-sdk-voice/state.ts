import { Collection } from '../collection';
import { scrambled, uuid } from '../random';
import { Engine, Tags } from '../service';
import { ChimeSdkVoiceOptions } from './options';
import { LoggingConfiguration, Origination, StreamingConfiguration, Termination } from './wire';

/** Passwords by user name. */
export type Credentials = Readonly<Record<string, string>>;

export interface VoiceConnector {
  readonly id: string;
  readonly arn: string;
  /** Not unique. */
  readonly name: string;
  /** Where its calls are handled; it is controlled in the region of its ARN. */
  readonly awsRegion: string;
  readonly requireEncryption: boolean;
  readonly networkType: string;
  readonly created: number;
  readonly updated: number;
  /** The API does not find it before. */
  readonly visibleFrom: number;
  readonly streaming?: StreamingConfiguration;
  readonly termination?: Termination;
  readonly origination?: Origination;
  readonly logging?: LoggingConfiguration;
  readonly credentials?: Credentials;
  /** Whether it has an emergency calling configuration, which needs termination and origination. */
  readonly emergencyCalling?: boolean;
  readonly tags: Tags;
}

/** A phone number of the inventory, also while it is acquired, and in the deletion queue. */
export interface PhoneNumber {
  /** In E.164 format. */
  readonly name: string;
  readonly arn: string;
  readonly status: 'AcquireInProgress' | 'AcquireFailed' | 'Unassigned' | 'Assigned' | 'DeleteInProgress' | 'DeleteFailed';
  readonly type: 'Local' | 'TollFree';
  readonly productType: string;
  readonly orderId: string;
  readonly label: string;
  readonly callingName?: string;
  readonly callingNameStatus: 'Unassigned' | 'UpdateInProgress' | 'UpdateSucceeded';
  /** The ID of the voice connector that holds the number. */
  readonly holder?: string;
  readonly created: number;
  readonly updated: number;
  /** The API does not find it before. */
  readonly visibleFrom: number;
  /** Before, the service refuses to associate or release it, with few words. */
  readonly readyFrom: number;
  /** When it was released. */
  readonly deleted?: number;
}

/** An order keeps its numbers for ever. */
export interface PhoneNumberOrder {
  /** Its ID. */
  readonly name: string;
  readonly arn: string;
  readonly productType: string;
  readonly status: 'Processing' | 'Successful' | 'Failed' | 'Partial';
  readonly numbers: readonly { readonly number: string; readonly status: 'Processing' | 'Acquired' | 'Failed' }[];
  readonly created: number;
  readonly updated: number;
  readonly visibleFrom: number;
}

/** The voice connectors and phone numbers of one account and region. */
export interface Region {
  readonly account: string;
  readonly region: string;
  readonly connectors: Collection<VoiceConnector>;
  readonly numbers: Collection<PhoneNumber>;
  readonly orders: Collection<PhoneNumberOrder>;
}

/** What both namespaces work on. */
export class VoiceState {
  changes = 0;
  /** Those that the chime-sdk-voice service was made with. */
  options: ChimeSdkVoiceOptions = {};
  private readonly regions = new Map<string, Region>();
  private readonly accountsWithRole = new Set<string>();
  private ids = 0;

  of(account: string, region: string): Region {
    const key = `${account}/${region}`;
    const changed = () => { this.changes += 1; };
    const known = this.regions.get(key) ?? {
      account,
      region,
      connectors: new Collection<VoiceConnector>(changed),
      numbers: new Collection<PhoneNumber>(changed),
      orders: new Collection<PhoneNumberOrder>(changed),
    };
    this.regions.set(key, known);
    return known;
  }

  all(): Region[] {
    return [...this.regions.values()];
  }

  newId({ account, region }: Region): string {
    this.ids += 1;
    return scrambled(`${account} ${region} ${this.ids}`, 22).toLowerCase();
  }

  newOrderId({ account, region }: Region): string {
    this.ids += 1;
    return uuid(`order ${account} ${region} ${this.ids}`);
  }

  hasServiceLinkedRole(account: string): boolean {
    return this.options.serviceLinkedRole === 'exists' || this.accountsWithRole.has(account);
  }

  createServiceLinkedRole(account: string): void {
    if (this.hasServiceLinkedRole(account)) return;
    this.accountsWithRole.add(account);
    this.changes += 1;
  }

  reset(): void {
    this.regions.clear();
    this.accountsWithRole.clear();
    this.ids = 0;
  }
}

const states = new WeakMap<Engine, VoiceState>();

/** The one state of an emulator, whichever namespace asks first. */
export function voiceStateOf(engine: Engine): VoiceState {
  const known = states.get(engine) ?? new VoiceState();
  states.set(engine, known);
  return known;
}

export function arnOf({ account, region }: Pick<Region, 'account' | 'region'>, id: string): string {
  return `arn:aws:chime:${region}:${account}:vc/${id}`;
}
