import { App, Stack } from 'aws-cdk-lib';
import { type Candidate, CANDIDATES } from './signaling-channels';

const [candidate, count] = process.argv.slice(2);
const start = performance.now();
const cpu = process.cpuUsage();
// Some candidates go beyond CloudFormation's 500 resources; they are measured all the same.
const app = new App({ context: { '@aws-cdk/core:stackResourceLimit': 0 } });
CANDIDATES[candidate as Candidate](new Stack(app, 'Stack'), Number(count));
app.synth();
const { user, system } = process.cpuUsage(cpu);
console.log(JSON.stringify({ cpuSeconds: (user + system) / 1e6, wallSeconds: (performance.now() - start) / 1e3 }));
