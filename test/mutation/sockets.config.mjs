import handlers from '../../stryker.config.mjs';

/* Of what is tested over real sockets, which virtual time and one process cannot do: Stryker's own runner for jest. `npx stryker run test/mutation/sockets.config.mjs` */
export default {
  ...handlers,
  mutate: [
    'lambda/engine/aws-request.ts', 'lambda/engine/environment-credentials.ts', 'lambda/drift-monitor/reports.ts', 'lambda/drift-monitor/stack.ts',
    'lambda/chime-sdk-meetings/meeting-pool/invoke.ts', 'lambda/chime-sdk-meetings/meeting-pool/metrics.ts',
  ],
  testRunner: 'jest',
  plugins: ['@stryker-mutator/jest-runner', './test/mutation/runner.mjs', './test/mutation/ignorer.mjs'],
  jest: {
    projectType: 'custom',
    config: {
      testMatch: ['engine/aws-request', 'engine/environment-credentials', 'lambda/drift-reports'].map((name) => `<rootDir>/test/${name}.test.ts`).concat('<rootDir>/test/chime-sdk-meetings/meeting-pool-functions.test.ts'),
      transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'test/tsconfig.json', diagnostics: false }] },
    },
    enableFindRelatedTests: false,
  },
  timeoutMS: 20_000,
  incrementalFile: 'reports/mutation-sockets-incremental.json',
};
