import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { StorageConfiguration } from '../../src';

const app = new App();
const stack = new Stack(app, 'cdk-rtc-integ-storage-configuration');
new StorageConfiguration(stack, 'Recordings', { bucket: new s3.Bucket(stack, 'Bucket', { removalPolicy: RemovalPolicy.DESTROY }) });
app.synth();
