import { App, CfnWaitConditionHandle, Stack } from 'aws-cdk-lib';
import { CallLog } from '../../acceptance/calls';
import { EXPECTED_FAILURE } from '../../acceptance/cases/failing';
import { Lifecycle } from '../../acceptance/cases/lifecycle';
import type { State, Subject, Variant } from '../../acceptance/cases/subject';
import type { Deployed } from '../../acceptance/deployments';
import { roundsOf } from '../../acceptance/plan';
import { Interrupted } from '../../acceptance/problems';
import type { CaseResult } from '../../acceptance/report';

/** A resource whose service is a member of this test. */
class FakeResource {
  state?: State;
  id = 'id-1';
  variant?: Variant;
  isReleased = false;

  readonly subject: Subject;

  constructor(name: string, variants: readonly Variant[] = ['created', 'updated', 'replaced'], { isAdopted = true } = {}) {
    this.subject = {
      area: 'signaling',
      construct: name,
      id: name,
      type: 'Custom::Fake',
      properties: [],
      expected: (variant) => (variants.includes(variant) ? { state: { value: variant }, isReplaced: variant === 'replaced' } : undefined),
      build: (scope, variant) => {
        this.variant = variant;
        return new CfnWaitConditionHandle(scope, 'Resource').ref;
      },
      observe: async (_, id) => (id === this.id ? this.state : undefined),
      ...variants.includes('retained') && {
        conflict: { reason: /belongs to the stack/, build: () => {} },
        deleteRetained: async () => { this.state = undefined; },
        adoption: !isAdopted ? undefined : {
          state: { value: 'adopted' },
          release: async () => {
            if (!this.state) throw new Error('ResourceNotFoundException: there is no such resource');
            this.isReleased = true;
          },
          build: (_, { id }) => {
            if (this.isReleased) this.state = { value: 'adopted' };
            return id;
          },
        },
      },
    };
  }
}

/** What CloudFormation does with a version, unless a test says otherwise. */
class FakeDeployments {
  readonly deployed: string[] = [];
  readonly destroyed: string[] = [];
  /** A stack that wants a resource of the first stack. */
  conflicting: Deployed = {
    exitCode: 1, outputs: {}, events: [{ LogicalResourceId: 'Front', ResourceStatus: 'CREATE_FAILED', ResourceStatusReason: 'it belongs to the stack A' }] as never, output: [], durationMs: 1,
  };

  refusals: { subject: string; reason: string }[] = [];

  constructor(private readonly resources: readonly FakeResource[]) {}

  /** A test changes the outcome of a deployment. */
  outcome: (run: Deployed, isFailing: boolean) => Deployed = (run) => run;

  async deploy(name: string, build: (stack: Stack) => void): Promise<Deployed> {
    const stack = new Stack(new App(), name);
    build(stack);
    if (name.endsWith('-Conflict')) return this.conflicting;
    if (name.endsWith('-Adopting')) return { exitCode: 0, outputs: { Id: this.resources.find(({ subject }) => name.includes(`-${subject.id}-`))!.id }, events: [], output: [], durationMs: 1 };
    const inStack = this.resources.filter(({ subject }) => stack.node.tryFindChild(subject.id));
    const isFailing = stack.node.tryFindChild('Failing') !== undefined;
    const refused = this.refusals.filter(({ subject }) => inStack.some((resource) => resource.subject.id === subject));
    this.deployed.push(`${inStack.map(({ subject, variant }) => `${subject.id} ${variant}`).join(', ')}${isFailing ? ', failing' : ''}`);
    const events = [
      ...inStack.map(({ subject, id }) => ({ LogicalResourceId: `${subject.id}Resource1`, ResourceType: 'Custom::Fake', ResourceStatus: 'CREATE_COMPLETE', PhysicalResourceId: id })),
      ...refused.map(({ subject, reason }) => ({ LogicalResourceId: `${subject}Resource1`, ResourceStatus: 'CREATE_FAILED', ResourceStatusReason: reason })),
      ...isFailing ? [{ LogicalResourceId: 'Failing', ResourceStatus: 'CREATE_FAILED', ResourceStatusReason: EXPECTED_FAILURE }] : [],
    ] as never;
    const exitCode = refused.length > 0 || isFailing ? 1 : 0;
    if (exitCode === 0) {
      for (const resource of inStack) {
        if (resource.variant === 'replaced') resource.id = 'id-2';
        resource.state = { value: resource.variant, version: resource.variant };
      }
    }
    const outputs = Object.fromEntries(inStack.map(({ subject, id }) => [`${subject.id}Id`, id]));
    return this.outcome({ exitCode, outputs, events, output: [], durationMs: 1 }, isFailing);
  }

  async destroy(name: string): Promise<void> {
    this.destroyed.push(name);
    if (name.endsWith('-Conflict')) return;
    for (const resource of this.resources) if (name.endsWith('-Adopting') || resource.variant !== 'retained') resource.state = undefined;
  }
}

