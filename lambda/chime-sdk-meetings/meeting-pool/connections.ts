import { chimeMeetingsClient, chimeSdkNamespace } from './client';
import type { PoolItem } from './items';
import { type MeetingNamespace, MeetingsApi, type MeetingsApiOptions } from './meetings';
import { PoolTable, tableClient } from './table';
import { CHIME } from '../../../src/private/chime-namespaces';

/** The clients of both services of a pool. They are created once per execution environment. */
export interface PoolConnections {
  readonly client: ReturnType<typeof tableClient>;
  table(tableName: string, abortSignal: AbortSignal): PoolTable;
  meetings(pool: Pick<PoolItem, 'namespace' | 'region'>, options: MeetingsApiOptions): Promise<MeetingsApi>;
}

/** @param legacy Loads the client of the legacy namespace. It is called only for a pool in that namespace. */
export function connectPools(
  region: string, legacy: () => Promise<MeetingNamespace>, sdk = chimeMeetingsClient, client = tableClient(region),
): PoolConnections {
  // The client for the region of the stack, which most pools use, is created while Lambda initializes the execution environment.
  const known = new Map<string, MeetingNamespace>([[region, chimeSdkNamespace(sdk(region))]]);
  const namespaceOf = async (pool: Pick<PoolItem, 'namespace' | 'region'>): Promise<MeetingNamespace> => {
    const key = pool.namespace === CHIME ? CHIME : pool.region;
    const namespace = known.get(key) ?? (key === CHIME ? await legacy() : chimeSdkNamespace(sdk(pool.region)));
    known.set(key, namespace);
    return namespace;
  };
  return {
    client,
    table: (tableName, abortSignal) => new PoolTable({ client, tableName, abortSignal }),
    meetings: async (pool, options) => new MeetingsApi(await namespaceOf(pool), options),
  };
}
