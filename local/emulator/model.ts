/** A service model in botocore's format, as far as the emulator reads it. */
export interface ServiceModel {
  readonly metadata: {
    readonly serviceId: string;
    readonly endpointPrefix: string;
    /** 'json' is AWS JSON. */
    readonly protocol?: string;
    readonly jsonVersion?: string;
    readonly targetPrefix?: string;
    readonly apiVersion?: string;
    readonly signingName?: string;
  };
  readonly operations: Record<string, OperationModel>;
  readonly shapes: Record<string, Shape>;
}

export interface OperationModel {
  readonly name: string;
  readonly http: { readonly method: string; readonly requestUri: string; readonly responseCode?: number };
  readonly input?: { readonly shape: string };
  readonly output?: { readonly shape: string };
  readonly errors?: { readonly shape: string }[];
}

export interface Shape {
  readonly type: 'structure' | 'list' | 'map' | 'string' | 'integer' | 'long' | 'float' | 'double' | 'boolean' | 'timestamp' | 'blob';
  readonly members?: Record<string, Member>;
  readonly required?: string[];
  readonly member?: Member;
  readonly key?: Member;
  readonly value?: Member;
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: string[];
  readonly sensitive?: boolean;
  readonly timestampFormat?: 'iso8601' | 'unixTimestamp' | 'rfc822';
  readonly exception?: boolean;
  readonly error?: { readonly httpStatusCode?: number };
}

export interface Member {
  readonly shape: string;
  readonly location?: 'uri' | 'querystring' | 'header' | 'headers' | 'statusCode';
  readonly locationName?: string;
  readonly sensitive?: boolean;
}

/** The type of an imported JSON file is far narrower than the format. */
export function asServiceModel(json: unknown): ServiceModel {
  return json as ServiceModel;
}

export function shapeOf(model: ServiceModel, name: string): Shape {
  const shape = model.shapes[name];
  if (!shape) throw new Error(`${model.metadata.serviceId}: the model has no shape ${name}`);
  return shape;
}

export function operationOf(model: ServiceModel, name: string): OperationModel {
  const operation = model.operations[name];
  if (!operation) throw new Error(`${model.metadata.serviceId}: the model has no operation ${name}`);
  return operation;
}

export function signingName(model: ServiceModel): string {
  return model.metadata.signingName ?? model.metadata.endpointPrefix;
}

/** The HTTP status of a modelled error; undefined when the model does not know it. */
export function errorStatus(model: ServiceModel, errorName: string): number | undefined {
  const shape = model.shapes[errorName];
  return shape?.exception ? shape.error?.httpStatusCode ?? 400 : undefined;
}

/** Which member of an error carries its text: `Message` here, `exceptionMessage` at IVS. */
export function errorMessageMember(model: ServiceModel, errorName: string): string {
  const members = Object.keys(model.shapes[errorName]?.members ?? {});
  return members.find(member => /message$/i.test(member)) ?? 'message';
}

/** The value without the members that its shape does not have, and without nulls, which are absent members. What is of the wrong type stays. */
export function knownMembers(model: ServiceModel, shapeName: string, value: unknown): unknown {
  const shape = shapeOf(model, shapeName);
  if (shape.type === 'list' && Array.isArray(value)) return value.map(item => knownMembers(model, shape.member!.shape, item));
  if (shape.type !== 'structure' || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value)
    .filter(([name, item]) => Object.hasOwn(shape.members ?? {}, name) && item !== undefined && item !== null)
    .map(([name, item]) => [name, knownMembers(model, shape.members![name].shape, item)]));
}

/** Chime errors have a code in addition to their text: `NotFound` for a NotFoundException. */
export function errorCode(model: ServiceModel, errorName: string): string | undefined {
  return model.shapes[errorName]?.members?.Code && errorName.replace(/(Client)?Exception$/, '');
}
