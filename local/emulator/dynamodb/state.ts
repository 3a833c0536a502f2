import { Collection, longestLag } from '../collection';
import { partitionOf, Regions } from '../regions';
import { Tags } from '../service';
import { Timeline } from '../timeline';
import { equalItems, Item } from './values';

export type KeyType = 'S' | 'N' | 'B';

/** A key of a table or an index: the partition key and, if there is one, the sort key. */
export interface KeyAttribute {
  readonly name: string;
  readonly type: KeyType;
}

export interface Index {
  readonly name: string;
  readonly keys: readonly KeyAttribute[];
  readonly projection: { readonly ProjectionType: 'ALL' | 'KEYS_ONLY' | 'INCLUDE'; readonly NonKeyAttributes?: readonly string[] };
}

export interface Table {
  readonly name: string;
  readonly arn: string;
  readonly id: string;
  readonly keys: readonly KeyAttribute[];
  readonly indexes: readonly Index[];
  readonly ttlAttribute?: string;
  readonly deletionProtection: boolean;
  readonly created: number;
  readonly tags: Tags;
}

/** The items of a table with their past, by the text of their key. */
export class ItemStore {
  private readonly timelines = new Map<string, Timeline<Item | null>>();

  constructor(private readonly changed: () => void) {}

  at(key: string, time: number): Item | undefined {
    return this.timelines.get(key)?.at(time) ?? undefined;
  }

  all(time: number): Item[] {
    return [...this.timelines.values()].map(timeline => timeline.at(time)).filter(item => item !== undefined && item !== null);
  }

  write(key: string, item: Item | undefined, now: number): void {
    const timeline = this.timelines.get(key);
    if (!timeline && !item) return;
    timeline?.forgetBefore(now - longestLag);
    const same = (before: Item | null) => before === (item ?? null) || (before !== null && item !== undefined && equalItems(before, item));
    if (!timeline) this.timelines.set(key, new Timeline<Item | null>(now, item!));
    else if (!timeline.change(now, before => same(before) ? before : item ?? null)) return;
    this.changed();
  }
}

/** What a ClientRequestToken has been used for. */
export interface Transaction {
  readonly time: number;
  readonly request: string;
}

/** Everything of DynamoDB in one account and region. */
export interface Region {
  readonly account: string;
  readonly region: string;
  readonly tables: Collection<Table>;
  /** By the ARN of the table. */
  readonly items: Map<string, ItemStore>;
  readonly transactions: Map<string, Transaction>;
  readonly changed: () => void;
}

export function newRegions(): Regions<Region> {
  return new Regions((account, region, changed) => ({
    account, region, tables: new Collection<Table>(changed), items: new Map(), transactions: new Map(), changed,
  }));
}

export function tableArn({ account, region }: { account: string; region: string }, name: string): string {
  return `arn:${partitionOf(region)}:dynamodb:${region}:${account}:table/${name}`;
}
