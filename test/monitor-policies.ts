import type { Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { type PolicyDocument, synthesised } from './synthesised-policies';
import { ChimeMeetingPool, IngestConfiguration, RtcDriftMonitor, SignalingChannel, VoiceConnector, VoiceConnectorStreaming } from '../src';

/** One of each kind, with all that a monitor could need rights for, and the monitor of all. */
export function oneOfEach(stack: Stack): RtcDriftMonitor {
  const monitor = new RtcDriftMonitor(stack, 'DriftMonitor');
  const key = new kms.Key(stack, 'Key');
  new SignalingChannel(stack, 'Channel');
  new IngestConfiguration(stack, 'Ingest', { streamKeySecretEncryptionKey: key });
  new VoiceConnectorStreaming(stack, 'Streaming', { voiceConnector: VoiceConnector.fromVoiceConnectorId(stack, 'Connector', 'abcdefghijklmnopqrstuv') });
  new ChimeMeetingPool(stack, 'Rooms', { size: 1, encryptionKey: key });
  return monitor;
}

let documents: unknown[] | undefined;

/** What the role of a stack's monitor may do, as CloudFormation would put it; every table and key is the one of the test. */
export function monitorPolicies(stackId: string): PolicyDocument[] {
  documents ??= (() => {
    const roles = synthesised(oneOfEach).findResources('AWS::IAM::Role');
    const [role] = Object.entries(roles).filter(([id]) => id.startsWith('DriftMonitorFunctionRole')).map(([, { Properties }]) => Properties);
    return role.Policies.map(({ PolicyDocument: document }: { PolicyDocument: unknown }) => document);
  })();
  const [, , , region, account] = stackId.split(':');
  const references: Record<string, string> = { 'AWS::StackId': stackId, 'AWS::AccountId': account, 'AWS::Partition': 'aws', 'AWS::Region': region };
  const fill = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== 'object' || value === null) return value;
    const { Ref, 'Fn::Join': join, 'Fn::GetAtt': attribute } = value as Record<string, any>;
    if (Ref !== undefined) return references[Ref];
    if (join) return (fill(join[1]) as string[]).join(join[0]);
    if (attribute) return attribute[0].includes('Table') ? `arn:aws:dynamodb:${region}:${account}:table/*` : `arn:aws:other:::${attribute[0]}`;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item)]));
  };
  return documents!.map((document) => fill(document) as PolicyDocument);
}
