import { ServiceError } from './errors';
import { OperationModel, ServiceModel } from './model';
import { EmulatorResponse, ParsedRequest } from './request';

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

export interface Route {
  readonly operation: OperationModel;
  /** The values of the URI labels, decoded. */
  readonly labels: Record<string, string>;
}

/** Which operation a request means. The path is the raw one: an encoded slash is part of a label, not a separator. */
export function findRoute(model: ServiceModel, method: string, path: string, query: Record<string, string[]>): Route | undefined {
  for (const pattern of patternsOf(model)) {
    if (pattern.operation.http.method !== method || !pattern.query.every(([name, value]) => query[name]?.includes(value))) continue;
    const labels = matchPath(pattern.segments, path);
    if (labels) return { operation: pattern.operation, labels };
  }
  return undefined;
}

const patterns = new WeakMap<ServiceModel, Pattern[]>();

/** The most specific first: `/meetings?operation=create-attendees` before `/meetings`, a literal segment before a label. */
function patternsOf(model: ServiceModel): Pattern[] {
  const known = patterns.get(model);
  if (known) return known;
  const made = Object.values(model.operations).map(patternOf).sort((a, b) => specificity(b) - specificity(a));
  patterns.set(model, made);
  return made;
}

interface Pattern {
  readonly operation: OperationModel;
  readonly segments: string[];
  readonly query: [string, string][];
}

function patternOf(operation: OperationModel): Pattern {
  const [path, query] = operation.http.requestUri.split('?');
  return { operation, segments: path.split('/').slice(1), query: [...new URLSearchParams(query)] };
}

function specificity(pattern: Pattern): number {
  return pattern.query.length * 100 + pattern.segments.filter(segment => !isLabel(segment)).length;
}

function matchPath(segments: string[], path: string): Record<string, string> | undefined {
  const given = path.replace(/\/$/, '').split('/').slice(1);
  if (given.length !== segments.length) return undefined;
  const labels: Record<string, string> = {};
  for (const [i, segment] of segments.entries()) {
    if (isLabel(segment) && given[i] !== '') labels[segment.slice(1, -1)] = decodeURIComponent(given[i]);
    else if (segment !== given[i]) return undefined;
  }
  return labels;
}

function isLabel(segment: string): boolean {
  return segment.startsWith('{');
}
