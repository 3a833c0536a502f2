import {
  CreateIngestConfigurationCommand, type CreateIngestConfigurationCommandInput, CreateStageCommand, type CreateStageCommandInput,
  CreateStorageConfigurationCommand, DeleteIngestConfigurationCommand, DeleteStageCommand, DeleteStorageConfigurationCommand,
  type IngestConfiguration, IVSRealTimeClient, ListIngestConfigurationsCommand, ListStagesCommand, ListStorageConfigurationsCommand, type Stage,
} from '@aws-sdk/client-ivs-realtime';
import { ask, nameOf, using } from './support';
import type { ProbeContext } from '../fact';
import { pagesOf } from '../pages';

/** Stages, ingest configurations, and storage configurations of one probe, which all have the same name. */
export class RealTimeResources {
  public readonly client: IVSRealTimeClient;
  public readonly name: string;

  constructor(private readonly context: ProbeContext, fact: string) {
    this.client = context.client(IVSRealTimeClient);
    this.name = nameOf(context, fact);
  }

  /** Deletes all stages and ingest configurations that the work creates. */
  public using<T>(work: () => Promise<T>): Promise<T> {
    const { context, client, name } = this;
    const stages = {
      kind: 'stages',
      name,
      find: async () => named(name, await pagesOf(async (nextToken) => {
        const page = await ask(context, () => client.send(new ListStagesCommand({ nextToken, maxResults: 100 })));
        return { items: page.stages, next: page.nextToken };
      })),
      delete: (arn: string) => this.deleteStage(arn),
    };
    const configurations = {
      kind: 'ingest configurations',
      name,
      find: async () => named(name, await pagesOf(async (nextToken) => {
        const page = await ask(context, () => client.send(new ListIngestConfigurationsCommand({ nextToken, maxResults: 100 })));
        return { items: page.ingestConfigurations, next: page.nextToken };
      })),
      delete: (arn: string) => ask(context, () => client.send(new DeleteIngestConfigurationCommand({ arn, force: true }))),
    };
    return using(context, stages, () => using(context, configurations, work));
  }

  /** Deletes all storage configurations that the work creates. */
  public usingStorage<T>(work: () => Promise<T>): Promise<T> {
    const { context, client, name } = this;
    return using(context, {
      kind: 'storage configurations',
      name,
      find: async () => named(name, await pagesOf(async (nextToken) => {
        const page = await ask(context, () => client.send(new ListStorageConfigurationsCommand({ nextToken })));
        return { items: page.storageConfigurations, next: page.nextToken };
      })),
      delete: (arn: string) => this.deleteStorage(arn),
    }, work);
  }

  /** Returns the ARN. */
  public async createStorage(bucketName: string): Promise<string> {
    const command = new CreateStorageConfigurationCommand({ name: this.name, s3: { bucketName }, tags: this.context.tags });
    return (await ask(this.context, () => this.client.send(command))).storageConfiguration!.arn!;
  }

  public async deleteStorage(arn: string): Promise<void> {
    await ask(this.context, () => this.client.send(new DeleteStorageConfigurationCommand({ arn })));
  }

  public async createStage(options: Partial<CreateStageCommandInput> = {}): Promise<Stage> {
    const { context, client, name } = this;
    return (await ask(context, () => client.send(new CreateStageCommand({ name, tags: context.tags, ...options })))).stage!;
  }

  public async deleteStage(arn: string): Promise<void> {
    await ask(this.context, () => this.client.send(new DeleteStageCommand({ arn })));
  }

  public async createConfiguration(options: Partial<CreateIngestConfigurationCommandInput> = {}, client = this.client): Promise<IngestConfiguration> {
    const command = new CreateIngestConfigurationCommand({ name: this.name, ingestProtocol: 'RTMPS', tags: this.context.tags, ...options });
    return (await client.send(command)).ingestConfiguration!;
  }
}

function named(name: string, all: readonly { readonly name?: string; readonly arn?: string }[]): string[] {
  return all.filter((one) => one.name === name).map(({ arn }) => arn!);
}
