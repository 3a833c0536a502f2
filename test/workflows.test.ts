import * as fs from 'node:fs';
import * as path from 'node:path';

const folder = path.join(__dirname, '..', '.github', 'workflows');
const workflows = Object.fromEntries(fs.readdirSync(folder).map((file) => [file, fs.readFileSync(path.join(folder, file), 'utf8')]));

/** The jobs of a workflow by their ids. projen writes all workflows with the same indentation. */
function jobs(file: string): Record<string, string> {
  const parts = workflows[file].split(/^jobs:$/m)[1].split(/^ {2}([\w-]+):$/m).slice(1);
  return Object.fromEntries(parts.flatMap((part, index) => (index % 2 ? [] : [[part, parts[index + 1]]])));
}

/** The events that start a workflow. */
const triggers = (file: string) => [...workflows[file].split(/^on:$/m)[1].split(/^\S/m)[0].matchAll(/^ {2}(\w+):/gm)].map((match) => match[1]);

test('every workflow is read', () => {
  expect(Object.keys(workflows).sort()).toEqual(['acceptance.yml', 'build.yml', 'pull-request-lint.yml', 'release.yml', 'upgrade-main.yml']);
  expect(Object.keys(jobs('build.yml')).sort()).toEqual(['build', 'package-dotnet', 'package-go', 'package-java', 'package-js', 'package-python']);
  expect(Object.keys(jobs('release.yml')).sort()).toEqual([
    'release', 'release_github', 'release_golang', 'release_maven', 'release_npm', 'release_nuget', 'release_pypi',
  ]);
});

test('every action is pinned by commit, and publib by version', () => {
  for (const text of Object.values(workflows)) {
    for (const [, action] of text.matchAll(/uses: (\S+)/g)) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
    for (const [, version] of text.matchAll(/publib@([^'\s]+)/g)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  }
  expect(workflows['release.yml'].match(/publib@/g)).toHaveLength(5);
});

test('only a maintainer starts a release, from main, and each publishing job waits for the environment', () => {
  expect(triggers('release.yml')).toEqual(['workflow_dispatch']);
  const { release, ...publishing } = jobs('release.yml');
  expect(release).toContain("if: github.ref == 'refs/heads/main'");
  for (const job of Object.values(publishing)) {
    expect(job).toMatch(/^ {4}environment: release$/m);
    expect(job).toMatch(/^ {4}needs:( release$|\n {6}- release$)/m);
  }
});

test('only a maintainer starts an acceptance run, from main, and the job waits for its environment and uses no secret', () => {
  expect(triggers('acceptance.yml')).toEqual(['workflow_dispatch']);
  const { acceptance, ...others } = jobs('acceptance.yml');
  expect(others).toEqual({});
  expect(acceptance).toContain("if: github.ref == 'refs/heads/main'");
  expect(acceptance).toMatch(/^ {4}environment: acceptance$/m);
  expect(acceptance).not.toContain('secrets.');
  // An input in a script could run commands.
  for (const [, script] of acceptance.matchAll(/run: (.*(?:\n {10,}.*)*)/g)) expect(script).not.toContain('${{');
});

test('a secret of the repository is used only in a job of the release environment, or for the pull request of the upgrade', () => {
  for (const file of Object.keys(workflows)) {
    for (const [id, job] of Object.entries(jobs(file))) {
      const secrets = [...job.matchAll(/secrets\.(\w+)/g)].map((match) => match[1]).filter((secret) => secret !== 'GITHUB_TOKEN');
      if (!/^ {4}environment: release$/m.test(job)) expect({ [`${file} ${id}`]: secrets }).toEqual({ [`${file} ${id}`]: id === 'pr' ? ['PROJEN_GITHUB_TOKEN'] : [] });
    }
  }
});

test('only publishing jobs and the acceptance run have a right to write, and no job that runs the code of a pull request', () => {
  const writing = Object.keys(workflows).flatMap((file) => Object.entries(jobs(file)).flatMap(([id, job]) => {
    expect(job).toMatch(/^ {4}permissions:$/m);
    return [...job.matchAll(/^ {6}([\w-]+): write$/gm)].map((match) => `${file} ${id} ${match[1]}`);
  }));
  expect(writing.sort()).toEqual([
    'acceptance.yml acceptance id-token', 'release.yml release_github contents', 'release.yml release_npm id-token', 'release.yml release_nuget id-token', 'release.yml release_pypi id-token',
  ]);
  for (const file of Object.keys(workflows)) expect(triggers(file)).not.toContain('pull_request_target');
});

test('no checkout leaves its token to later steps', () => {
  for (const text of Object.values(workflows)) {
    for (const step of text.split(/^ {6}- /m).filter((part) => part.includes('actions/checkout@'))) expect(step).toContain('persist-credentials: false');
  }
});
