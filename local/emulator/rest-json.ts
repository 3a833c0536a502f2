import { ServiceError } from './errors';
import { errorCode, errorMessageMember, errorStatus, Member, OperationModel, ServiceModel, Shape, shapeOf } from './model';
import { EmulatorResponse, ParsedRequest } from './request';
import { findRoute, Protocol, Route } from './routes';

/** Protocol REST-JSON: method and URI name the operation. */
export const restJson: Protocol = {
  findRoute: (model, { method, path, query }) => findRoute(model, method, path, query),
  unknownOperation: 404,
  readInput,
  writeOutput,
  writeError,
};

/** The way in: URI labels, query string, headers and the JSON body make the input. */
function readInput(model: ServiceModel, route: Route, request: ParsedRequest): Record<string, unknown> {
  const { operation, labels } = route;
  if (!operation.input) return {};
  const shape = shapeOf(model, operation.input.shape);
  const input: Record<string, unknown> = { ...bodyOf(shape, request.body) };
  for (const [name, member] of Object.entries(shape.members ?? {})) {
    const wireName = member.locationName ?? name;
    const value = member.location === 'uri' ? typed(model, member, [labels[wireName]])
      : member.location === 'querystring' ? typed(model, member, request.query[wireName])
        : member.location === 'header' ? typed(model, member, present(request.headers[wireName.toLowerCase()]))
          : undefined;
    if (value !== undefined) input[name] = value;
  }
  return input;
}

function bodyOf(shape: Shape, body: string): Record<string, unknown> {
  const parsed = jsonBody(body);
  const bound = Object.entries(shape.members ?? {}).filter(([, member]) => member.location);
  const misplaced = bound.find(([name]) => Object.hasOwn(parsed, name));
  if (misplaced) throw new ServiceError('SerializationException', `${misplaced[0]} does not belong into the body`, 400);
  return parsed;
}

export function jsonBody(body: string): Record<string, unknown> {
  if (body === '') return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw new ServiceError('SerializationException', 'The request body is not valid JSON', 400);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new ServiceError('SerializationException', 'The request body is not a JSON object', 400);
  }
  return parsed as Record<string, unknown>;
}

function present(value: string | undefined): string[] | undefined {
  return value === undefined ? undefined : [value];
}

/** Text from a URI, query or header as the type that the model says; text that is not of that type stays text, for the validation to refuse. */
function typed(model: ServiceModel, member: Member, values: string[] | undefined): unknown {
  if (!values || values[0] === undefined) return undefined;
  const shape = shapeOf(model, member.shape);
  switch (shape.type) {
    case 'list': return values.map(value => typed(model, shape.member!, [value]));
    case 'integer':
    case 'long': return /^-?\d+$/.test(values[0]) ? Number(values[0]) : values[0];
    case 'boolean': return values[0] === 'true' ? true : values[0] === 'false' ? false : values[0];
    default: return values[0];
  }
}

/** The way out: an output as status, headers and JSON body. */
function writeOutput(model: ServiceModel, operation: OperationModel, output: Record<string, unknown>): EmulatorResponse {
  const status = operation.http.responseCode ?? 200;
  if (!operation.output || status === 204) return { status, headers: {}, body: '' };
  const shape = shapeOf(model, operation.output.shape);
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  const body: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(shape.members ?? {})) {
    const value = output[name];
    if (value === undefined) continue;
    const wireName = member.locationName ?? name;
    if (member.location === 'header') headers[wireName.toLowerCase()] = String(value);
    else if (member.location !== 'statusCode') body[wireName] = value;
  }
  return { status, headers, body: JSON.stringify(body) };
}

/** Dates as the model says they travel; the services themselves work with Date. */
export function toWire(model: ServiceModel, shapeName: string, value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  const shape = shapeOf(model, shapeName);
  switch (shape.type) {
    case 'structure': return Object.fromEntries(Object.entries(value as object)
      .map(([name, item]) => [name, shape.members?.[name] ? toWire(model, shape.members[name].shape, item) : item])
      .filter(([, item]) => item !== undefined));
    case 'list': return (value as unknown[]).map(item => toWire(model, shape.member!.shape, item));
    case 'map': return Object.fromEntries(Object.entries(value as object).map(([key, item]) => [key, toWire(model, shape.value!.shape, item)]));
    case 'timestamp': return !(value instanceof Date) ? value
      : shape.timestampFormat === 'iso8601' ? value.toISOString() : value.getTime() / 1000;
    default: return value;
  }
}

/**
 * The status that services send, whatever their model has. AccessDeniedException isn't in every model, and the model of Kinesis Video Streams
 * says 401: users saw 403 (awslabs/amazon-kinesis-video-streams-producer-sdk-cpp, issue 869).
 */
const observedStatus: Record<string, number> = { AccessDeniedException: 403 };

function writeError(model: ServiceModel, error: ServiceError): EmulatorResponse {
  const { errorName } = error;
  return {
    status: error.status ?? observedStatus[errorName] ?? errorStatus(model, errorName) ?? 400,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': errorName },
    body: JSON.stringify({ Code: errorCode(model, errorName), ...error.members, [errorMessageMember(model, errorName)]: error.message }),
  };
}
