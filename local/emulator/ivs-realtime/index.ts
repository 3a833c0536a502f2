import { redacted } from '../calls';
import { CallContext, Input, Operation, Service, ServiceFactory } from '../service';
import { correctedModel } from './corrected-model';
import { applyEdit } from './edit';
import {
  createIngestConfiguration, deleteIngestConfiguration, getIngestConfiguration, ingestConfigurationType, listIngestConfigurations,
  updateIngestConfiguration,
} from './ingest-configurations';
import { Context } from './lookup';
import { IvsRealtimeOptions, rates, regions as supportedRegions } from './options';
import { createParticipantToken } from './participant-tokens';
import { getParticipant } from './participants';
import { createStage, deleteStage, disconnectParticipant, getStage, listStages, stageType, updateStage } from './stages';
import { Credential, IngestConfiguration, Region, Regions } from './state';
import {
  createStorageConfiguration, deleteStorageConfiguration, listStorageConfigurations, storageConfigurationType,
} from './storage-configurations';
import { listTagsForResource, tagResource, untagResource } from './tags';
import { anyTarget, byArnTarget, newTarget, taggedTarget } from './targets';

export type { Buckets, IvsRealtimeOptions } from './options';
export type { IvsRealtimeEdit } from './edit';

type Run = (context: Context, input: Input, call: CallContext) => Record<string, unknown>;

/** What no state, call log or control request shows. */
interface IvsRealtimeService extends Service {
  streamKeys(): string[];
}

/** IVS real-time: ingest configurations, and the stages that they publish to. */
export function ivsRealtime(options: IvsRealtimeOptions = {}): ServiceFactory {
  return (): IvsRealtimeService => {
    const regions = new Regions();
    const context: Context = { options, regions, responses: 0 };
    const read = (targets: Operation['targets'], run: Run): Operation =>
      ({ access: 'read', targets, run: (input, call) => run(context, input, call) });
    const write = (targets: Operation['targets'], run: Run): Operation => ({ ...read(targets, run), access: 'write' });
    return {
      name: 'ivs-realtime',
      model: correctedModel(),
      iamPrefix: 'ivs',
      regions: supportedRegions,
      errors: {
        invalid: 'ValidationException',
        throttled: 'ThrottlingException',
        accessDenied: 'AccessDeniedException',
        internalFailure: 'InternalServerException',
      },
      rates,
      operations: {
        CreateIngestConfiguration: {
          ...write(newTarget(context, 'ingest-configuration'), createIngestConfiguration),
          created: output => output.ingestConfiguration.arn,
        },
        GetIngestConfiguration: read(byArnTarget(context), getIngestConfiguration),
        UpdateIngestConfiguration: write(byArnTarget(context), updateIngestConfiguration),
        DeleteIngestConfiguration: write(byArnTarget(context), deleteIngestConfiguration),
        ListIngestConfigurations: read(anyTarget, listIngestConfigurations),
        TagResource: write(taggedTarget(context), tagResource),
        UntagResource: write(taggedTarget(context), untagResource),
        ListTagsForResource: read(taggedTarget(context), listTagsForResource),
        GetStage: read(byArnTarget(context), getStage),
        CreateParticipantToken: write(byArnTarget(context, 'stageArn'), createParticipantToken),
        DisconnectParticipant: write(byArnTarget(context, 'stageArn'), disconnectParticipant),
        CreateStage: { ...write(newTarget(context, 'stage'), createStage), created: output => output.stage.arn },
        DeleteStage: write(byArnTarget(context), deleteStage),
        ListStages: read(anyTarget, listStages),
        UpdateStage: write(byArnTarget(context), updateStage),
        GetParticipant: read(byArnTarget(context, 'stageArn'), getParticipant),
        CreateStorageConfiguration: {
          ...write(newTarget(context, 'storage-configuration'), createStorageConfiguration),
          created: output => output.storageConfiguration.arn,
        },
        DeleteStorageConfiguration: write(byArnTarget(context), deleteStorageConfiguration),
        ListStorageConfigurations: read(anyTarget, listStorageConfigurations),
      },
      resourceTypes: {
        'AWS::IVS::IngestConfiguration': ingestConfigurationType(context),
        'AWS::IVS::Stage': stageType(context),
        'AWS::IVS::StorageConfiguration': storageConfigurationType(context),
      },
      changes: () => regions.changes,
      edit: (edit, now) => applyEdit(context, edit, now),
      snapshot: now => regions.all().map(region => snapshotOf(region, now)),
      reset: () => regions.reset(),
      streamKeys: () => regions.all().flatMap(region => region.streamKeys),
    };
  };
}

/** Every stream key that was given out since the last reset, for a test that looks for them where they must not be. */
export function streamKeys(emulator: { service(name: string): Service }): string[] {
  return (emulator.service('ivs-realtime') as IvsRealtimeService).streamKeys();
}

function snapshotOf({ account, region, ingestConfigurations, stages, storageConfigurations }: Region, now: number): Record<string, unknown> {
  return {
    account,
    region,
    ingestConfigurations: ingestConfigurations.all(now).map(withoutKeys),
    stages: stages.all(now),
    storageConfigurations: storageConfigurations.all(now),
  };
}

function withoutKeys(configuration: IngestConfiguration): IngestConfiguration {
  const hidden = <T extends Credential>(credential: T): T => ({ ...credential, streamKey: redacted });
  return { ...hidden(configuration), redundantIngestCredentials: configuration.redundantIngestCredentials.map(hidden) };
}
