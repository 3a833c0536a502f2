import { ServiceError } from './errors';

/** A request as it comes over the wire or from an SDK's request handler. The path is the raw, still encoded one. */
export interface EmulatorRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Record<string, string | string[] | null | undefined>;
  readonly headers?: Record<string, string | string[] | undefined>;
  readonly body?: string | Uint8Array;
}

export interface EmulatorResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export interface ParsedRequest {
  readonly method: string;
  /** The first path segment: which service is meant. */
  readonly service: string;
  readonly path: string;
  readonly query: Record<string, string[]>;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** The endpoint of a service is `http://host/<service>`: the SDK keeps the path prefix, and three services share one signing name. */
export function parseRequest(request: EmulatorRequest): ParsedRequest {
  const [rawPath, rawQuery] = request.path.split('?');
  const [, service, ...rest] = rawPath.split('/');
  return {
    method: request.method.toUpperCase(),
    service: service ?? '',
    path: `/${rest.join('/')}`,
    query: parseQuery(rawQuery, request.query),
    headers: lowerCased(request.headers ?? {}),
    body: typeof request.body === 'string' ? request.body : new TextDecoder().decode(request.body),
  };
}

function parseQuery(inPath: string | undefined, given: EmulatorRequest['query'] = {}): Record<string, string[]> {
  const query: Record<string, string[]> = {};
  for (const [name, value] of new URLSearchParams(inPath)) (query[name] ??= []).push(value);
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) (query[name] ??= []).push(...[value ?? ''].flat());
  }
  return query;
}

function lowerCased(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name.toLowerCase(), [value].flat().join(', ')]));
}

/** Who calls, and for which region: read from the SigV4 credential scope. The signature itself is not checked. */
export interface CredentialScope {
  readonly accessKeyId: string;
  readonly region: string;
  readonly signingName: string;
}

const authorizationHeader = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=[^,]+, ?Signature=[0-9a-f]{64}$/;

export function credentialScope(headers: Record<string, string>, expectedSigningName: string): CredentialScope {
  const match = authorizationHeader.exec(headers.authorization ?? '');
  if (!match) throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403);
  const [, accessKeyId, region, signingName] = match;
  if (signingName !== expectedSigningName) {
    throw new ServiceError('InvalidSignatureException', `Credential should be scoped to correct service: '${expectedSigningName}'.`, 403);
  }
  return { accessKeyId, region, signingName };
}
