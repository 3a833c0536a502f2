import { ServiceError } from '../errors';

export function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

export function invalidParameter(message: string): ServiceError {
  return invalid(`One or more parameter values were invalid: ${message}`);
}

/** For what the real service can do and the emulator cannot. */
export function notEmulated(what: string): ServiceError {
  return new ServiceError('NotEmulated', `The emulator has no ${what}`, 501);
}
