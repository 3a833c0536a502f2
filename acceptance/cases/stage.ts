import { GetStageCommand, IVSRealTimeClient } from '@aws-sdk/client-ivs-realtime';
import { CfnOutput, RemovalPolicy } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { ifFound, type Subject } from './subject';
import { RealTimeStage, StorageConfiguration } from '../../src';

/** A stage with its endpoints, which records participants after the update. */
export const stage: Subject = {
  area: 'stage',
  construct: 'RealTimeStage',
  id: 'Studio',
  type: 'AWS::IVS::Stage',
  expected: (variant, namePrefix) => {
    switch (variant) {
      case 'created': return { state: { isRecording: false } };
      case 'updated': return { state: { isRecording: true } };
      case 'renamed': return { state: { name: `${namePrefix}-studio`, isRecording: true } };
      default: return undefined;
    }
  },
  build: (scope, variant, namePrefix) => {
    const bucket = new s3.Bucket(scope, 'Recordings', { removalPolicy: RemovalPolicy.DESTROY });
    const storageConfiguration = new StorageConfiguration(scope, 'Storage', { bucket });
    const built = new RealTimeStage(scope, 'Stage', {
      stageName: variant === 'renamed' ? `${namePrefix}-studio` : undefined,
      autoParticipantRecording: variant === 'created' ? undefined : { storageConfiguration },
    });
    new CfnOutput(scope, 'Server', { value: built.rtmpsEndpoint }).overrideLogicalId('StudioServer');
    return built.stageArn;
  },
  observe: async (context, id) => {
    const found = await ifFound(context.client(IVSRealTimeClient).send(new GetStageCommand({ arn: id })));
    if (!found) return undefined;
    const { name, autoParticipantRecordingConfiguration } = found.stage!;
    return { name, isRecording: Boolean(autoParticipantRecordingConfiguration?.storageConfigurationArn) };
  },
};
