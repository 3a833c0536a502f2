import { createRequire } from 'node:module';
import * as path from 'node:path';
import { type Candidate, each } from './candidate';

const FOLDER = path.join(process.cwd(), 'bench', 'peers');

interface Peer {
  readonly ChimeVoiceConnector: new (scope: object, id: string, props: object) => unknown;
  readonly NotificationTargetType: { readonly EVENTBRIDGE: unknown };
}

/** Connector and streaming in one custom resource. It finds its handlers from the working directory. */
export const candidate: Candidate = {
  name: 'cdk-amazon-chime-resources',
  add: (stack, count) => {
    const { ChimeVoiceConnector, NotificationTargetType } = createRequire(path.join(FOLDER, 'package.json'))('cdk-amazon-chime-resources') as Peer;
    const before = process.cwd();
    process.chdir(FOLDER);
    each(count, (index) => new ChimeVoiceConnector(stack, `Connector${index}`, {
      encryption: true,
      streaming: { enabled: true, dataRetention: 24, notificationTargets: [NotificationTargetType.EVENTBRIDGE] },
    }));
    process.chdir(before);
  },
};