const cleanups: { description: string; deletion: () => Promise<void> }[] = [];

async function play(resources: readonly FakeResource[], deployments = new FakeDeployments(resources), pollSeconds = 60) {
  const results: CaseResult[] = [];
  cleanups.length = 0;
  const subjects = resources.map(({ subject }) => subject);
  const context = { region: 'us-east-1', namePrefix: 'CdkRtcAcceptance-1', isAws: false, onCleanup: (description: string, deletion: () => Promise<void>) => { cleanups.push({ description, deletion }); }, client: () => { throw new Error('not used'); } };
  const lifecycle = new Lifecycle({ name: 'Lifecycle', subjects, rounds: roundsOf(subjects) }, {
    context, deployments: deployments as never, log: new CallLog(), runId: '1', pollSeconds, onResult: (result) => results.push(result), throwIfInterrupted: () => {}, isKept: () => false,
  });
  await lifecycle.run();
  return results.map(({ title, status, observed }) => ({ title, status, observed }));
}

const notPassed = (results: Awaited<ReturnType<typeof play>>) => results.filter(({ status }) => status !== 'passed');

test('each construct is checked after each deployment of one stack', async () => {
  const resources = [new FakeResource('Front'), new FakeResource('Back', ['created', 'updated'])];
  const deployments = new FakeDeployments(resources);
  const results = await play(resources, deployments);
  expect(notPassed(results)).toEqual([]);
  expect(results.map(({ title }) => title)).toEqual([
    ...['create rolled back', 'create', 'update without a change', 'update', 'update rolled back'].flatMap((round) => [`Front: ${round}`, `Back: ${round}`]),
    'Front: replacement rolled back', 'Front: replacement', 'Front: destroy', 'Back: destroy',
  ]);
  expect(deployments.deployed).toEqual([
    'Front created, Back created, failing', 'Front created, Back created', 'Front created, Back created', 'Front updated, Back updated',
    'Front created, Back created, failing', 'Front replaced, Back updated, failing', 'Front replaced, Back updated',
  ]);
});

test('a construct whose deployment fails leaves the stack with its reason, and the others continue', async () => {
  const resources = [new FakeResource('Front'), new FakeResource('Back')];
  const deployments = new FakeDeployments(resources);
  deployments.refusals.push({ subject: 'Back', reason: 'Back is not authorized to perform: kinesisvideo:TagResource' });
  const results = await play(resources, deployments);
  const failed = notPassed(results).filter(({ title }) => !title.includes('rolled back'));
  expect(failed).toEqual([{ title: 'Back: create', status: 'failed', observed: expect.stringContaining('denied permission: The deployment failed: BackResource1: Back is not authorized') }]);
  expect(results.filter(({ title }) => title.startsWith('Front: ')).at(-1)).toMatchObject({ title: 'Front: destroy', status: 'passed' });
});

test('a wrong state names the member, and both values', async () => {
  const front = new FakeResource('Front', ['created']);
  const deployments = new FakeDeployments([front]);
  deployments.outcome = (run, isFailing) => {
    if (!isFailing) front.state = { value: 'other' };
    return run;
  };
  const results = await play([front], deployments);
  expect(results[1]).toEqual({ title: 'Front: create', status: 'failed', observed: 'After 60 seconds, value is "other", expected "created".' });
});

test('a rollback that changes the state, or a deployment that should fail and succeeds, is a failed case', async () => {
  const front = new FakeResource('Front', ['created', 'updated']);
  const deployments = new FakeDeployments([front]);
  deployments.outcome = (run, isFailing) => (isFailing ? { ...run, exitCode: 0 } : run);
  expect(notPassed(await play([front], deployments))).toEqual([
    { title: 'Front: create rolled back', status: 'failed', observed: 'The deployment succeeded.' },
    { title: 'Front: update rolled back', status: 'failed', observed: 'The deployment succeeded.' },
  ]);
});

test('a throttled read is repeated', async () => {
  const front = new FakeResource('Front', ['created']);
  const { observe } = front.subject;
  let isThrottled = true;
  const throttled: Subject['observe'] = async (...args) => {
    isThrottled = !isThrottled;
    if (!isThrottled) throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
    return observe(...args);
  };
  const subject = Object.assign(front, { subject: { ...front.subject, observe: throttled } });
  expect(notPassed(await play([subject], undefined, 20))).toEqual([]);
});

test('a replacement that keeps the resource is a failed case', async () => {
  const front = new FakeResource('Front', ['created', 'replaced']);
  const deployments = new FakeDeployments([front]);
  deployments.outcome = (run) => {
    front.id = 'id-1';
    return { ...run, outputs: { FrontId: 'id-1' } };
  };
  expect(notPassed(await play([front], deployments))).toEqual([{ title: 'Front: replacement', status: 'failed', observed: 'The ID is id-1, and was id-1.' }]);
});

