/** The buckets of the account, for recordings. */
export interface Buckets {
  exists(bucket: string): boolean;
  /** Undefined: the bucket has no policy. */
  policyOf(bucket: string): string | undefined;
  /** Undefined: the policy is deleted. */
  putPolicy(bucket: string, policy: string | undefined): void;
  putObject(bucket: string, key: string): void;
}

export interface IvsRealtimeOptions {
  /** Ingest configurations in an account and region. Default: no limit. AWS gives an account 100, which is adjustable. */
  readonly quota?: number;
  /** The account is still being verified: create, update and delete answer PendingVerification. Default: false. */
  readonly pendingVerification?: boolean;
  /**
   * What a stage that does not exist makes of create and update (unverified: F-51). Default: 'modelled', the error that
   * the operation has in the model: ValidationException for create, ResourceNotFoundException for update. 'unchecked': nothing.
   */
  readonly missingStage?: 'modelled' | 'invalid' | 'not-found' | 'unchecked';
  /** What becomes of the stage and of redundant ingest when an update does not name them (unverified: F-50). Default: 'kept'. */
  readonly omittedOnUpdate?: 'kept' | 'cleared';
  /** From which configurations a deleted stage is removed: the documentation promises it for those with a live publisher (unverified: F-52). Default: 'all'. */
  readonly deletedStage?: 'all' | 'publishing';
  /** How a name, a user id, attributes and tags look that were never given (unverified: F-66). Default: 'omitted'. */
  readonly unset?: 'omitted' | 'empty';
  /** How many credentials redundant ingest adds. Default: 2, one for each encoder. */
  readonly redundantCredentials?: number;
  /** Whether creating with tags also needs ivs:TagResource, as the authorization reference says of other creates of IVS (unverified: F-06). Default: true. */
  readonly tagOnCreateNeedsTagResource?: boolean;
  /** The order of attributes in a response (unverified: F-53). Default: 'as-given'. */
  readonly attributeOrder?: 'as-given' | 'sorted';
  /** The order of redundant credentials in a response: that of their creation, or another one in each response (unverified: F-95). Default: 'stable'. */
  readonly credentialOrder?: 'stable' | 'rotating';
  /** Whether each stage has endpoints of its own, or all stages of an account and region have the same ones (unverified: F-94). Default: 'own'. */
  readonly stageEndpoints?: 'own' | 'shared';
  /**
   * The recording settings after the update of a stage that does not contain them (unverified: F-54). Default: 'reset', also of all settings if the
   * update contains none. 'kept-without-settings': they are kept only by an update that contains none. 'kept-with-settings': only by one that contains
   * others.
   */
  readonly omittedRecording?: 'reset' | 'kept' | 'kept-without-settings' | 'kept-with-settings';
  /** The statement in the policy of a bucket after the deletion of the storage configuration (unverified: F-56). Default: 'removed'. */
  readonly deletedStorage?: 'removed' | 'kept';
  /**
   * The deletion of an `AWS::IVS::IngestConfiguration` by CloudFormation while an encoder publishes (unverified: F-13). Default: 'refused', as
   * the service refuses a deletion without `force`. 'forced': the encoder is disconnected.
   */
  readonly nativeDeletion?: 'refused' | 'forced';
  /**
   * What recordings of participants need in the policy of the bucket (unverified: F-55). Default: 'documented', the documented statement. 'own': a
   * second statement, which only the service itself adds to the policy. Its content here is made up.
   */
  readonly recordingNeeds?: 'documented' | 'own';
  /** The buckets, which another emulator has. Default: none. Their policies don't change then, nothing is recorded, and every bucket exists. */
  readonly buckets?: Buckets;
}

/** Regions with an endpoint of the control plane. */
export const regions = ['ap-northeast-1', 'ap-northeast-2', 'ap-south-1', 'eu-central-1', 'eu-west-1', 'us-east-1', 'us-west-2'];

/** Calls per second as documented; AWS raises none of them. */
export const rates = {
  CreateIngestConfiguration: { perAccount: 5 },
  GetIngestConfiguration: { perAccount: 5 },
  UpdateIngestConfiguration: { perAccount: 5 },
  DeleteIngestConfiguration: { perAccount: 5 },
  ListIngestConfigurations: { perAccount: 5 },
  TagResource: { perAccount: 10 },
  UntagResource: { perAccount: 10 },
  ListTagsForResource: { perAccount: 10 },
  CreateParticipantToken: { perAccount: 50 },
  GetStage: { perAccount: 5 },
  DisconnectParticipant: { perAccount: 5 },
  CreateStage: { perAccount: 5 },
  DeleteStage: { perAccount: 5 },
  ListStages: { perAccount: 5 },
  UpdateStage: { perAccount: 5 },
  GetParticipant: { perAccount: 5 },
  CreateStorageConfiguration: { perAccount: 5 },
  DeleteStorageConfiguration: { perAccount: 5 },
  ListStorageConfigurations: { perAccount: 5 },
};
