/* Mutation testing of the handlers: `npm run mutate`, or of a part: `npm run mutate -- --mutate lambda/ivs/client.ts`. See docs/mutation-testing.md. */

const HANDLER_TESTS = [
  'test/kinesisvideo/signaling-channel.handler.test.ts',
  'test/kinesisvideo/signaling-channel.errors.test.ts',
  'test/kinesisvideo/released-properties.test.ts',
  'test/ivs/ingest-configuration.handler.test.ts',
  'test/ivs/ingest-configuration.errors.test.ts',
  'test/ivs/released-properties.test.ts',
  'test/chime/voice-connector-streaming.handler.test.ts',
  'test/chime/streaming-owner.test.ts',
  'test/migration.test.ts',
  'test/chime/meeting-pool-plan.test.ts',
  'test/chime/chime-meeting-pool.handler.test.ts',
  'test/chime/chime-meeting-pool.errors.test.ts',
  'test/chime/chime-meeting-pool.checkout.test.ts',
  'test/chime/chime-meeting-pool.maintainer.test.ts',
  'test/drift-monitor.handler.test.ts',
  'test/lambda/clients.test.ts',
  'test/lambda/differences.test.ts',
  'test/lambda/errors.test.ts',
  'test/lambda/lifecycle.test.ts',
  'test/lambda/log.test.ts',
  'test/lambda/owner.test.ts',
  'test/lambda/pace.test.ts',
];

export default {
  mutate: ['lambda/**/*.ts', '!lambda/**/node_modules/**'],
  testRunner: 'one-process',
  plugins: ['./test/mutation/runner.mjs', './test/mutation/ignorer.mjs'],
  ignorers: ['nobody-reads'],
  oneProcess: {
    testFiles: process.env.MUTATE_TESTS?.split(' ') ?? HANDLER_TESTS,
    // Milliseconds of the processor's time for tests, all passed, after which a mutant counts as survived: those that are left are the slowest.
    enough: Number(process.env.MUTATE_ENOUGH ?? 60_000),
  },
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
  concurrency: 2,
  timeoutMS: 60_000,
  ignorePatterns: ['dist', 'docs', 'bench', 'examples', 'coverage', 'test-reports', 'cdk.out', '.local-cloud', '.jsii*', 'API.md', '.github'],
  tempDirName: '.stryker-tmp',
  reporters: ['json', 'clear-text', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportMutants: true },
  jsonReporter: { fileName: process.env.MUTATE_REPORT ?? 'reports/mutation.json' },
  incremental: true,
  incrementalFile: 'reports/mutation-incremental.json',
};
