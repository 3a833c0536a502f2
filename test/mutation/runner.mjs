import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin';

/*
 * Runs the handler tests for Stryker. Its runner for jest loads all modules again for each mutant, and runs all tests that reach it: seconds
 * each, days for all. Here every worker loads the tests once; they are in virtual time and share nothing, so any of them can be run again.
 * The tests are read by jest's own `describe`, `test` and `expect`, only the loop over them is another: the quickest first, to the first that fails.
 */

const require = createRequire(import.meta.url);
/** Before the tests make it virtual. */
const { setTimeout: wait, clearTimeout: forget } = globalThis;
/** In Stryker's copy of the project, where it is once the tests are to be loaded. */
const DURATIONS = 'durations.json';

/** Milliseconds of CPU time in addition to a test's usual time, until the test counts as hanging. CPU time doesn't depend on the load of the machine. */
const PATIENCE = 3000;

class OneProcessRunner {
  /** The tests that have failed, the last first: a mutant nearby will often fail the same. */
  killers = [];

  constructor(options) {
    this.files = options.oneProcess.testFiles;
    this.enough = options.oneProcess.enough;
  }

  capabilities() {
    return { reloadEnvironment: false };
  }

  init() {
    // A promise that a mutant has left behind is not the next mutant's fault.
    process.on('unhandledRejection', () => {});
    process.on('uncaughtException', () => {});
  }

  async dryRun() {
    this.load();
    const durations = {};
    const tests = [];
    for (const test of this.tests.values()) {
      namespace().currentTestId = test.id;
      const before = process.cpuUsage();
      const failure = await this.run(test, 60_000);
      durations[test.id] = spentSince(before);
      tests.push({
        id: test.id, name: test.id, fileName: test.file, timeSpentMs: Math.round(durations[test.id]),
        ...failure ? { status: 1, failureMessage: failure } : { status: 0 },
      });
    }
    namespace().currentTestId = undefined;
    writeFileSync(DURATIONS, JSON.stringify(durations));
    return { status: 'complete', tests, mutantCoverage: namespace().mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, mutantActivation }) {
    if (mutantActivation === 'static') namespace().activeMutant = activeMutant.id;
    try {
      this.load();
    } catch (error) {
      return { status: 'killed', killedBy: [], failureMessage: String(error), nrOfTests: 0 };
    }
    const durations = JSON.parse(readFileSync(DURATIONS, 'utf8'));
    const covering = new Set(testFilter ?? this.tests.keys());
    const quickest = [...covering].sort((one, other) => durations[one] - durations[other]);
    const ids = new Set([...this.killers.filter((id) => covering.has(id)).slice(0, 20), ...quickest]);
    const ns = namespace();
    Object.assign(ns, { activeMutant: activeMutant.id, hitCount: hitLimit === undefined ? undefined : 0, hitLimit });
    let spent = 0;
    let nrOfTests = 0;
    try {
      for (const id of ids) {
        if (spent > this.enough) break;
        nrOfTests += 1;
        spent += durations[id];
        const failureMessage = await this.run(this.tests.get(id), 3 * durations[id] + PATIENCE);
        if (hitLimit !== undefined && ns.hitCount > hitLimit) return { status: 'timeout', reason: 'runs for ever' };
        if (!failureMessage) continue;
        this.killers = [id, ...this.killers.filter((other) => other !== id)];
        return { status: 'killed', killedBy: [id], failureMessage, nrOfTests };
      }
      return { status: 'survived', nrOfTests };
    } finally {
      Object.assign(ns, { activeMutant: undefined, hitCount: undefined, hitLimit: undefined });
    }
  }

  load() {
    if (this.tests) return;
    Object.assign(process.env, { NODE_NO_WARNINGS: '1', NODE_ENV: 'test' });
    require('tsx/cjs/api').register();
    const circus = require('jest-circus');
    const { ModuleMocker } = require('jest-mock');
    const { expect } = require('expect');
    this.mocker = new ModuleMocker(globalThis);
    const jest = Object.fromEntries(['spyOn', 'fn', 'restoreAllMocks'].map((name) => [name, this.mocker[name].bind(this.mocker)]));
    const { describe, test, it, beforeAll, beforeEach, afterAll, afterEach } = circus;
    Object.assign(globalThis, { describe, test, it, beforeAll, beforeEach, afterAll, afterEach, expect, jest });
    const tests = new Map();
    for (const file of this.files) {
      circus.resetState();
      require(path.resolve(file));
      this.collect(circus.getState().rootDescribeBlock, { file, names: [file], before: [], after: [] }, tests);
    }
    this.tests = tests;
  }

  collect({ children, hooks }, { file, names, before, after }, tests) {
    const of = (type) => hooks.filter((hook) => hook.type === type).map(({ fn }) => fn);
    if (of('beforeAll').length + of('afterAll').length > 0) throw new Error(`${file} has beforeAll or afterAll, which tests that are run again cannot have`);
    const around = { file, before: [...before, ...of('beforeEach')], after: [...of('afterEach'), ...after] };
    for (const child of children) {
      if (child.type === 'describeBlock') {
        this.collect(child, { ...around, names: [...names, child.name] }, tests);
        continue;
      }
      const name = [...names, child.name].join(' > ');
      // Those of a table may have equal names.
      let id = name;
      for (let n = 2; tests.has(id); n += 1) id = `${name} #${n}`;
      tests.set(id, { id, file, steps: [...around.before, child.fn], after: around.after });
    }
  }

  /** What went wrong, if anything did. */
  async run({ steps, after }, patience) {
    this.mocker.clearAllMocks();
    let failure;
    const work = async (all) => {
      for (const step of all) await step.call({});
    };
    try {
      await withPatience(work(steps), patience);
    } catch (error) {
      failure = failureMessageOf(error);
    }
    try {
      await withPatience(work(after), patience);
    } catch (error) {
      failure ??= failureMessageOf(error);
    }
    return failure;
  }
}

/** Until the work ends; or time is up, or stands still, because nothing is left that could end it. */
async function withPatience(work, patience) {
  let check;
  const before = process.cpuUsage();
  let idle = 0;
  const impatience = new Promise((_, reject) => {
    const look = () => {
      idle = globalThis.Date.clock?.countTimers() === 0 ? idle + 1 : 0;
      if (idle > 10) reject(new Error('nothing will ever happen again'));
      else if (spentSince(before) > patience) reject(new Error('did not end'));
      else check = wait(look, 20);
    };
    check = wait(look, 20);
  });
  try {
    await Promise.race([work, impatience]);
  } finally {
    forget(check);
  }
}

/** Never empty, because an empty message would count as no failure. */
function failureMessageOf(error) {
  return String(error?.message || error);
}

/** Milliseconds of the processor. */
function spentSince(before) {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function namespace() {
  return globalThis.__stryker__ ??= {};
}

function createRunner(options) {
  return new OneProcessRunner(options);
}
createRunner.inject = ['options'];

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'one-process', createRunner)];
export const strykerValidationSchema = {
  properties: { oneProcess: { type: 'object', properties: { testFiles: { type: 'array', items: { type: 'string' } } } } },
};
