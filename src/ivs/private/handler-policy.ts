import type { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CHANGE_INGEST_CONFIGURATION, GET_STAGE, READ_INGEST_CONFIGURATION, STORE_STREAM_KEY, USE_SECRET_KEY } from './iam-actions';
import { STACK_TAG } from '../../private/contract';
import type { HandlerPolicy } from '../../provider/private/handler-policies';

/** The permissions of the handlers for ingest configurations and their secrets. They don't depend on any one configuration. */
export const INGEST_CONFIGURATION_POLICY: HandlerPolicy = {
  name: 'IngestConfiguration',
  statements: ({ stack, conditions }) => {
    const configurations = [stack.formatArn({ service: 'ivs', region: '*', resource: 'ingest-configuration', resourceName: '*' })];
    return [
      new iam.PolicyStatement({ actions: ['ivs:CreateIngestConfiguration'], resources: configurations, conditions: conditions.create }),
      // Also to create a configuration with tags (unverified: F-06).
      new iam.PolicyStatement({ actions: ['ivs:TagResource'], resources: configurations, conditions: conditions.tagUnowned }),
      new iam.PolicyStatement({ actions: CHANGE_INGEST_CONFIGURATION, resources: configurations, conditions: conditions.change }),
      new iam.PolicyStatement({ actions: READ_INGEST_CONFIGURATION, resources: configurations }),
      readStages(stack),
      // List operations support no resource.
      new iam.PolicyStatement({ actions: ['ivs:ListIngestConfigurations'], resources: ['*'] }),
      // Always with tag conditions, whatever the provider's option says, because Secrets Manager documents that it evaluates them.
      new iam.PolicyStatement({
        actions: STORE_STREAM_KEY,
        resources: [stack.formatArn({ service: 'secretsmanager', resource: 'secret:*' })],
        conditions: { StringEquals: { [`aws:ResourceTag/${STACK_TAG}`]: stack.stackId } },
      }),
    ];
  },
  reads: ({ stack }) => [
    new iam.PolicyStatement({
      actions: ['ivs:GetIngestConfiguration'],
      resources: [stack.formatArn({ service: 'ivs', region: '*', resource: 'ingest-configuration', resourceName: '*' })],
    }),
    readStages(stack),
    new iam.PolicyStatement({
      actions: ['secretsmanager:GetSecretValue'],
      resources: [stack.formatArn({ service: 'secretsmanager', resource: 'secret:*' })],
      conditions: { StringEquals: { [`aws:ResourceTag/${STACK_TAG}`]: stack.stackId } },
    }),
  ],
};

/** The permissions of the handlers for the endpoints of stages. */
export const REAL_TIME_STAGE_ENDPOINTS_POLICY: HandlerPolicy = {
  name: 'RealTimeStageEndpoints',
  statements: ({ stack }) => [readStages(stack)],
  reads: ({ stack }) => [readStages(stack)],
};

/** The additional permissions for a secret with a customer-managed key. */
export const STREAM_KEY_ENCRYPTION_POLICY: HandlerPolicy = {
  name: 'IngestConfigurationEncryption',
  statements: ({ stack }) => [
    new iam.PolicyStatement({
      actions: USE_SECRET_KEY,
      resources: [stack.formatArn({ service: 'kms', resource: 'key/*' })],
      conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${stack.region}.amazonaws.com` } },
    }),
  ],
  reads: ({ stack }) => [
    new iam.PolicyStatement({
      actions: ['kms:Decrypt'],
      resources: [stack.formatArn({ service: 'kms', resource: 'key/*' })],
      conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${stack.region}.amazonaws.com` } },
    }),
  ],
};

/** Without a tag condition, because a stage may be of another stack. */
function readStages(stack: Stack): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions: GET_STAGE, resources: [stack.formatArn({ service: 'ivs', region: '*', resource: 'stage', resourceName: '*' })] });
}
