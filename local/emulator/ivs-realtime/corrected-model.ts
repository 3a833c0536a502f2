import { asServiceModel, ServiceModel } from '../model';
import modelJson from '../models/ivs-realtime.json';

/** The official model, and what it has wrong or leaves out. */
export function correctedModel(): ServiceModel {
  const model = asServiceModel(modelJson);
  return {
    ...model,
    shapes: {
      ...model.shapes,
      // Its own pattern has a single letter before the slash, as no ARN has.
      ResourceArn: { ...model.shapes.ResourceArn, pattern: 'arn:aws:ivs:[a-z0-9-]+:[0-9]+:[a-z-]+/[a-zA-Z0-9-]+' },
      // The status is known, the name is that of the low-latency API of IVS.
      ThrottlingException: {
        type: 'structure', exception: true, error: { httpStatusCode: 429 }, members: { exceptionMessage: { shape: 'errorMessage' } },
      },
    },
  };
}
