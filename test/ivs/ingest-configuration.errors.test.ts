import { IngestSetup } from './handler-setup';
import { asServiceModel } from '../../local/emulator/model';
import ivsModel from '../../local/emulator/models/ivs-realtime.json';
import secretsModel from '../../local/emulator/models/secretsmanager.json';
import { type ResourceFailed, type StackResource } from '../cloudformation';

type PropertiesOf = (extra?: Record<string, unknown>) => Record<string, unknown>;

/** What each operation is needed for. */
const HISTORIES: Record<string, (resource: StackResource, propertiesOf: PropertiesOf, fault: () => void, setup: IngestSetup) => Promise<unknown>> = {
  CreateIngestConfiguration: async (resource, propertiesOf, fault) => { fault(); await resource.create(propertiesOf()); },
  GetIngestConfiguration: async (resource, propertiesOf, fault) => { fault(); await resource.create(propertiesOf()); },
  GetStage: async (resource, propertiesOf, fault, setup) => { fault(); await resource.create(propertiesOf({ StageArn: setup.stage() })); },
  ListIngestConfigurations: async (resource, propertiesOf, fault) => { fault(); await resource.create(propertiesOf()); },
  GetSecretValue: async (resource, propertiesOf, fault) => { fault(); await resource.create(propertiesOf()); },
  PutSecretValue: async (resource, propertiesOf, fault) => { fault(); await resource.create(propertiesOf()); },
  UpdateIngestConfiguration: async (resource, propertiesOf, fault, setup) => {
    await resource.create(propertiesOf());
    fault();
    await resource.update(propertiesOf({ StageArn: setup.stage() }));
  },
  TagResource: async (resource, propertiesOf, fault) => { await resource.create(propertiesOf()); fault(); await resource.update(propertiesOf({ Tags: [{ Key: 'a', Value: 'b' }] })); },
  UntagResource: async (resource, propertiesOf, fault) => {
    await resource.create(propertiesOf({ Tags: [{ Key: 'a', Value: 'b' }] }));
    fault();
    await resource.update(propertiesOf());
  },
  ListTagsForResource: async (resource, propertiesOf, fault) => { await resource.create(propertiesOf()); fault(); await resource.update(propertiesOf({ UserId: 'b' })); },
  DeleteIngestConfiguration: async (resource, propertiesOf, fault) => { await resource.create(propertiesOf()); fault(); await resource.delete(); },
};

const SECRETS = ['GetSecretValue', 'PutSecretValue'];

/** Errors that no repetition helps against; all others pass. */
const TERMINAL: Record<string, string[]> = {
  ivs: ['PendingVerification', 'ServiceQuotaExceededException', 'ValidationException'],
  // Not LimitExceededException: the SDK takes it for a throttle.
  secrets: ['InvalidParameterException', 'InvalidRequestException'],
};

const [ivs, secrets] = [asServiceModel(ivsModel), asServiceModel(secretsModel)];
const cases = Object.keys(HISTORIES).flatMap((operation) => {
  const { errors = [] } = (SECRETS.includes(operation) ? secrets : ivs).operations[operation];
  return [...errors.map(({ shape }) => shape), 'AccessDeniedException', 'ThrottlingException', 'InternalFailure', 'ServiceUnavailable']
    .filter((error, index, all) => all.indexOf(error) === index).map((error) => [operation, error] as const);
});

let setup: IngestSetup;
beforeEach(async () => { setup = new IngestSetup(); });
afterEach(() => setup.stop());

/** The operations that only applications and acceptance runs call. */
const OF_OTHERS = [
  'CreateParticipantToken', 'CreateStage', 'CreateStorageConfiguration', 'DeleteStage', 'DeleteStorageConfiguration', 'DisconnectParticipant',
  'GetParticipant', 'ListStages', 'ListStorageConfigurations', 'UpdateStage',
];

test('the histories cover every operation of the service', () => {
  const played = Object.keys(HISTORIES).filter((operation) => !SECRETS.includes(operation));
  expect([...played, ...OF_OTHERS].sort()).toEqual(Object.keys(ivs.operations).sort());
});

test.each(cases)('%s answers %s', async (operation, error) => {
  const SecretArn = setup.secret();
  const resource = setup.resource();
  const fault = () => {
    setup.emulator.addFault(error === 'InternalFailure' || error === 'ServiceUnavailable'
      ? { kind: 'serverError', status: error === 'InternalFailure' ? 500 : 503, operation, times: 4 }
      : error === 'AccessDeniedException' ? { kind: 'accessDenied', operation, times: 2 }
        : { kind: 'error', error, message: 'the words of the service', operation, times: 2, ...error === 'ThrottlingException' && { status: 429 } });
  };
  const outcome: ResourceFailed | undefined = await HISTORIES[operation](resource, (extra) => ({ SecretArn, ...extra }), fault, setup)
    .then(() => undefined, (failed) => failed);

  expect(setup.calls(operation).some(({ faults }) => faults.length > 0)).toBe(true);
  const isTerminal = TERMINAL[SECRETS.includes(operation) ? 'secrets' : 'ivs'].includes(error) || (operation === 'PutSecretValue' && error === 'ResourceNotFoundException');
  if (!isTerminal) {
    expect(outcome).toBeUndefined();
    return;
  }
  // At once, with the service's text.
  expect(outcome!.message).toContain(`${error}: the words of the service`);
  expect(setup.calls(operation).filter(({ faults }) => faults.length > 0)).toHaveLength(1);
  setup.emulator.removeFaults();
  // What CloudFormation does next leaves nothing.
  const left = outcome!.physicalId ?? resource.physicalId;
  if (left) await resource.delete(left, { SecretArn });
  expect(setup.configurations()).toEqual([]);
});
