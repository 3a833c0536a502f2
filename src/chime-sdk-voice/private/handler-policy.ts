import type { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  ASSOCIATE_PHONE_NUMBERS, COMPARE_ASSOCIATIONS, COMPARE_PHONE_NUMBERS, COMPARE_SETTINGS, COMPARE_STREAMING, CONFIGURE_SETTINGS, CONFIGURE_STREAMING,
  DELIVER_LOGS, MANAGE_PHONE_NUMBERS, USE_MEDIA_INSIGHTS,
} from './iam-actions';
import { keyOfSecret } from '../../private/secret-key';
import type { HandlerPolicy } from '../../provider/private/handler-policies';

const SERVICE_LINKED_ROLE_SERVICE = 'voiceconnector.chime.amazonaws.com';

/** The names of topics and queues that the service uses; others cannot be chosen. */
const TARGET_NAMES = 'ChimeVoiceConnector-Streaming*';

/**
 * What the handlers may do with the streaming configuration of any voice connector: the service evaluates no tag conditions for them, so the
 * handler checks the owner.
 */
export const VOICE_CONNECTOR_STREAMING_POLICY: HandlerPolicy = {
  name: 'VoiceConnectorStreaming',
  statements: ({ stack }) => [
    new iam.PolicyStatement({ actions: CONFIGURE_STREAMING, resources: [chimeArn(stack, 'vc/*')] }),
    // The service makes it with the rights of the caller when streaming is turned on for the first time.
    new iam.PolicyStatement({
      actions: ['iam:CreateServiceLinkedRole'],
      resources: [stack.formatArn({
        service: 'iam', region: '', resource: 'role', resourceName: `aws-service-role/${SERVICE_LINKED_ROLE_SERVICE}/AWSServiceRoleForAmazonChimeVoiceConnector`,
      })],
      conditions: { StringEquals: { 'iam:AWSServiceName': SERVICE_LINKED_ROLE_SERVICE } },
    }),
  ],
  reads: ({ stack }) => [new iam.PolicyStatement({ actions: COMPARE_STREAMING, resources: [chimeArn(stack, 'vc/*')] })],
};

/** Besides, where a topic or a queue is notified: the service creates them with the permissions of the caller (unverified: F-36). */
export const STREAMING_TARGETS_POLICY: HandlerPolicy = {
  name: 'VoiceConnectorStreamingTargets',
  statements: ({ stack }) => [
    new iam.PolicyStatement({
      actions: ['sns:CreateTopic', 'sns:GetTopicAttributes'],
      resources: [stack.formatArn({ service: 'sns', region: '*', resource: TARGET_NAMES })],
    }),
    new iam.PolicyStatement({
      actions: ['sqs:CreateQueue', 'sqs:GetQueueAttributes'],
      resources: [stack.formatArn({ service: 'sqs', region: '*', resource: TARGET_NAMES })],
    }),
  ],
};

/** Besides, where calls are analysed. */
export const STREAMING_INSIGHTS_POLICY: HandlerPolicy = {
  name: 'VoiceConnectorStreamingInsights',
  statements: ({ stack }) => [
    new iam.PolicyStatement({ actions: USE_MEDIA_INSIGHTS, resources: [chimeArn(stack, 'media-insights-pipeline-configuration/*')] }),
  ],
};

/**
 * What the handlers may do with termination, origination, and logging of any voice connector: one policy for all settings of later versions. Streaming keeps
 * the policy that deployed stacks have.
 */
export const VOICE_CONNECTOR_SETTINGS_POLICY: HandlerPolicy = {
  name: 'VoiceConnectorSettings',
  statements: ({ stack }) => [new iam.PolicyStatement({ actions: CONFIGURE_SETTINGS, resources: [chimeArn(stack, 'vc/*')] })],
  reads: ({ stack }) => [new iam.PolicyStatement({ actions: COMPARE_SETTINGS, resources: [chimeArn(stack, 'vc/*')] })],
};

/** In addition, if a voice connector logs: the service delivers the logs with the rights of the caller, and asks for them on every resource. */
export const LOG_DELIVERY_POLICY: HandlerPolicy = {
  name: 'VoiceConnectorLogDelivery',
  statements: () => [new iam.PolicyStatement({ actions: DELIVER_LOGS, resources: ['*'] })],
};

/**
 * What the handlers may do with phone numbers: only in stacks that order numbers. The service supports no resource and no tag condition for numbers and
 * orders, so the handler checks the owner mark in the name of the number.
 */
export const PHONE_NUMBER_POLICY: HandlerPolicy = {
  name: 'PhoneNumber',
  statements: () => [new iam.PolicyStatement({ actions: MANAGE_PHONE_NUMBERS, resources: ['*'] })],
  reads: () => [new iam.PolicyStatement({ actions: COMPARE_PHONE_NUMBERS, resources: ['*'] })],
};

/** What the handlers may do with the phone numbers of any voice connector. A stack that only associates numbers can neither order nor release one. To read a number supports no resource. */
export const PHONE_NUMBER_ASSOCIATION_POLICY: HandlerPolicy = {
  name: 'PhoneNumberAssociation',
  statements: ({ stack }) => [
    new iam.PolicyStatement({ actions: ASSOCIATE_PHONE_NUMBERS, resources: [chimeArn(stack, 'vc/*')] }),
    new iam.PolicyStatement({ actions: COMPARE_PHONE_NUMBERS, resources: ['*'] }),
  ],
  reads: ({ stack }) => [
    new iam.PolicyStatement({ actions: COMPARE_ASSOCIATIONS, resources: [chimeArn(stack, 'vc/*')] }),
    new iam.PolicyStatement({ actions: COMPARE_PHONE_NUMBERS, resources: ['*'] }),
  ],
};

/** What the handlers may read for one termination construct: the secrets of its SIP users. */
export function readCredentials(secrets: readonly secretsmanager.ISecret[]): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({
      actions: ['secretsmanager:GetSecretValue'],
      // Secrets Manager adds six characters to a name; an import by name doesn't know them.
      resources: secrets.map(({ secretFullArn, secretArn }) => secretFullArn ?? `${secretArn}-??????`),
    }),
    ...secrets.flatMap((secret) => (
      secret.encryptionKey ? [new iam.PolicyStatement({ actions: ['kms:Decrypt'], ...keyOfSecret(secret, secret.encryptionKey) })] : []
    )),
  ];
}

function chimeArn(stack: Stack, resource: string): string {
  return stack.formatArn({ service: 'chime', region: '*', resource });
}
