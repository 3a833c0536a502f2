import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { grantOnArn } from './private/grant-on-arn';
import { ICE_SERVERS, INGEST_INTO_STREAM, JOIN_STORAGE, JOIN_STORAGE_AS_VIEWER, MASTER, USE_STREAM_KEY, VIEWER } from './private/iam-actions';
import { grantKey, grantKeyOfStream } from './private/stream-key';

/**
 * Grants on a signaling channel. Each grant allows what the WebRTC SDKs need for one role, on this channel only.
 *
 * The grants work with a channel of this library, an imported channel, and a `CfnSignalingChannel`.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/kvswebrtc-how-iam.html
 */
export class SignalingChannelGrants {
  /**
   * Returns the grants on a channel.
   *
   * @param channel The channel.
   * @param mediaStorageStream The stream into which the channel records. If it is given, `joinStorage` includes permissions on the stream.
   */
  public static fromSignalingChannel(
    channel: kinesisvideo.ISignalingChannelRef, mediaStorageStream?: kinesisvideo.IStreamRef,
  ): SignalingChannelGrants {
    return new SignalingChannelGrants(channel, mediaStorageStream);
  }

  private constructor(
    private readonly channel: kinesisvideo.ISignalingChannelRef, private readonly mediaStorageStream?: kinesisvideo.IStreamRef,
  ) {}

  /**
   * Grants connecting as the master, the device or peer that waits for viewers. Includes looking up the channel, its endpoints, and its ICE servers.
   *
   * @param grantee The principal to grant access to.
   */
  public master(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, MASTER);
  }

  /**
   * Grants connecting as a viewer. Includes looking up the channel, its endpoints, and its ICE servers.
   *
   * @param grantee The principal to grant access to.
   */
  public viewer(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, VIEWER);
  }

  /**
   * Grants requesting TURN servers and their credentials, without connecting to the channel. Use it if the peers exchange their messages by other
   * means, for example a voice agent that signals over its own API and uses the channel only for the relay of its media.
   *
   * Includes `GetSignalingChannelEndpoint`, with at most 300 calls per second and account, and `GetIceServerConfig`, with at most 5 calls per second
   * and channel and 100 per second and account. An application that has `masterHttpsEndpoint` needs only the second call. The credentials are valid
   * for 5 minutes, so request them for each session. A channel has at most 50 TURN allocations at a time. Use several channels if you need more.
   *
   * @param grantee The principal to grant access to.
   * @see https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/kvswebrtc-limits.html
   */
  public iceServers(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, ICE_SERVERS);
  }

  /**
   * Grants connecting as the master and sending media into the recorded session. Includes the permissions on the stream, if the stream is known.
   *
   * Includes the use of the customer-managed key that encrypts the stream: `encryptionKey`, the key of a `VideoStream`, or the `kmsKeyId` of a
   * `CfnStream`. That a storage session uses the key with the caller's permissions is unverified (F-20).
   *
   * @param grantee The principal to grant access to.
   * @param encryptionKey The key that encrypts the stream. Default: the key of the stream, if it is known.
   * @see https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/ingestion-grant-permission.html
   */
  public joinStorage(grantee: iam.IGrantable, encryptionKey?: kms.IKeyRef): iam.Grant {
    return this.grantWithStream(grantee, JOIN_STORAGE, encryptionKey);
  }

  /**
   * Grants connecting as a viewer and joining the recorded session. Includes the permissions on the stream, if the stream is known.
   *
   * Includes the use of the customer-managed key that encrypts the stream: `encryptionKey`, the key of a `VideoStream`, or the `kmsKeyId` of a
   * `CfnStream`. That a storage session uses the key with the caller's permissions is unverified (F-20).
   *
   * Sessions with several viewers may be limited to a preview in us-east-1 (unverified: F-21): an earlier edition of the API reference says so,
   * the current edition doesn't. If `JoinStorageSessionAsViewer` is denied although this grant is in place, check the region first.
   *
   * @param grantee The principal to grant access to.
   * @param encryptionKey The key that encrypts the stream. Default: the key of the stream, if it is known.
   * @see https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/ingestion-grant-permission.html
   */
  public joinStorageAsViewer(grantee: iam.IGrantable, encryptionKey?: kms.IKeyRef): iam.Grant {
    return this.grantWithStream(grantee, JOIN_STORAGE_AS_VIEWER, encryptionKey);
  }

  private grantWithStream(grantee: iam.IGrantable, actions: string[], encryptionKey: kms.IKeyRef | undefined): iam.Grant {
    const grant = this.grant(grantee, actions);
    const stream = this.mediaStorageStream;
    const onStream = stream && grantOnArn('stream', stream.streamRef.streamArn, grantee, INGEST_INTO_STREAM);
    const onKey = encryptionKey ? grantKey(encryptionKey, grantee, USE_STREAM_KEY) : stream && grantKeyOfStream(stream, grantee, USE_STREAM_KEY);
    return [onStream, onKey].reduce<iam.Grant>((all, one) => (one ? all.combine(one) : all), grant);
  }

  private grant(grantee: iam.IGrantable, actions: string[]): iam.Grant {
    return grantOnArn('channel', this.channel.signalingChannelRef.signalingChannelArn, grantee, actions);
  }
}
