import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { grantOnArn } from './private/grant-on-arn';
import {
  GENERATE_ENCRYPTED_IMAGES, GET_CLIP, GET_IMAGES, GET_MEDIA, INGEST_INTO_STREAM, LIST_FRAGMENTS, PLAY, PUBLISH_ENCRYPTED, READ_ENCRYPTED,
  WRITE_ENCRYPTED,
} from './private/iam-actions';
import { grantKey, grantKeyOfStream } from './private/stream-key';
import { IMAGE_GENERATION, NOTIFICATION, settingOf } from './private/video-stream-settings';
import type { VideoStreamImageGenerationOptions } from './video-stream-image-generation';
import type { VideoStreamNotificationOptions } from './video-stream-notification';
import { suppressGrant } from '../private/suppressions';

/**
 * Grants on a Kinesis video stream. Each grant allows what one kind of producer or consumer needs, on this stream only.
 *
 * The grants work with a `VideoStream`, an imported stream, and a `CfnStream`. If a customer-managed key encrypts the stream and is known, each grant
 * includes its use: the key of a `VideoStream`, or the `kmsKeyId` of a `CfnStream`.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/how-iam.html
 */
export class VideoStreamGrants {
  /**
   * Returns the grants on a stream.
   *
   * @param stream The stream.
   * @param encryptionKey The key that encrypts the stream. Default: the key of the stream, if it is known.
   */
  public static fromStream(stream: kinesisvideo.IStreamRef, encryptionKey?: kms.IKeyRef): VideoStreamGrants {
    return new VideoStreamGrants(stream, encryptionKey);
  }

  private constructor(private readonly stream: kinesisvideo.IStreamRef, private readonly encryptionKey?: kms.IKeyRef) {}

  /**
   * Grants sending media into the stream.
   *
   * The service writes images and publishes notifications with the credentials of the producer. If this app configures them for the stream, the grant
   * includes the permissions on the bucket, the topic, and their keys. For a `CfnStream`, apply the mixins before you call this method.
   *
   * @param grantee The principal to grant access to.
   */
  public putMedia(grantee: iam.IGrantable): iam.Grant {
    const images = settingOf(IMAGE_GENERATION, this.stream);
    const notification = settingOf(NOTIFICATION, this.stream);
    return combined(
      this.onStream(grantee, INGEST_INTO_STREAM),
      this.onKey(grantee, images ? GENERATE_ENCRYPTED_IMAGES : WRITE_ENCRYPTED),
      ...images ? writeImages(grantee, images) : [],
      ...notification ? publish(grantee, notification) : [],
    );
  }

  /**
   * Grants reading media as it arrives, or from a point in the past.
   *
   * @param grantee The principal to grant access to.
   */
  public getMedia(grantee: iam.IGrantable): iam.Grant {
    return this.read(grantee, GET_MEDIA);
  }

  /**
   * Grants listing the stored fragments of a time range, and reading their media.
   *
   * @param grantee The principal to grant access to.
   */
  public listFragments(grantee: iam.IGrantable): iam.Grant {
    return this.read(grantee, LIST_FRAGMENTS);
  }

  /**
   * Grants creating URLs for HLS and DASH players. A player that has such a URL needs no permissions until the URL expires.
   *
   * @param grantee The principal to grant access to.
   */
  public play(grantee: iam.IGrantable): iam.Grant {
    return this.read(grantee, PLAY);
  }

  /**
   * Grants downloading clips as MP4 files.
   *
   * @param grantee The principal to grant access to.
   */
  public getClip(grantee: iam.IGrantable): iam.Grant {
    return this.read(grantee, GET_CLIP);
  }

  /**
   * Grants requesting images of a time range. The permission is independent of `imageGeneration`.
   *
   * @param grantee The principal to grant access to.
   */
  public getImages(grantee: iam.IGrantable): iam.Grant {
    return this.read(grantee, GET_IMAGES);
  }

  private read(grantee: iam.IGrantable, actions: string[]): iam.Grant {
    return combined(this.onStream(grantee, actions), this.onKey(grantee, READ_ENCRYPTED));
  }

  private onStream(grantee: iam.IGrantable, actions: string[]): iam.Grant {
    return grantOnArn('stream', this.stream.streamRef.streamArn, grantee, actions);
  }

  private onKey(grantee: iam.IGrantable, actions: string[]): iam.Grant | undefined {
    return this.encryptionKey ? grantKey(this.encryptionKey, grantee, actions) : grantKeyOfStream(this.stream, grantee, actions);
  }
}

/** Not `bucket.grantPut`, which adds permissions that the service doesn't need. */
function writeImages(grantee: iam.IGrantable, { bucket, keyPrefix = '' }: VideoStreamImageGenerationOptions): (iam.Grant | undefined)[] {
  const grant = iam.Grant.addToPrincipalOrResource({
    grantee, actions: ['s3:PutObject'], resourceArns: [bucket.arnForObjects(`${keyPrefix}*`)], resource: bucket,
  });
  const { encryptionKey } = bucket;
  return [
    suppressGrant(grant, grantee, 'The service generates the names of the images.'),
    encryptionKey && grantKey(encryptionKey, grantee, GENERATE_ENCRYPTED_IMAGES),
  ];
}

/** Not `topic.grantPublish`, because its wildcard would be a finding of cdk-nag. */
function publish(grantee: iam.IGrantable, { topic }: VideoStreamNotificationOptions): (iam.Grant | undefined)[] {
  const onKey = topic.masterKey && grantKey(topic.masterKey, grantee, PUBLISH_ENCRYPTED);
  return [
    iam.Grant.addToPrincipalOrResource({ grantee, actions: ['sns:Publish'], resourceArns: [topic.topicArn], resource: topic }),
    onKey && suppressGrant(onKey, grantee, 'The guide of Amazon SNS lists the actions on the key with this wildcard.'),
  ];
}

function combined(first: iam.Grant, ...others: (iam.Grant | undefined)[]): iam.Grant {
  return others.reduce<iam.Grant>((all, one) => (one ? all.combine(one) : all), first);
}
