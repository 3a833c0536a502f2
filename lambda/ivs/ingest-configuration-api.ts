import {
  CreateIngestConfigurationCommand, DeleteIngestConfigurationCommand, GetIngestConfigurationCommand,
  type IngestConfiguration as IngestConfigurationOutput, type IngestProtocol, type IVSRealTimeClient, ListTagsForResourceCommand,
  paginateListIngestConfigurations, TagResourceCommand, UntagResourceCommand, UpdateIngestConfigurationCommand,
} from '@aws-sdk/client-ivs-realtime';
import { IVS_ERROR_CLASSES } from './client';
import type { StreamKeySecretValue } from '../../src/ivs/private/contract';
import { unlessGone } from '../engine/error-classes';
import type { ListedResource, ObservedResource } from '../engine/owned-resource';

/** A configuration as it was just read. The ID is its ARN. Not to be logged: it holds the stream key. */
export interface IngestConfiguration extends ObservedResource {
  readonly protocol?: string;
  readonly userId?: string;
  readonly attributes?: Record<string, string>;
  readonly participantId: string;
  /** Undefined: detached. */
  readonly stageArn?: string;
  readonly redundantIngest: boolean;
  /** A publisher is live. */
  readonly live: boolean;
  readonly secretValue: StreamKeySecretValue;
}

export interface CreateInput {
  readonly name: string;
  readonly stageArn?: string;
  readonly ingestProtocol: string;
  readonly insecureIngest: boolean;
  readonly redundantIngest: boolean;
  readonly userId?: string;
  readonly attributes?: Record<string, string>;
  readonly tags: Record<string, string>;
}

/** The operations of the service, in the terms of the handler: a missing resource is undefined, lists are complete. */
export class IngestConfigurationApi {
  constructor(private readonly client: IVSRealTimeClient, private readonly abortSignal: AbortSignal) {}

  public async create(input: CreateInput): Promise<IngestConfiguration> {
    const command = new CreateIngestConfigurationCommand({ ...input, ingestProtocol: input.ingestProtocol as IngestProtocol });
    return toConfiguration((await this.client.send(command, this.options)).ingestConfiguration!);
  }

  public get(arn: string): Promise<IngestConfiguration | undefined> {
    return unlessGone(IVS_ERROR_CLASSES, async () => {
      const { ingestConfiguration } = await this.client.send(new GetIngestConfigurationCommand({ arn }), this.options);
      return toConfiguration(ingestConfiguration!);
    });
  }

  /** Always both members: the meaning of an omitted one isn't documented (unverified: F-50). An empty stage detaches. */
  public async update(arn: string, stageArn: string | undefined, redundantIngest: boolean): Promise<IngestConfiguration> {
    const command = new UpdateIngestConfigurationCommand({ arn, stageArn: stageArn ?? '', redundantIngest });
    return toConfiguration((await this.client.send(command, this.options)).ingestConfiguration!);
  }

  /** @param force disconnects a live publisher; without it the service refuses */
  public async delete(arn: string, force: boolean): Promise<void> {
    await unlessGone(IVS_ERROR_CLASSES, () => this.client.send(new DeleteIngestConfigurationCommand({ arn, force }), this.options));
  }

  public async list(): Promise<ListedResource[]> {
    const found: ListedResource[] = [];
    for await (const page of paginateListIngestConfigurations({ client: this.client, pageSize: 100 }, {}, this.options)) {
      found.push(...(page.ingestConfigurations ?? []).map(({ arn, name }) => ({ id: arn!, name: name ?? '' })));
    }
    return found;
  }

  public tags(arn: string): Promise<Record<string, string> | undefined> {
    const command = new ListTagsForResourceCommand({ resourceArn: arn });
    return unlessGone(IVS_ERROR_CLASSES, async () => (await this.client.send(command, this.options)).tags ?? {});
  }

  public async tag(arn: string, tags: Record<string, string>): Promise<void> {
    await this.client.send(new TagResourceCommand({ resourceArn: arn, tags }), this.options);
  }

  public async untag(arn: string, keys: string[]): Promise<void> {
    await this.client.send(new UntagResourceCommand({ resourceArn: arn, tagKeys: keys }), this.options);
  }

  private get options() {
    return { abortSignal: this.abortSignal };
  }
}

/** An empty value is no value: how the service returns a value that was never given is unverified (F-66). */
function toConfiguration(output: IngestConfigurationOutput): IngestConfiguration {
  const { arn, participantId, streamKey, redundantIngestCredentials: credentials } = output;
  return {
    id: arn!,
    name: output.name ?? '',
    protocol: output.ingestProtocol,
    userId: output.userId || undefined,
    attributes: output.attributes,
    participantId: participantId!,
    stageArn: output.stageArn || undefined,
    redundantIngest: output.redundantIngest ?? false,
    live: output.state === 'ACTIVE',
    tags: output.tags ?? {},
    secretValue: {
      ingestConfigurationArn: arn!,
      participantId: participantId!,
      streamKey: streamKey!,
      ...credentials?.length ? {
        redundantIngestCredentials: credentials.map((credential) => ({ participantId: credential.participantId!, streamKey: credential.streamKey! })),
      } : {},
    },
  };
}
