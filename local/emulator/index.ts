export type { Principal, Principals, PolicyDocument } from './authorization';
export type { CallRecord } from './calls';
export { chime, type ChimeOptions } from './chime';
export {
  chimeSdkMeetings, type ChimeSdkMeetingsOptions, joinTokens, type MeetingEdit, type MeetingOptions,
} from './chime-sdk-meetings';
export {
  chimeSdkVoice, type ChimeSdkVoiceEdit, type ChimeSdkVoiceOptions, type NumberForSale, type NumberOptions, type PhoneNumberEdit, sipCredentials,
} from './chime-sdk-voice';
export { type Clock, realClock, VirtualClock, type VirtualClockOptions } from './clock';
export { type CallEvent, type CallListener, Emulator, type EmulatorOptions, type ResourceAction } from './emulator';
export { dynamoDb, type DynamoDbEdit, type DynamoDbOptions } from './dynamodb';
export { ConnectionLost, ServiceError } from './errors';
export type { Fault, FaultFilter, FaultKind } from './faults';
export { type Buckets, ivsRealtime, type IvsRealtimeEdit, type IvsRealtimeOptions, streamKeys } from './ivs-realtime';
export { kinesisVideo, type KinesisVideoEdit, type KinesisVideoOptions, kinesisVideoSignaling } from './kinesisvideo';
export type { RateSetting } from './rates';
export type { EmulatorRequest, EmulatorResponse } from './request';
export { requestHandler } from './request-handler';
export { secretsManager, type SecretsManagerEdit, type SecretsManagerOptions, secretValues } from './secrets-manager';
export { type RunningServer, type ServerOptions, startServer } from './server';
export type { Edit, Rate, ResourceResult, Service, ServiceFactory, Timings } from './service';
