import { badRequest, Context } from './lookup';
import { defaultQuotas, mediaRegions } from './options';
import { Capabilities, MeetingFeatures } from './state';

/* What the model leaves out. */

const externalIdPattern = /^[-_&@+=,(){}[\]/«».:|'"#a-zA-Z0-9À-ÿ\s]*$/;

/** The value is sensitive and so not quoted. */
export function assertExternalId(name: string, value: string | undefined): void {
  if (value === undefined) return;
  if (!externalIdPattern.test(value)) throw badRequest(`${name} has characters that are not allowed`);
  if (/^aws:/i.test(value)) throw badRequest(`${name} must not start with aws:`);
}

export function assertMediaRegion({ options }: Context, region: string): void {
  if (options.unknownMediaRegion === 'refuse' && !mediaRegions.includes(region)) throw badRequest(`MediaRegion ${region} is not supported`);
}

const notificationTargets: Record<string, { readonly service: string; readonly inControlRegion: boolean }> = {
  LambdaFunctionArn: { service: 'lambda', inControlRegion: false },
  SnsTopicArn: { service: 'sns', inControlRegion: true },
  SqsQueueArn: { service: 'sqs', inControlRegion: true },
};

/** Nothing is ever delivered, only the ARNs must be right. */
export function assertNotifications(configuration: Record<string, string>, region: string): void {
  for (const [name, arn] of Object.entries(configuration)) {
    const { service, inControlRegion } = notificationTargets[name];
    const [, , ofService, ofRegion, account, resource] = arn.split(':');
    if (ofService !== service || !/^\d{12}$/.test(account) || !resource) throw badRequest(`${name} is not an ARN of ${service}`);
    if (inControlRegion && ofRegion !== region) throw badRequest(`${name} must be in ${region}`);
  }
}

export function completeFeatures(context: Context, given: MeetingFeatures): MeetingFeatures {
  return {
    Audio: { EchoReduction: 'UNAVAILABLE', ...given.Audio },
    Video: { MaxResolution: 'HD', ...given.Video },
    Content: { MaxResolution: 'FHD', ...given.Content },
    Attendee: { MaxCount: maximumAttendees(context, given) },
  };
}

function quotasOf({ options }: Context): typeof defaultQuotas {
  return { ...defaultQuotas, ...options.quotas };
}

export function maximumAttendees(context: Context, { Attendee }: MeetingFeatures): number {
  return Math.min(Attendee?.MaxCount ?? Infinity, quotasOf(context).attendees);
}

/** Higher resolutions are limited to fewer attendees, so the attendees must be limited. */
export function assertFeatures(context: Context, { Video, Content, Attendee }: MeetingFeatures): void {
  if (Video?.MaxResolution !== 'FHD' && Content?.MaxResolution !== 'UHD') return;
  const { highDefinitionAttendees } = quotasOf(context);
  if (Attendee?.MaxCount === undefined) throw badRequest('MeetingFeatures.Attendee.MaxCount must be set for FHD video or UHD content');
  if (Attendee.MaxCount > highDefinitionAttendees) {
    throw badRequest(`MeetingFeatures.Attendee.MaxCount must not be above ${highDefinitionAttendees} with FHD video or UHD content`);
  }
}

export function defaultCapabilities({ Video, Content }: MeetingFeatures): Capabilities {
  const content = Content?.MaxResolution !== 'None';
  // The service requires that an attendee with content can at least receive video, even though a meeting without video doesn't allow to request it.
  const withoutVideo = content ? 'Receive' : 'None';
  return { Audio: 'SendReceive', Video: Video?.MaxResolution === 'None' ? withoutVideo : 'SendReceive', Content: content ? 'SendReceive' : 'None' };
}

export function assertCapabilities({ Video, Content }: MeetingFeatures, capabilities: Capabilities | undefined): void {
  if (!capabilities) return;
  if (Video?.MaxResolution === 'None' && capabilities.Video !== 'None') throw badRequest('The meeting has no video: Capabilities.Video must be None');
  if (Content?.MaxResolution === 'None' && capabilities.Content !== 'None') throw badRequest('The meeting has no content: Capabilities.Content must be None');
  if (receives(capabilities.Content) && !receives(capabilities.Video)) throw badRequest('Capabilities.Video must include Receive when Capabilities.Content does');
}

function receives(capability: string): boolean {
  return capability === 'SendReceive' || capability === 'Receive';
}
