/*
 * The CDK CLI for the launcher: one process runs one command after another, because loading the CLI costs more than most
 * commands do. Each message of the parent is a command, { args, cwd, env }; its end is a line with MARK on both outputs.
 * `exec` of aws-cdk has a new host for its messages with each call, and was called like that by AWS's own @aws-cdk/cli-lib-alpha.
 */
const path = require('node:path');

/*
 * The CLI asks every 5 s whether a stack is ready and every 2 s for its events; on a cloud on the same machine that
 * is most of a deployment's time. Only these two timers are shortened: those whose callback is `waitFor`'s bare promise
 * resolver or the activity monitor's tick. What the CLI does stays the same.
 */
const wait = globalThis.setTimeout;
const polls = (fn, ms) => (ms === 5000 && /^function \(\) \{ \[native code\] \}$/.test(String(fn)))
  || (ms === 2000 && String(fn).includes('this.tick()'));
globalThis.setTimeout = Object.defineProperties(
  (fn, ms, ...args) => wait(fn, polls(fn, ms) ? 200 : ms, ...args), Object.getOwnPropertyDescriptors(wait));

// When the parent is killed the CLI would go on asking a cloud that is gone; it ends with its group (the app it runs).
process.on('disconnect', () => process.kill(-process.pid, 'SIGKILL'));

const { exec } = require(path.join(path.dirname(require.resolve('aws-cdk/package.json')), 'lib'));
const [MARK] = process.argv.slice(2);

process.on('message', async ({ args, cwd, env }) => {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(cwd);
  process.exitCode = undefined;
  const exitCode = await exec(args).then((code) => code ?? process.exitCode ?? 0, (error) => {
    for (let cause = error; cause; cause = cause.cause) console.error(cause === error ? error.message : `‣ ${cause.name}: ${cause.message}`);
    return 1;
  });
  process.chdir('/'); // the folder may be removed now
  process.stderr.write(`${MARK}\n`);
  process.stdout.write(`${MARK}${exitCode}\n`);
});
