import {
  DeleteSignalingChannelCommand, DescribeMediaStorageConfigurationCommand, DescribeSignalingChannelCommand, KinesisVideoClient,
  ListTagsForResourceCommand, UntagResourceCommand,
} from '@aws-sdk/client-kinesis-video';
import { Duration, RemovalPolicy, Tags } from 'aws-cdk-lib';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import type { Construct } from 'constructs';
import { ifFound, ONE_REGION, type PropertyCases, type Subject, type Variant } from './subject';
import { ChannelType, SignalingChannel, type SignalingChannelProps } from '../../src';

const named = (namePrefix: string) => `${namePrefix}-front-door`;

function propsOf(scope: Construct, variant: Variant, namePrefix: string): SignalingChannelProps {
  const mesh = { channelType: ChannelType.FULL_MESH };
  const name = { signalingChannelName: named(namePrefix) };
  switch (variant) {
    case 'created': return {};
    case 'updated': return {
      messageTtl: Duration.seconds(30), mediaStorageStream: new kinesisvideo.CfnStream(scope, 'Recordings', { dataRetentionInHours: 24 }), forceUpdateNonce: '1',
    };
    case 'replaced': return mesh;
    case 'renamed': return { ...mesh, ...name };
    case 'retained': return { ...mesh, ...name, removalPolicy: RemovalPolicy.RETAIN };
  }
}

const properties: PropertyCases<SignalingChannelProps> = {
  construct: 'SignalingChannel',
  props: propsOf,
  cases: {
    signalingChannelName: 'rename',
    channelType: 'replacement',
    messageTtl: 'update',
    mediaStorageStream: 'update',
    adoptExisting: 'adopt',
    region: ONE_REGION,
    forceUpdateNonce: 'update',
    removalPolicy: 'retain',
  },
};

export const signaling: Subject = {
  area: 'signaling',
  construct: 'SignalingChannel',
  id: 'Signaling',
  type: 'Custom::RtcSignalingChannel',
  properties: [properties],
  expected: (variant, namePrefix) => {
    const mesh = { status: 'ACTIVE', type: 'FULL_MESH', recording: 'DISABLED' };
    switch (variant) {
      case 'created': return { state: { status: 'ACTIVE', type: 'SINGLE_MASTER', messageTtlSeconds: 60, recording: 'DISABLED' } };
      case 'updated': return { state: { status: 'ACTIVE', messageTtlSeconds: 30, recording: 'ENABLED', tags: { team: 'doors' } } };
      case 'replaced': return { state: mesh, isReplaced: true };
      case 'renamed': return { state: { ...mesh, name: named(namePrefix) }, isReplaced: true };
      case 'retained': return { state: { ...mesh, name: named(namePrefix) } };
    }
  },
  build: (scope, variant, namePrefix) => {
    const channel = new SignalingChannel(scope, 'Channel', propsOf(scope, variant, namePrefix));
    if (variant === 'updated') Tags.of(channel).add('team', 'doors');
    return channel.signalingChannelArn;
  },
  observe: async (context, id) => {
    const client = context.client(KinesisVideoClient);
    const described = await ifFound(client.send(new DescribeSignalingChannelCommand({ ChannelARN: id })));
    if (!described || described.ChannelInfo!.ChannelStatus === 'DELETING') return undefined;
    const { ChannelName, ChannelStatus, ChannelType: type, SingleMasterConfiguration, FullMeshConfiguration, Version } = described.ChannelInfo as any;
    const { MediaStorageConfiguration } = await client.send(new DescribeMediaStorageConfigurationCommand({ ChannelARN: id }));
    const { Tags: tags } = await client.send(new ListTagsForResourceCommand({ ResourceARN: id }));
    return {
      name: ChannelName,
      status: ChannelStatus,
      type,
      messageTtlSeconds: (SingleMasterConfiguration ?? FullMeshConfiguration)?.MessageTtlSeconds,
      recording: MediaStorageConfiguration?.Status ?? 'DISABLED',
      version: Version,
      tags,
    };
  },
  conflict: {
    build: (scope, { namePrefix }) => { new SignalingChannel(scope, 'Channel', { signalingChannelName: named(namePrefix) }); },
    reason: /signalingChannelName: .* is taken/,
  },
  deleteRetained: async (context, id) => {
    await ifFound(context.client(KinesisVideoClient).send(new DeleteSignalingChannelCommand({ ChannelARN: id })));
  },
  adoption: {
    state: { type: 'FULL_MESH', tags: { team: 'lobby' } },
    release: async (context, id) => {
      await context.client(KinesisVideoClient).send(new UntagResourceCommand({ ResourceARN: id, TagKeyList: ['cdk-rtc:stack', 'cdk-rtc:resource'] }));
    },
    build: (scope, { namePrefix }) => {
      const channel = new SignalingChannel(scope, 'Channel', { ...propsOf(scope, 'renamed', namePrefix), adoptExisting: true });
      Tags.of(channel).add('team', 'lobby');
      return channel.signalingChannelArn;
    },
  },
};
