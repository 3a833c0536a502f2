import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { IngestConfiguration, RealTimeStage } from '../../src';

const app = new App();
const stack = new Stack(app, 'cdk-rtc-integ-ingest-configuration');
const ingest = new IngestConfiguration(stack, 'Ingest', { stage: new RealTimeStage(stack, 'Stage') });
new CfnOutput(stack, 'StreamKeySecret', { value: ingest.streamKeySecret.secretArn });
app.synth();
