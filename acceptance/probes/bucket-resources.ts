import {
  type BucketLocationConstraint, CreateBucketCommand, GetBucketPolicyCommand, ListObjectsV2Command, PutBucketPolicyCommand,
  PutBucketTaggingCommand, S3Client,
} from '@aws-sdk/client-s3';
import { answerOf, ask, asError, nameOf, using } from './support';
import type { ProbeContext } from '../fact';
import { bucketsOf, deleteBucket } from '../leftovers';

/** Its buckets have no location constraint. */
const FIRST_REGION = 'us-east-1';

/** A bucket of one probe. */
export class ProbeBucket {
  public readonly name: string;
  private readonly client: S3Client;

  constructor(private readonly context: ProbeContext, fact: string) {
    this.name = nameOf(context, fact).toLowerCase();
    this.client = context.client(S3Client);
  }

  /** Creates the bucket, and deletes it after the work, with all objects. */
  public using<T>(work: () => Promise<T>): Promise<T> {
    const { context, name } = this;
    return using(context, {
      kind: 'bucket',
      name,
      find: async () => (await ask(context, () => bucketsOf(context, name))).filter((found) => found === name),
      delete: () => ask(context, () => deleteBucket(context, name)),
    }, async () => {
      await this.create();
      return work();
    });
  }

  /** Undefined: the bucket has no policy. */
  public async policy(): Promise<string | undefined> {
    const { value, refusal } = await answerOf(this.context, () => this.client.send(new GetBucketPolicyCommand({ Bucket: this.name })));
    if (refusal && refusal.name !== 'NoSuchBucketPolicy') throw asError(refusal);
    return value?.Policy;
  }

  public async putPolicy(Policy: string): Promise<void> {
    await ask(this.context, () => this.client.send(new PutBucketPolicyCommand({ Bucket: this.name, Policy })));
  }

  /** The number of objects, up to 1000. */
  public async objects(): Promise<number> {
    return (await ask(this.context, () => this.client.send(new ListObjectsV2Command({ Bucket: this.name })))).KeyCount ?? 0;
  }

  private async create(): Promise<void> {
    const { context: { region, tags }, name: Bucket } = this;
    const CreateBucketConfiguration = region === FIRST_REGION ? undefined : { LocationConstraint: region as BucketLocationConstraint };
    await ask(this.context, () => this.client.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration })));
    const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    await ask(this.context, () => this.client.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } })));
  }
}
