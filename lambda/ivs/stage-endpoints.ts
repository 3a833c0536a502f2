import { GetStageCommand, type IVSRealTimeClient, type StageEndpoints } from '@aws-sdk/client-ivs-realtime';
import { IVS_ERROR_CLASSES } from './client';
import { unlessGone } from '../engine/error-classes';
import type { TimeBudget } from '../engine/time-budget';

/** The URLs of a stage, which may differ from those of other stages (unverified: F-94). Each URL may be absent. Undefined: there is no such stage. */
export function readStageEndpoints(client: IVSRealTimeClient, arn: string, { signal: abortSignal }: TimeBudget): Promise<StageEndpoints | undefined> {
  return unlessGone(IVS_ERROR_CLASSES, async () => {
    const { stage } = await client.send(new GetStageCommand({ arn }), { abortSignal });
    return stage?.endpoints ?? {};
  });
}
