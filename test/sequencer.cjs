const { default: Sequencer } = require('@jest/test-sequencer');

/** Real deployments wait more than they compute: the other files use the processors meanwhile. */
const DEPLOYS = /\/test\/(e2e|upgrade)\//;
const OTHERS_PER_DEPLOYMENT = 3;

/** Starts the deployments early, each followed by files that compute, so that no deployment is left alone at the end. */
module.exports = class extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const deployments = sorted.filter(({ path }) => DEPLOYS.test(path));
    const others = sorted.filter(({ path }) => !DEPLOYS.test(path));
    return [...deployments.flatMap((test) => [test, ...others.splice(0, OTHERS_PER_DEPLOYMENT)]), ...others];
  }
};
