import { PoolSetup, TABLE } from './pool-setup';
import { chimeMeetingsClient, chimeSdkNamespace } from '../../lambda/chime-sdk-meetings/meeting-pool/client';
import { connectPools } from '../../lambda/chime-sdk-meetings/meeting-pool/connections';
import { poolFunctions } from '../../lambda/chime-sdk-meetings/meeting-pool/functions';
import { tableClient } from '../../lambda/chime-sdk-meetings/meeting-pool/table';
import type { Log } from '../../lambda/engine/log';
import { requestHandler } from '../../local/emulator';
import { REGION } from '../handler-setup';

const VARIABLES = ['TABLE_NAME', 'POOL_NAME', 'MAINTAINER_FUNCTION_NAME'];

describe('the functions of the pool that the environment names', () => {
  let setup: PoolSetup;
  let poolName: string;
  let lines: Record<string, unknown>[];
  let metrics: Record<string, unknown>[];
  let invoked: string[];
  let spies: { mockRestore(): void }[];
  beforeEach(async () => {
    setup = new PoolSetup();
    setup.unrestricted = true;
    ({ physicalId: poolName } = await setup.resource().create({ TableName: TABLE, Size: 2 }));
    [lines, metrics, invoked] = [[], [], []];
    spies = [
      jest.spyOn(process.stdout, 'write').mockImplementation((line) => metrics.push(JSON.parse(String(line))) > 0),
      jest.spyOn(globalThis, 'fetch').mockImplementation(async (url) => {
        invoked.push(new URL(String(url)).pathname);
        return new Response('');
      }),
    ];
  });
  afterEach(async () => {
    for (const variable of VARIABLES) delete process.env[variable];
    for (const spy of spies) spy.mockRestore();
    await setup.stop();
  });

  const logOf = (context: Record<string, unknown>): Log => ({
    info: (message, fields) => { lines.push({ message, ...context, ...fields }); },
    error: (message, fields) => { lines.push({ message, ...context, ...fields }); },
    child: (fields) => logOf({ ...context, ...fields }),
  });
  const functions = (environment: Record<string, string>) => {
    Object.assign(process.env, environment);
    const into = <C extends { config: object }>(service: string, client: C) => {
      Object.assign(client.config, { requestHandler: requestHandler(setup.emulator, service) });
      return client;
    };
    const never = async () => { throw new Error('this pool is not in the legacy namespace'); };
    return poolFunctions(connectPools(REGION, never, (region) => into('chime-sdk-meetings', chimeMeetingsClient(region)), into('dynamodb', tableClient(REGION))), logOf({}));
  };
  const context = { awsRequestId: 'request-1' } as never;

  test('check out its meetings, and invoke its maintainer', async () => {
    const { checkout } = functions({ TABLE_NAME: TABLE, POOL_NAME: poolName, MAINTAINER_FUNCTION_NAME: 'Rooms-Maintainer' });
    expect(await checkout({ externalUserIds: ['alice'] }, context)).toMatchObject({ Attendees: [{ ExternalUserId: 'alice' }] });
    expect(setup.meetingStates()).toEqual({ ready: 1, leased: 1 });
    expect(invoked).toEqual(['/2015-03-31/functions/Rooms-Maintainer/invocations']);
    expect(metrics).toEqual([expect.objectContaining({ PoolName: poolName, Checkouts: 1 })]);
    expect(lines.at(-1)).toMatchObject({ message: 'checked out', poolName, requestId: 'request-1' });
  });

  test('invoke nothing without a maintainer', async () => {
    const { checkout } = functions({ TABLE_NAME: TABLE, POOL_NAME: poolName });
    expect(await checkout({ externalUserIds: ['alice'] }, context)).toHaveProperty('Meeting');
    expect(invoked).toEqual([]);
  });

  test('refill it', async () => {
    await setup.checkoutFunction(poolName)({ externalUserIds: ['alice'] });
    const { maintain } = functions({ TABLE_NAME: TABLE, POOL_NAME: poolName });
    await maintain({}, context);
    expect(setup.ready()).toHaveLength(2);
    expect(metrics).toEqual([expect.objectContaining({ PoolName: poolName, ReadyMeetings: 2, LeasedMeetings: 1 })]);
  });

  test('log the name of the pool that could not be refilled', async () => {
    await setup.checkoutFunction(poolName)({ externalUserIds: ['alice'] });
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'CreateMeeting' });
    const { maintain } = functions({ TABLE_NAME: TABLE, POOL_NAME: poolName });
    await maintain({}, context);
    expect(lines).toEqual([expect.objectContaining({ message: 'not refilled', poolName, requestId: 'request-1' })]);
  });
});

describe('connections', () => {
  test('are created once per region, and once for the legacy namespace when it is first used', async () => {
    const regions: string[] = [];
    let legacy = 0;
    const namespace = { ...chimeSdkNamespace(chimeMeetingsClient(REGION)), attendeesAtCreation: 10 };
    const { meetings } = connectPools(REGION, async () => {
      legacy += 1;
      return namespace;
    }, (region) => {
      regions.push(region);
      return chimeMeetingsClient(region);
    });
    const { signal } = new AbortController();
    const attendees: number[] = [];
    for (const [name, region] of [['CHIME_SDK', 'us-east-1'], ['CHIME_SDK', 'eu-central-1'], ['CHIME_SDK', 'us-east-1'], ['CHIME', 'us-east-1'], ['CHIME', 'us-east-1']]) {
      attendees.push((await meetings({ namespace: name, region }, { abortSignal: signal })).attendeesAtCreation);
    }
    expect({ regions, legacy, attendees }).toEqual({ regions: ['us-east-1', 'eu-central-1'], legacy: 1, attendees: [20, 20, 20, 10, 10] });
  });
});
