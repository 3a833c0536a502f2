import { chimeMeetingsClient, chimeSdkNamespace } from './client';
import type { PoolItem } from './items';
import { type MeetingNamespace, MeetingsApi, type Patience } from './meetings';
import { PoolTable, tableClient } from './table';
import { CHIME } from '../../../src/private/chime-namespaces';

/** The two services behind a pool, with connections that live as long as the function. */
export interface PoolConnections {
  readonly client: ReturnType<typeof tableClient>;
  table(tableName: string, abortSignal: AbortSignal): PoolTable;
  meetings(pool: Pick<PoolItem, 'namespace' | 'region'>, abortSignal: AbortSignal, turn?: () => Promise<void>, patiently?: Patience): Promise<MeetingsApi>;
}

/** @param legacy loads the legacy client; called only for a pool in the legacy namespace */
export function connectPools(
  region: string, legacy: () => Promise<MeetingNamespace>, sdk = chimeMeetingsClient, client = tableClient(region),
): PoolConnections {
  const known = new Map<string, MeetingNamespace>();
  const namespaceOf = async (pool: Pick<PoolItem, 'namespace' | 'region'>): Promise<MeetingNamespace> => {
    const key = pool.namespace === CHIME ? CHIME : pool.region;
    const namespace = known.get(key) ?? (key === CHIME ? await legacy() : chimeSdkNamespace(sdk(pool.region)));
    known.set(key, namespace);
    return namespace;
  };
  return {
    client,
    table: (tableName, abortSignal) => new PoolTable({ client, tableName, abortSignal }),
    meetings: async (pool, abortSignal, turn, patiently) => new MeetingsApi(await namespaceOf(pool), { abortSignal, turn, patiently }),
  };
}
