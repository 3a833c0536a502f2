import { ServiceError } from '../errors';
import { Version } from './state';

export const current = 'AWSCURRENT';
const previous = 'AWSPREVIOUS';
const maximumStages = 20;

/** Attaches staging labels to a version, each of which only one version has. AWSCURRENT leaves AWSPREVIOUS behind where it was. */
export function withStages(versions: readonly Version[], id: string, stages: readonly string[]): Version[] {
  const before = stages.includes(current) ? ownerOf(versions, current) : undefined;
  const attached = stages.reduce((all, stage) => moved(all, stage, id), [...versions]);
  const all = before && before.id !== id ? moved(attached, previous, before.id) : attached;
  if (all.flatMap(version => version.stages).length > maximumStages) {
    throw new ServiceError('LimitExceededException', `A secret can't have more than ${maximumStages} staging labels.`);
  }
  return all;
}

export function withoutStage(versions: readonly Version[], stage: string): Version[] {
  return moved(versions, stage, undefined);
}

export function ownerOf(versions: readonly Version[], stage: string): Version | undefined {
  return versions.find(({ stages }) => stages.includes(stage));
}

function moved(versions: readonly Version[], stage: string, to: string | undefined): Version[] {
  return versions.map(version => {
    const others = version.stages.filter(other => other !== stage);
    return { ...version, stages: version.id === to ? [...others, stage].sort() : others };
  });
}
