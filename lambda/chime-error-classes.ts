import type { ErrorClass } from './engine/error-classes';

/** Of every service of Amazon Chime SDK. https://docs.aws.amazon.com/chime-sdk/latest/APIReference/Welcome.html */
export const CHIME_ERROR_CLASSES: Record<string, ErrorClass> = {
  NotFoundException: 'gone',
  ConflictException: 'conflict',
  // The limits of the voice operations aren't published (unverified: F-37).
  ThrottledClientException: 'throttled',
  ServiceUnavailableException: 'busy',
  ServiceFailureException: 'busy',
  ForbiddenException: 'denied',
  UnauthorizedClientException: 'denied',
  BadRequestException: 'terminal',
};
