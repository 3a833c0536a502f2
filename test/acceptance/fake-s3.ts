import type { Buckets } from '../../local/emulator';

interface Bucket {
  readonly objects: string[];
  policy?: string;
}

/** A call that fails: `denied`, or `lost` if S3 carries out the request and the response doesn't arrive. The first call has the index 0. */
export interface S3Failure {
  readonly kind: 'denied' | 'lost';
  readonly call: number;
}

/** A client of S3, and the buckets that IVS uses. */
export class FakeS3 implements Buckets {
  /** Since the last question. */
  public readonly operations: string[] = [];
  private readonly buckets = new Map<string, Bucket>();
  private sent = 0;

  constructor(private readonly failure?: S3Failure) {}

  public get calls(): number {
    return this.sent;
  }

  public get names(): string[] {
    return [...this.buckets.keys()];
  }

  public exists(name: string): boolean {
    return this.buckets.has(name);
  }

  public policyOf(name: string): string | undefined {
    return this.bucket(name).policy;
  }

  public putPolicy(name: string, policy: string | undefined): void {
    this.bucket(name).policy = policy;
  }

  public putObject(name: string, key: string): void {
    this.bucket(name).objects.push(key);
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  public async send({ constructor, input }: { readonly constructor: { readonly name: string }; readonly input: any }): Promise<unknown> {
    const operation = constructor.name.replace(/Command$/, '');
    this.operations.push(operation);
    const isFailing = this.sent === this.failure?.call;
    this.sent += 1;
    if (isFailing && this.failure?.kind === 'denied') throw errorOf('AccessDenied', 403);
    const response = this.respond(operation, input);
    if (isFailing) throw errorOf('TimeoutError');
    return response;
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  private respond(operation: string, { Bucket: name, ...input }: any): object {
    switch (operation) {
      case 'CreateBucket': return this.create(name);
      case 'ListBuckets': return { Buckets: this.names.filter((one) => one.startsWith(input.Prefix)).map((Name) => ({ Name })) };
      case 'PutBucketTagging': return this.bucket(name) && {};
      case 'GetBucketPolicy': {
        const { policy } = this.bucket(name);
        if (policy === undefined) throw errorOf('NoSuchBucketPolicy', 404);
        return { Policy: policy };
      }
      case 'PutBucketPolicy': {
        this.putPolicy(name, input.Policy);
        return {};
      }
      case 'ListObjectsV2': {
        const { objects } = this.bucket(name);
        return { Contents: objects.map((Key) => ({ Key })), KeyCount: objects.length };
      }
      case 'DeleteObjects': {
        const { objects } = this.bucket(name);
        for (const { Key } of input.Delete.Objects) objects.splice(objects.indexOf(Key), 1);
        return {};
      }
      case 'DeleteBucket': {
        if (this.bucket(name).objects.length > 0) throw errorOf('BucketNotEmpty', 409);
        this.buckets.delete(name);
        return {};
      }
      default: throw new Error(`${operation} is not emulated`);
    }
  }

  private create(name: string): object {
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) throw errorOf('InvalidBucketName', 400);
    if (this.buckets.has(name)) throw errorOf('BucketAlreadyOwnedByYou', 409);
    this.buckets.set(name, { objects: [] });
    return {};
  }

  private bucket(name: string): Bucket {
    const bucket = this.buckets.get(name);
    if (!bucket) throw errorOf('NoSuchBucket', 404);
    return bucket;
  }
}

function errorOf(name: string, httpStatusCode?: number): Error {
  return Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });
}
