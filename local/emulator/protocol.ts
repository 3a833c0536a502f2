import { awsJson } from './aws-json';
import { ServiceError } from './errors';
import { OperationModel, ServiceModel } from './model';
import { EmulatorResponse, ParsedRequest } from './request';
import { restJson } from './rest-json';
import { Route } from './routes';

/** How requests, answers and errors of a service travel. */
export interface Protocol {
  /** The status of an UnknownOperationException. */
  readonly unknownOperation: number;
  /** Which operation a request means. */
  findRoute(model: ServiceModel, request: ParsedRequest): Route | undefined;
  readInput(model: ServiceModel, route: Route, request: ParsedRequest): Record<string, unknown>;
  writeOutput(model: ServiceModel, operation: OperationModel, output: Record<string, unknown>): EmulatorResponse;
  writeError(model: ServiceModel, error: ServiceError): EmulatorResponse;
}

export function protocolOf(model: ServiceModel): Protocol {
  return model.metadata.protocol === 'json' ? awsJson : restJson;
}