test('an expired session ends the stack at once', async () => {
  const front = new FakeResource('Front');
  const deployments = new FakeDeployments([front]);
  deployments.outcome = (run) => ({ ...run, exitCode: 1, events: [], output: ['The security token included in the request is expired'] });
  await expect(play([front], deployments)).rejects.toThrow('is expired');
  expect(deployments.deployed).toHaveLength(1);
});

describe('a resource that another stack wants, that its stack retains, and that another stack adopts', () => {
  test('is checked after each step, and every stack and the retained resource have a cleanup', async () => {
    const front = new FakeResource('Front', ['created', 'retained']);
    const deployments = new FakeDeployments([front]);
    const results = await play([front], deployments);
    expect(notPassed(results)).toEqual([]);
    expect(results.slice(-4).map(({ title }) => title)).toEqual(['Front: conflict', 'Front: retain', 'Front: destroy', 'Front: adopt']);
    expect(results.at(-2)!.observed).toBe('id-1 remains.');
    const stack = 'CdkRtcAcceptance-1-Lifecycle';
    expect(cleanups.map(({ description }) => description)).toEqual([
      'retained Front', `stack ${stack}`, `stack ${stack}-Front-Conflict`, `stack ${stack}-Front-Adopting`,
    ]);
    expect(deployments.destroyed).toEqual([stack, `${stack}-Front-Conflict`, stack, `${stack}-Front-Adopting`]);
  });

  test('is deleted at the end of the last round', async () => {
    const front = new FakeResource('Front', ['created', 'retained'], { isAdopted: false });
    expect(notPassed(await play([front]))).toEqual([]);
    expect(front.state).toBeUndefined();
  });

  test('is deleted by the cleanup after an interruption between the retention and the deletion of the stack', async () => {
    const front = new FakeResource('Front', ['created', 'retained'], { isAdopted: false });
    const deployments = new FakeDeployments([front]);
    deployments.destroy = async (name) => {
      if (name.endsWith('-Lifecycle') && front.variant === 'retained') throw new Interrupted();
      front.state = undefined;
    };
    await expect(play([front], deployments)).rejects.toThrow('The run was interrupted.');
    expect(front.state).toBeDefined();
    for (const { deletion } of cleanups.filter(({ description }) => description.startsWith('retained ')).reverse()) await deletion();
    expect(front.state).toBeUndefined();
  });

  test('is not deleted before a deployment retains it', async () => {
    const front = new FakeResource('Front', ['created']);
    await play([front]);
    front.state = { value: 'another owner' };
    for (const { deletion } of cleanups.filter(({ description }) => description.startsWith('retained '))) await deletion();
    expect(front.state).toBeDefined();
  });

  test('a failure of one construct is its failed case, and the others continue', async () => {
    const resources = [new FakeResource('Front', ['created', 'retained']), new FakeResource('Back', ['created', 'retained'])];
    const deployments = new FakeDeployments(resources);
    const destroy = deployments.destroy.bind(deployments);
    deployments.destroy = async (name) => {
      if (name.endsWith('-Front-Conflict')) throw new Error('DELETE_FAILED');
      return destroy(name);
    };
    const results = await play(resources, deployments);
    expect(notPassed(results)[0]).toEqual({ title: 'Front: conflict', status: 'failed', observed: 'DELETE_FAILED' });
    expect(results).toContainEqual(expect.objectContaining({ title: 'Back: conflict', status: 'passed' }));
    expect(results.at(-1)!.title).toBe('Back: adopt');
  });

  test('fails if the deployment of the other stack succeeds', async () => {
    const front = new FakeResource('Front', ['created', 'retained']);
    const deployments = new FakeDeployments([front]);
    deployments.conflicting = { ...deployments.conflicting, exitCode: 0, events: [] };
    expect(notPassed(await play([front], deployments))).toEqual([{ title: 'Front: conflict', status: 'failed', observed: 'The deployment succeeded.' }]);
  });

  test('fails if the other stack fails for another reason', async () => {
    const front = new FakeResource('Front', ['created', 'retained']);
    const deployments = new FakeDeployments([front]);
    deployments.conflicting = { ...deployments.conflicting, events: [], output: ['the policy is too large'] };
    expect(notPassed(await play([front], deployments))).toEqual([{ title: 'Front: conflict', status: 'failed', observed: 'The deployment failed: the policy is too large' }]);
  });

  test('fails if the deletion of the stack deletes it, and then can\'t be adopted', async () => {
    const front = new FakeResource('Front', ['created', 'retained']);
    const deployments = new FakeDeployments([front]);
    deployments.destroy = async (name) => { if (!/-(Conflict|Adopting)$/.test(name)) front.state = undefined; };
    const results = notPassed(await play([front], deployments));
    expect(results[0]).toEqual({ title: 'Front: destroy', status: 'failed', observed: 'id-1 was deleted.' });
    expect(results[1]).toEqual({ title: 'Front: adopt', status: 'failed', observed: 'ResourceNotFoundException: there is no such resource' });
  });
});
