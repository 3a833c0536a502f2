const { AsyncLocalStorage } = require('node:async_hooks');
const vm = require('node:vm');
const { TestEnvironment } = require('jest-environment-node');

/**
 * Jest's test framework keeps the current test in an AsyncLocalStorage. Node.js 20 and 22 then call hooks for each promise, which costs 5 % of the
 * time of a handler test. The tests of a file run one after the other, so a property is enough.
 */
const currentTests = new WeakMap();
/** The other storages that the current test file has used. */
const used = new Set();
const { run, getStore } = AsyncLocalStorage.prototype;

AsyncLocalStorage.prototype.run = function (value, callback, ...args) {
  if (isCurrentTest(value)) {
    currentTests.set(this, value);
    return callback(...args);
  }
  used.add(this);
  return run.call(this, value, callback, ...args);
};

AsyncLocalStorage.prototype.getStore = function () {
  return currentTests.get(this) ?? getStore.call(this);
};

/** A test or a hook, as `runInTestExecutionContext` of jest-circus stores them. */
function isCurrentTest(value) {
  return typeof value === 'object' && value !== null && 'test' in value;
}

/** aws-cdk-lib measures most of its functions, which takes 5 % of the time of a synthesis. No test reads the measurements. */
performance.measure = () => undefined;

/**
 * The environment of Jest with three changes, which make tests faster:
 *
 * - The context of a test file has an ordinary global object. With the interceptors that `vm.createContext` adds to one, reading a global such as
 *   `Object` takes 25 times as long, which is a fifth of the time of a handler test. (Node.js before 20.18 always adds them.)
 * - `requireOncePerProcess` loads a module outside of the test files, which would each load it again.
 * - The storages of a test file are disabled after the file. Node.js 20 and 22 copy every storage that was ever used into each new promise, so each
 *   test file would slow down all later files of its process.
 */
module.exports = class extends TestEnvironment {
  constructor(...args) {
    const { createContext } = vm;
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(...args);
    } finally {
      vm.createContext = createContext;
    }
    this.global.requireOncePerProcess = require;
  }

  async teardown() {
    for (const storage of used) storage.disable();
    used.clear();
    await super.teardown();
  }
};
