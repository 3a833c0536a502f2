import { Collection } from '../collection';
import { partitionOf, Regions } from '../regions';
import { Tags } from '../service';

/** What a version holds: text, or bytes in base64. */
export interface Value {
  readonly member: 'SecretString' | 'SecretBinary';
  readonly content: string;
}

export interface Version extends Value {
  readonly id: string;
  readonly created: number;
  /** Staging labels, in the order of the alphabet. None: the version is deprecated. */
  readonly stages: readonly string[];
}

export interface Secret {
  readonly name: string;
  readonly arn: string;
  readonly description?: string;
  /** undefined: the key of AWS. */
  readonly kmsKeyId?: string;
  readonly tags: Tags;
  readonly created: number;
  readonly changed: number;
  /** When it is gone; until then it can be restored, but not read. */
  readonly deletionDate?: number;
  /** In the order of their creation. */
  readonly versions: readonly Version[];
}

/** Everything of Secrets Manager in one account and region. */
export interface Region {
  readonly account: string;
  readonly region: string;
  readonly secrets: Collection<Secret>;
  /** All that were ever stored. */
  readonly values: string[];
}

export function newRegions(): Regions<Region> {
  return new Regions((account, region, changed) => ({ account, region, secrets: new Collection<Secret>(changed), values: [] }));
}

export function arnOf({ account, region }: { account: string; region: string }, resource: string): string {
  return `arn:${partitionOf(region)}:secretsmanager:${region}:${account}:secret:${resource}`;
}
