import * as iam from 'aws-cdk-lib/aws-iam';
import { CHANGE_INGEST_CONFIGURATION, KEEP_STREAM_KEY, READ_INGEST_CONFIGURATION, USE_SECRET_KEY } from './iam-actions';
import { STACK_TAG } from '../../private/contract';
import type { HandlerPolicy } from '../../provider/private/handler-policies';

/** What the handlers may do with ingest configurations and their secrets: nothing in it depends on any one of them. */
export const INGEST_CONFIGURATION_POLICY: HandlerPolicy = {
  name: 'IngestConfiguration',
  statements: ({ stack, conditions }) => {
    const configurations = [stack.formatArn({ service: 'ivs', region: '*', resource: 'ingest-configuration', resourceName: '*' })];
    return [
      new iam.PolicyStatement({ actions: ['ivs:CreateIngestConfiguration'], resources: configurations, conditions: conditions.create }),
      ...conditions.tag.map((condition) => new iam.PolicyStatement({ actions: ['ivs:TagResource'], resources: configurations, conditions: condition })),
      new iam.PolicyStatement({ actions: CHANGE_INGEST_CONFIGURATION, resources: configurations, conditions: conditions.change }),
      new iam.PolicyStatement({ actions: READ_INGEST_CONFIGURATION, resources: configurations }),
      // A list has no resource.
      new iam.PolicyStatement({ actions: ['ivs:ListIngestConfigurations'], resources: ['*'] }),
      // Always with tag conditions, whatever the provider's option says, because Secrets Manager documents that it evaluates them.
      new iam.PolicyStatement({
        actions: KEEP_STREAM_KEY,
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
    new iam.PolicyStatement({
      actions: ['secretsmanager:GetSecretValue'],
      resources: [stack.formatArn({ service: 'secretsmanager', resource: 'secret:*' })],
      conditions: { StringEquals: { [`aws:ResourceTag/${STACK_TAG}`]: stack.stackId } },
    }),
  ],
};

/** Besides, where the secret has a key of its own. */
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
