import type { Context } from 'aws-lambda';
import { Checkout } from './checkout';
import type { PoolConnections } from './connections';
import { invokeAsynchronously } from './invoke';
import { maintain } from './maintainer';
import { poolMetrics } from './metrics';
import { POOL_ENVIRONMENT } from '../../../src/chime-sdk-meetings/private/meeting-pool-contract';
import { systemClock } from '../../engine/clock';
import type { Log } from '../../engine/log';

/** The functions of the pool that the environment names. */
export function poolFunctions(connections: PoolConnections, log: Log) {
  const {
    [POOL_ENVIRONMENT.tableName]: tableName = '', [POOL_ENVIRONMENT.poolName]: poolName = '', [POOL_ENVIRONMENT.maintainerFunctionName]: maintainer,
  } = process.env;
  const { client, meetings } = connections;
  const common = {
    poolName,
    table: (abortSignal: AbortSignal) => connections.table(tableName, abortSignal),
    metrics: poolMetrics(poolName),
    clock: systemClock,
    log: log.child({ poolName }),
  };
  const checkout = new Checkout({ ...common, meetings, refill: maintainer ? () => invokeAsynchronously(client, maintainer) : undefined });
  return {
    checkout: (event: unknown, { awsRequestId }: Context) => checkout.answer(event, awsRequestId),
    maintain: (_: unknown, { awsRequestId }: Context) => maintain({ ...common, meetings }, awsRequestId),
  };
}
