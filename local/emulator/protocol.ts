import { awsJson } from './aws-json';
import { ServiceModel } from './model';
import { restJson } from './rest-json';
import { Protocol } from './routes';

export function protocolOf(model: ServiceModel): Protocol {
  return model.metadata.protocol === 'json' ? awsJson : restJson;
}
