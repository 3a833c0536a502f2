import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as logs from 'aws-cdk-lib/aws-logs';
import { IngestConfiguration, LivePublisherPolicy, RealTimeStage } from 'cdk-rtc';

const app = new App();
// A default project of `cdk init` sets this flag: the VPC gets a custom resource that calls Amazon EC2.
app.node.setContext('@aws-cdk/aws-ec2:restrictDefaultSecurityGroup', true);
const stack = new Stack(app, 'LiveStudio');

const stage = new RealTimeStage(stack, 'Stage', { stageName: 'studio' });
const ingest = new IngestConfiguration(stack, 'Ingest', { stage, userId: 'studio-camera', onLivePublisher: LivePublisherPolicy.WAIT });

// The encoder is a container. It gets the stream key from the secret.
const task = new ecs.FargateTaskDefinition(stack, 'Task');
task.addContainer('Encoder', {
  image: ecs.ContainerImage.fromRegistry('public.ecr.aws/docker/library/busybox'),
  command: ['sh', '-c', 'echo encode'],
  logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'encoder', logGroup: new logs.LogGroup(stack, 'Log', { removalPolicy: RemovalPolicy.DESTROY }) }),
  secrets: { STREAM_KEY: ecs.Secret.fromSecretsManager(ingest.streamKeySecret, 'streamKey') },
});
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 }) });

new CfnOutput(stack, 'ParticipantId', { value: ingest.participantId });
new CfnOutput(stack, 'ClusterName', { value: cluster.clusterName });
new CfnOutput(stack, 'TaskDefinition', { value: task.taskDefinitionArn });
