import { isDeepStrictEqual } from 'node:util';
import { GetSecretValueCommand, PutSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as v from 'valibot';
import { IVS_ERROR_CLASSES } from './client';
import type { StreamKeySecretValue } from '../../src/ivs/private/contract';
import { STACK_TAG } from '../../src/private/contract';
import { classify, withholding } from '../engine/error-classes';

const credential = { participantId: v.string(), streamKey: v.string() };
const schema = v.pipe(v.string(), v.parseJson(), v.object({
  ingestConfigurationArn: v.string(),
  ...credential,
  rtmpsEndpoint: v.optional(v.string()),
  rtmpEndpoint: v.optional(v.string()),
  redundantIngestCredentials: v.optional(v.array(v.object(credential))),
}));

/** A version of the secret. Not to be logged. */
export interface StoredStreamKey {
  readonly versionId: string;
  /** Undefined: the handlers didn't write the version. */
  readonly value?: StreamKeySecretValue;
}

/** The secret that holds the stream key of one resource. */
export class StreamKeySecret {
  constructor(private readonly client: SecretsManagerClient, private readonly arn: string, private readonly abortSignal: AbortSignal) {}

  /** Undefined: there is no such version, or no such secret. */
  public async read(version: { VersionId: string } | { VersionStage: 'AWSCURRENT' | 'AWSPREVIOUS' }): Promise<StoredStreamKey | undefined> {
    try {
      const { VersionId, SecretString } = await this.client.send(new GetSecretValueCommand({ SecretId: this.arn, ...version }), this.options);
      const parsed = v.safeParse(schema, SecretString);
      return { versionId: VersionId!, value: parsed.success ? parsed.output : undefined };
    } catch (error) {
      if (classify(error, IVS_ERROR_CLASSES) === 'gone') return undefined;
      // A deleted secret is denied, too, because the policy requires its tag. Errors of the key have other names.
      if (/^AccessDenied/.test((error as Error).name)) (error as Error).message += `; unless IAM was changed, the secret is gone or has lost its tag ${STACK_TAG}`;
      throw error;
    }
  }

  /**
   * Stores the value as the current version. A token identifies one value permanently.
   *
   * @returns whether the token identifies this value: false if another value was stored with the token before
   */
  public async put(value: StreamKeySecretValue, token: string): Promise<boolean> {
    const input = { SecretId: this.arn, SecretString: JSON.stringify(value), ClientRequestToken: token };
    try {
      await withholding(streamKeysOf(value), () => this.client.send(new PutSecretValueCommand(input), this.options));
      return true;
    } catch (error) {
      if ((error as Error).name === 'ResourceExistsException') return false;
      throw error;
    }
  }

  private get options() {
    return { abortSignal: this.abortSignal };
  }
}

function streamKeysOf({ streamKey, redundantIngestCredentials = [] }: StreamKeySecretValue): string[] {
  return [streamKey, ...redundantIngestCredentials.map((one) => one.streamKey)];
}

/** Pure: whether a secret holds what it should. The order in which the service returns the credentials isn't documented (unverified: F-95). */
export function isSame(stored: StreamKeySecretValue | undefined, desired: StreamKeySecretValue): boolean {
  return isDeepStrictEqual(stored && ordered(stored), ordered(desired));
}

function ordered({ redundantIngestCredentials: credentials, ...value }: StreamKeySecretValue): StreamKeySecretValue {
  if (!credentials) return value;
  return { ...value, redundantIngestCredentials: [...credentials].sort((one, other) => (one.participantId < other.participantId ? -1 : 1)) };
}

/** The server URL of the encoder: the member for the protocol. */
export type IngestEndpoint = Pick<StreamKeySecretValue, 'rtmpsEndpoint' | 'rtmpEndpoint'>;

/** Pure: a secret's value in two parts: the values of the ingest configuration, and the server URL of its stage. */
export function partsOf({ rtmpsEndpoint, rtmpEndpoint, ...keys }: StreamKeySecretValue): { keys: StreamKeySecretValue; endpoint?: IngestEndpoint } {
  if (rtmpsEndpoint !== undefined) return { keys, endpoint: { rtmpsEndpoint } };
  return { keys, ...rtmpEndpoint === undefined ? {} : { endpoint: { rtmpEndpoint } } };
}
