import { ServiceError } from './errors';
import { errorMessageMember, errorStatus, ServiceModel } from './model';
import { jsonBody } from './rest-json';
import type { Protocol } from './routes';

/** Protocols AWS JSON 1.0 and 1.1: one URI, the header X-Amz-Target names the operation, the body is the whole input. */
export const awsJson: Protocol = {
  findRoute: (model, { method, path, headers }) => {
    const [prefix, name] = headers['x-amz-target']?.split('.') ?? [];
    const operation = Object.hasOwn(model.operations, name ?? '') ? model.operations[name] : undefined;
    const means = method === 'POST' && path === '/' && prefix === model.metadata.targetPrefix && headers['content-type'] === contentType(model);
    return means && operation ? { operation, labels: {} } : undefined;
  },
  unknownOperation: 400,
  // JSON null is an absent member.
  readInput: (_model, _route, { body }) => Object.fromEntries(Object.entries(jsonBody(body)).filter(([, value]) => value !== null)),
  writeOutput: (model, operation, output) => ({
    status: 200, headers: { 'content-type': contentType(model) }, body: operation.output ? JSON.stringify(output) : '{}',
  }),
  writeError: (model, error) => ({
    status: error.status ?? errorStatus(model, error.errorName) ?? 400,
    headers: { 'content-type': contentType(model) },
    body: JSON.stringify({ __type: errorType(model, error), ...error.members, [errorMessageMember(model, error.errorName)]: error.message }),
  }),
};

function contentType({ metadata }: ServiceModel): string {
  return `application/x-amz-json-${metadata.jsonVersion}`;
}

/** Version 1.0 names the origin of an error: the service's own namespace, or the framework that all services share. */
function errorType(model: ServiceModel, { errorName }: ServiceError): string {
  const { jsonVersion, endpointPrefix, apiVersion = '' } = model.metadata;
  if (jsonVersion !== '1.0') return errorName;
  const own = errorStatus(model, errorName) !== undefined;
  const shared = errorName === 'ValidationException' ? 'com.amazon.coral.validate' : 'com.amazon.coral.service';
  return `${own ? `com.amazonaws.${endpointPrefix}.v${apiVersion.replaceAll('-', '')}` : shared}#${errorName}`;
}
