import { DeleteStageCommand, GetStageCommand, IVSRealTimeClient } from '@aws-sdk/client-ivs-realtime';
import { CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ivs from 'aws-cdk-lib/aws-ivs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { ifFound, type PropertyCases, type Subject, type Variant } from './subject';
import {
  type AutoParticipantRecordingOptions, ParticipantRecordingMediaType, RealTimeStage, type RealTimeStageProps, StorageConfiguration,
  type StorageConfigurationProps,
} from '../../src';

function storageOf(scope: Construct, variant: Variant, namePrefix: string): StorageConfigurationProps {
  const isRenamed = variant === 'renamed' || variant === 'retained';
  return {
    bucket: new s3.Bucket(scope, isRenamed ? 'RenamedRecordings' : 'Recordings', { removalPolicy: RemovalPolicy.DESTROY }),
    storageConfigurationName: isRenamed ? `${namePrefix}-recordings` : undefined,
  };
}

function recordingOf(storageConfiguration: ivs.IStorageConfigurationRef): AutoParticipantRecordingOptions {
  return {
    storageConfiguration,
    mediaType: ParticipantRecordingMediaType.AUDIO_ONLY,
    recordingReconnectWindow: Duration.seconds(30),
    targetSegmentDuration: Duration.seconds(10),
  };
}

function propsOf(scope: Construct, variant: Variant, namePrefix: string): RealTimeStageProps {
  const storageConfiguration = new StorageConfiguration(scope, 'Storage', storageOf(scope, variant, namePrefix));
  const stageName = `${namePrefix}-studio`;
  switch (variant) {
    case 'created': return {};
    case 'renamed': return { stageName, autoParticipantRecording: recordingOf(storageConfiguration), forceUpdateNonce: '1' };
    // A storage configuration that a stage uses can't be deleted.
    case 'retained': return { stageName, forceUpdateNonce: '1', removalPolicy: RemovalPolicy.RETAIN };
    default: return { autoParticipantRecording: recordingOf(storageConfiguration), forceUpdateNonce: '1' };
  }
}

const properties: PropertyCases<RealTimeStageProps> = {
  construct: 'RealTimeStage',
  props: propsOf,
  cases: { stageName: 'rename', autoParticipantRecording: 'update', forceUpdateNonce: 'update', removalPolicy: 'retain' },
};
const storageProperties: PropertyCases<StorageConfigurationProps> = {
  construct: 'StorageConfiguration',
  props: storageOf,
  cases: {
    storageConfigurationName: 'rename',
    bucket: 'rename',
    removalPolicy: { unchanged: 'Only CloudFormation reads it. The stage shows the same for a native resource.' },
  },
};

const RECORDING = { isRecording: true, mediaTypes: ['AUDIO_ONLY'], reconnectSeconds: 30, segmentSeconds: 10 };

/** A stage with its endpoints, which records participants after the update. The new name of the storage configuration replaces it. */
export const stage: Subject = {
  area: 'stage',
  construct: 'RealTimeStage',
  id: 'Studio',
  type: 'AWS::IVS::Stage',
  properties: [properties, storageProperties],
  expected: (variant, namePrefix) => {
    switch (variant) {
      case 'created': return { state: { isRecording: false } };
      case 'updated': return { state: RECORDING };
      case 'renamed': return { state: { ...RECORDING, name: `${namePrefix}-studio` } };
      case 'retained': return { state: { name: `${namePrefix}-studio`, isRecording: false } };
      default: return undefined;
    }
  },
  build: (scope, variant, namePrefix) => {
    const built = new RealTimeStage(scope, 'Stage', propsOf(scope, variant, namePrefix));
    new CfnOutput(scope, 'Server', { value: built.rtmpsEndpoint }).overrideLogicalId('StudioServer');
    const storage = scope.node.findChild('Storage') as StorageConfiguration;
    new CfnOutput(scope, 'StorageArn', { value: storage.storageConfigurationArn }).overrideLogicalId('StudioStorage');
    return built.stageArn;
  },
  observe: async (context, id, outputs) => {
    const found = await ifFound(context.client(IVSRealTimeClient).send(new GetStageCommand({ arn: id })));
    if (!found) return undefined;
    const { name, autoParticipantRecordingConfiguration: recording } = found.stage!;
    return {
      name,
      isRecording: recording?.storageConfigurationArn === outputs.StudioStorage,
      mediaTypes: recording?.mediaTypes,
      reconnectSeconds: recording?.recordingReconnectWindowSeconds,
      segmentSeconds: recording?.hlsConfiguration?.targetSegmentDurationSeconds,
    };
  },
  deleteRetained: async (context, id) => {
    const client = context.client(IVSRealTimeClient);
    // IAM denies the deletion of a resource that is gone: the condition for its tag isn't met.
    if (await ifFound(client.send(new GetStageCommand({ arn: id })))) await ifFound(client.send(new DeleteStageCommand({ arn: id })));
  },
};
