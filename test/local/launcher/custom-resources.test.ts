import { Sandbox, scripted, inlineFunction, SCRIPTED_PROVIDER, type Operation } from './sandbox';
import { eventually } from '../../eventually';

let sandbox: Sandbox;
beforeAll(async () => { sandbox = await Sandbox.start({ settings: { cleanupRetrySeconds: 0.05, redeliverySeconds: 0.1 } }); });
afterAll(async () => sandbox?.stop());

let count = 0;
const newName = () => `stack-${++count}`;
const newGate = () => `gate-${++count}`;
/** A provider that answers when a test opens its gate. */
const waits = (gate: string) => ({ gate: sandbox.gates.url(gate) });
const INVENTED = (stackName: string, logicalId: string) => new RegExp(`^${stackName}-${logicalId}-[A-Z0-9]{12}$`);

const reasonOf = (operation: Operation, logicalId: string, status: string) => operation.fullEvents
  .find((event) => event.LogicalResourceId === logicalId && event.ResourceStatus === status)?.ResourceStatusReason;

describe('a Create that fails', () => {
  test('is followed by a Delete with the physical id of the failed answer', async () => {
    const { status, requests } = await sandbox.create(newName(), { Thing: scripted({ Create: { fail: 'No room.', id: 'half-made' } }) });
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(requests).toEqual(['Create Thing', 'Delete Thing half-made']);
  });

  test('shows the answer\'s reason in the stack events', async () => {
    const operation = await sandbox.create(newName(), { Thing: scripted({ Create: { fail: 'No room.' } }) });
    expect(reasonOf(operation, 'Thing', 'CREATE_FAILED')).toBe(
      `Received response status [FAILED] from custom resource. Message returned: No room. (RequestId: ${operation.journal[0].requestId})`);
  });

  test('deletes the resources that were created before it, in reverse order', async () => {
    const { requests } = await sandbox.create(newName(), {
      First: scripted(),
      Second: scripted({}, { dependsOn: ['First'] }),
      Third: scripted({ Create: { fail: 'no' } }, { dependsOn: ['Second'] }),
    });
    expect(requests.slice(3)).toEqual(['Delete Third made-Third', 'Delete Second made-Second', 'Delete First made-First']);
  });

  test('whose Delete fails too ends in ROLLBACK_FAILED, and a later delete of the stack tries again', async () => {
    const name = newName();
    const { status } = await sandbox.create(name, { Thing: scripted({ Create: { fail: 'no' }, Delete: { fail: 'stuck' } }) });
    expect(status).toBe('ROLLBACK_FAILED');
    const { requests } = await sandbox.delete(name);
    expect(requests).toEqual(['Delete Thing made-Thing']);
  });

  test('remains without a rollback, and is deleted with the stack', async () => {
    const name = newName();
    const { status } = await sandbox.create(name, { Thing: scripted({ Create: { fail: 'no' } }) }, { DisableRollback: true });
    expect(status).toBe('CREATE_FAILED');
    expect((await sandbox.delete(name)).requests).toEqual(['Delete Thing made-Thing']);
  });

  test('is deleted when the stack is rolled back later', async () => {
    const name = newName();
    await sandbox.create(name, { First: scripted(), Thing: scripted({ Create: { fail: 'no' } }, { dependsOn: ['First'] }) }, { DisableRollback: true });
    const { status, requests } = await sandbox.operation(name, async () => sandbox.cfn.rollbackStack({ StackName: name }));
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(requests).toEqual(['Delete Thing made-Thing', 'Delete First made-First']);
  });
});

describe('a Create that does not answer', () => {
  test('is deleted after ServiceTimeout by an invented id, while its function still runs', async () => {
    const [name, gate] = [newName(), newGate()];
    // The timeout is the Delete's as well, for which a busy machine may have to start a process.
    const operation = await sandbox.create(name, {
      Slow: scripted({ Create: waits(gate) }, { props: { ServiceTimeout: 30 } }),
    });
    expect(operation.status).toBe('ROLLBACK_COMPLETE');
    expect(reasonOf(operation, 'Slow', 'CREATE_FAILED')).toContain('CloudFormation did not receive a response from your Custom Resource.');
    const [create, remove] = operation.journal;
    expect(create.outcome).toBe('TIMED_OUT');
    expect(remove.physicalId).toMatch(INVENTED(name, 'Slow'));
    expect(create.ignoredAnswers).toBeUndefined(); // not yet: the Delete came first
    sandbox.gates.open(gate);
    await eventually(async () => (await sandbox.journal(name))[0].ignoredAnswers);
  });

  test('is cancelled when another resource fails, and deleted by an invented id', async () => {
    const [name, slow, wrong] = [newName(), newGate(), newGate()];
    const creation = sandbox.create(name, {
      Slow: scripted({ Create: waits(slow) }),
      Wrong: scripted({ Create: { fail: 'no', ...waits(wrong) } }),
    });
    await sandbox.requested(name, 'Create', 'Slow');
    sandbox.gates.open(wrong);
    const operation = await creation;
    expect(reasonOf(operation, 'Slow', 'CREATE_FAILED')).toBe('Resource creation cancelled');
    expect(reasonOf(operation, name, 'ROLLBACK_IN_PROGRESS'))
      .toBe('The following resource(s) failed to create: [Slow, Wrong]. Rollback requested by user.');
    const deletionOf = (resource: string) => operation.journal.find(({ requestType, logicalId }) => requestType === 'Delete' && logicalId === resource)!;
    expect(deletionOf('Slow').physicalId).toMatch(INVENTED(name, 'Slow'));
    // Only this deletion waits for a creation, and says so.
    expect(reasonOf(operation, 'Slow', 'DELETE_IN_PROGRESS')).toMatch(/^The creation ended without a response\. .* the function looks for this resource /);
    expect(deletionOf('Slow').waitsFor).toBe(reasonOf(operation, 'Slow', 'DELETE_IN_PROGRESS'));
    expect([reasonOf(operation, 'Wrong', 'DELETE_IN_PROGRESS'), deletionOf('Wrong').waitsFor]).toEqual([undefined, undefined]);
    expect(operation.journal.map(({ ignoredAnswers }) => ignoredAnswers)).toEqual(operation.journal.map(() => undefined));
    sandbox.gates.open(slow);
  });

  test('is deleted by an invented id when its stack is deleted meanwhile', async () => {
    const [name, gate] = [newName(), newGate()];
    const creation = sandbox.create(name, { Slow: scripted({ Create: waits(gate) }), Quick: scripted() });
    await sandbox.requested(name, 'Create', 'Slow');
    await eventually(async () => (await sandbox.requested(name, 'Create', 'Quick')).endedAt);
    await sandbox.delete(name);
    const { status } = await creation;
    expect(status).toBe('DELETE_COMPLETE');
    const deletes = (await sandbox.journal(name)).filter(({ requestType }) => requestType === 'Delete');
    expect(deletes.map(({ logicalId }) => logicalId).sort()).toEqual(['Quick', 'Slow']);
    expect(deletes.find(({ logicalId }) => logicalId === 'Slow')?.physicalId).toMatch(INVENTED(name, 'Slow'));
    sandbox.gates.open(gate);
  });

  test('is cancelled with its update', async () => {
    const [name, gate] = [newName(), newGate()];
    await sandbox.create(name, { Kept: scripted() });
    const operation = await sandbox.operation(name, async () => {
      await sandbox.cfn.updateStack({
        StackName: name,
        TemplateBody: JSON.stringify({ Resources: { Kept: scripted(), Slow: scripted({ Create: waits(gate) }) } }),
      });
      await sandbox.requested(name, 'Create', 'Slow');
      await sandbox.cfn.cancelUpdateStack({ StackName: name });
    });
    expect(operation.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(operation.requests).toEqual(['Create Slow', expect.stringMatching(/^Delete Slow stack-\d+-Slow-[A-Z0-9]{12}$/)]);
    sandbox.gates.open(gate);
  });
});

describe('an Update that does not answer', () => {
  test('is cancelled when another resource fails, and sent back', async () => {
    const [name, slow, wrong] = [newName(), newGate(), newGate()];
    await sandbox.create(name, { Slow: scripted({}, { props: { Colour: 'red' } }) });
    const update = sandbox.update(name, {
      Slow: scripted({ Update: waits(slow) }, { props: { Colour: 'blue' } }),
      Wrong: scripted({ Create: { fail: 'no', ...waits(wrong) } }),
    });
    await sandbox.requested(name, 'Update', 'Slow');
    sandbox.gates.open(wrong);
    const operation = await update;
    expect(reasonOf(operation, 'Slow', 'UPDATE_FAILED')).toBe('Resource update cancelled');
    expect(operation.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(operation.journal.filter(({ logicalId }) => logicalId === 'Slow').map(({ outcome, properties }) => [outcome, properties.Colour]))
      .toEqual([['CANCELLED', 'blue'], ['SUCCESS', 'red']]);
    sandbox.gates.open(slow);
  });
});

describe('the answer', () => {
  test.each([
    ['is longer than 4,096 bytes', { data: { long: 'ä'.repeat(2000) } }, 'Response object is too long.'],
    ['has no physical id', { answer: { PhysicalResourceId: null } }, 'Invalid PhysicalResourceId'],
    ['has a physical id of more than 1,024 bytes', { id: 'x'.repeat(1025) }, 'Invalid PhysicalResourceId'],
    ['has another StackId', { answer: { StackId: 'arn:other' } }, 'Invalid Response object: StackId does not match the request'],
    ['has another RequestId', { answer: { RequestId: 'other' } }, 'Invalid Response object: RequestId does not match the request'],
    ['has another LogicalResourceId', { answer: { LogicalResourceId: 'Other' } }, 'Invalid Response object: LogicalResourceId does not match the request'],
    ['has another Status', { answer: { Status: 'DONE' } }, 'Invalid Response object: Status must be SUCCESS or FAILED'],
  ])('is refused when it %s', async (_, script, reason) => {
    const name = newName();
    const operation = await sandbox.create(name, { Thing: scripted({ Create: script }) });
    expect(reasonOf(operation, 'Thing', 'CREATE_FAILED')).toBe(reason);
    expect(operation.journal[0].outcome).toBe('REFUSED');
    expect(operation.journal[1]).toMatchObject({ requestType: 'Delete', physicalId: expect.stringMatching(INVENTED(name, 'Thing')) });
  });

  test('may have 4,096 bytes', async () => {
    const name = newName();
    const { journal: [{ answer }] } = await sandbox.create(name, { Thing: scripted({ Create: { data: { long: '' } } }) });
    const { status, journal } = await sandbox.create(newName().padEnd(name.length), {
      Thing: scripted({ Create: { data: { long: 'x'.repeat(4096 - answer!.bytes) } } }),
    });
    expect([status, journal[0].answer?.bytes]).toEqual(['CREATE_COMPLETE', 4096]);
  });
});

describe('an update', () => {
  test('calls nothing and reports nothing for an unchanged resource', async () => {
    const name = newName();
    await sandbox.create(name, { Same: scripted(), Other: scripted() });
    const { requests, events } = await sandbox.update(name, { Same: scripted(), Other: scripted({ Delete: {} }) });
    expect(requests).toEqual(['Update Other made-Other']);
    expect(events.filter((event) => event.startsWith('Same'))).toEqual([]);
  });

  test('deletes replaced and removed resources after all updates, dependents first', async () => {
    const name = newName();
    await sandbox.create(name, {
      Base: scripted(),
      Removed: scripted({}, { dependsOn: ['Base'] }),
      Dependent: scripted({}, { dependsOn: ['Removed'] }),
    });
    const { status, requests, events } = await sandbox.update(name, {
      Base: scripted({ Update: { id: 'base-2' } }),
      Dependent: scripted({ Update: { id: 'dependent-2' } }, { dependsOn: ['Base'] }),
    });
    expect(status).toBe('UPDATE_COMPLETE');
    expect(requests).toEqual([
      'Update Base made-Base', 'Update Dependent made-Dependent',
      'Delete Dependent made-Dependent', 'Delete Removed made-Removed', 'Delete Base made-Base',
    ]);
    expect(events.indexOf(`${name} UPDATE_COMPLETE_CLEANUP_IN_PROGRESS`)).toBeGreaterThan(events.lastIndexOf('Dependent UPDATE_COMPLETE'));
    expect(events.indexOf(`${name} UPDATE_COMPLETE_CLEANUP_IN_PROGRESS`)).toBeLessThan(events.indexOf('Dependent DELETE_IN_PROGRESS'));
  });

  test('keeps the order of the clean-up through resources that stay', async () => {
    const name = newName();
    const stays = scripted({}, { dependsOn: ['A'] });
    await sandbox.create(name, { A: scripted(), Stays: stays, Z: scripted({}, { dependsOn: ['Stays'] }) });
    const { requests } = await sandbox.update(name, { A: scripted({ Update: { id: 'new' } }), Stays: stays });
    expect(requests).toEqual(['Update A made-A', 'Delete Z made-Z', 'Delete A made-A']);
  });

  test('tries a clean-up Delete three times, then forgets the resource', async () => {
    const name = newName();
    await sandbox.create(name, { Stuck: scripted({ Delete: { fail: 'Denied.' } }), Kept: scripted() });
    const { status, reason, requests, events } = await sandbox.update(name, { Kept: scripted() });
    expect([status, reason]).toEqual(['UPDATE_COMPLETE', 'Update successful. One or more resources could not be deleted.']);
    expect(requests).toEqual(Array(3).fill('Delete Stuck made-Stuck'));
    expect(events.filter((event) => event === 'Stuck DELETE_FAILED')).toHaveLength(3);
    expect((await sandbox.delete(name)).requests).toEqual(['Delete Kept made-Kept']);
  });

  test('may not change the service token', async () => {
    const name = newName();
    await sandbox.create(name, { Thing: scripted() });
    const operation = await sandbox.update(name, { Thing: scripted({}, { props: { ServiceToken: 'arn:aws:lambda:us-east-1:000000000000:function:other' } }) });
    expect(operation.requests).toEqual([]);
    expect(reasonOf(operation, 'Thing', 'UPDATE_FAILED')).toBe('Modifying service token is not allowed.');
  });

  test('may not change the type of a resource', async () => {
    const name = newName();
    await sandbox.create(name, { Thing: scripted() });
    const operation = await sandbox.update(name, { Thing: { ...scripted(), Type: 'Custom::Other' } });
    expect([operation.status, operation.requests]).toEqual(['UPDATE_ROLLBACK_COMPLETE', []]);
    expect(reasonOf(operation, 'Thing', 'UPDATE_FAILED')).toContain('Update of resource type is not permitted.');
  });

  test('respects DeletionPolicy and UpdateReplacePolicy', async () => {
    const name = newName();
    const attributes = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };
    await sandbox.create(name, { Replaced: scripted({}, { attributes }), Removed: scripted({}, { attributes }) });
    const { requests } = await sandbox.update(name, { Replaced: scripted({ Update: { id: 'new' } }, { attributes }) });
    expect(requests).toEqual(['Update Replaced made-Replaced']);
  });
});

describe('the rollback of an update', () => {
  const failing = scripted({ Create: { fail: 'no' } }, { dependsOn: ['Thing'] });

  test('sends an updated resource back, with its properties exchanged', async () => {
    const name = newName();
    await sandbox.create(name, { Thing: scripted({}, { props: { Colour: 'red' } }) });
    const { status, requests, journal } = await sandbox.update(name, { Thing: scripted({}, { props: { Colour: 'blue' } }), Failing: failing });
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(requests).toEqual(['Update Thing made-Thing', 'Create Failing', 'Update Thing made-Thing', 'Delete Failing made-Failing']);
    expect(journal[2].properties).toMatchObject({ Colour: 'red' });
    expect(journal[2].oldProperties).toMatchObject({ Colour: 'blue' });
  });

  test('sends the Update that failed back as well', async () => {
    const name = newName();
    await sandbox.create(name, { Thing: scripted({}, { props: { Colour: 'red' } }) });
    const { requests, journal } = await sandbox.update(name, { Thing: scripted({ Update: { fail: 'no' } }, { props: { Colour: 'blue' } }) });
    expect(requests).toEqual(['Update Thing made-Thing', 'Update Thing made-Thing']);
    expect(journal[1].properties).toMatchObject({ Colour: 'red' });
  });

  describe.each(['new', 'old'] as const)('with the %s id in the Update back', (rollbackPhysicalId) => {
    beforeAll(async () => { await sandbox.cloud.configure({ rollbackPhysicalId }); });
    afterAll(async () => { await sandbox.cloud.configure({ rollbackPhysicalId: 'new' }); });
    const sent = rollbackPhysicalId === 'new' ? 'second' : 'first';

    test('rolls back a replacement and deletes it', async () => {
      const name = newName();
      await sandbox.create(name, { Thing: scripted({ Create: { id: 'first' }, Update: { id: 'first' } }) });
      const { requests } = await sandbox.update(name, { Thing: scripted({ Update: { id: 'second' } }), Failing: failing });
      expect(requests.slice(0, 3)).toEqual(['Update Thing first', 'Create Failing', `Update Thing ${sent}`]);
      expect(requests.slice(3).sort()).toEqual(['Delete Failing made-Failing', 'Delete Thing second']);
      expect((await sandbox.delete(name)).requests).toEqual(['Delete Thing first']);
    });

    test('rolls back an Update that failed after it had a new ID', async () => {
      const name = newName();
      await sandbox.create(name, { Thing: scripted({ Create: { id: 'first' }, Update: { id: 'first' } }) });
      const { status, requests } = await sandbox.update(name, { Thing: scripted({ Update: { id: 'second', fail: 'no' } }) });
      expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(requests).toEqual(['Update Thing first', `Update Thing ${sent}`, 'Delete Thing second']);
    });

    test('deletes both when the Update back answers with a third id', async () => {
      const name = newName();
      await sandbox.create(name, { Thing: scripted({ Create: { id: 'first' }, Update: { id: 'third' } }) });
      const { requests } = await sandbox.update(name, { Thing: scripted({ Update: { id: 'second' } }), Failing: failing });
      expect(requests.filter((request) => request.startsWith('Delete Thing'))).toEqual(['Delete Thing first', 'Delete Thing second']);
      expect((await sandbox.delete(name)).requests).toEqual(['Delete Thing third']);
    });
  });

  test('that cannot send a resource back ends in UPDATE_ROLLBACK_FAILED, and can be continued', async () => {
    const name = newName();
    await sandbox.create(name, { Thing: scripted({ Update: { fail: 'stuck' } }) });
    const { status } = await sandbox.update(name, { Thing: scripted(), Failing: failing });
    expect(status).toBe('UPDATE_ROLLBACK_FAILED');
    const continued = await sandbox.operation(name, async () =>
      sandbox.cfn.continueUpdateRollback({ StackName: name, ResourcesToSkip: ['Thing'] }));
    expect(continued.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  });
});

describe('custom resources of one stack', () => {
  const mostAtOnce = ({ journal }: Operation) => Math.max(...journal.map(({ sentAt }) =>
    journal.filter((other) => other.sentAt <= sentAt && other.endedAt! > sentAt).length));

  /** Four, which answer when as many as `awaited` are under way. */
  const four = async (awaited: number) => {
    const [name, gate] = [newName(), newGate()];
    const creation = sandbox.create(name, Object.fromEntries(['A', 'B', 'C', 'D'].map((id) => [id, scripted({ Create: waits(gate) })])));
    await eventually(async () => (await sandbox.journal(name)).length >= awaited);
    sandbox.gates.open(gate);
    return mostAtOnce(await creation);
  };

  test('run side by side', async () => {
    expect(await four(4)).toBe(4);
  });

  test('run no more at a time than the setting says', async () => {
    await sandbox.cloud.configure({ customResourceConcurrency: 2 });
    try {
      expect(await four(2)).toBe(2);
    } finally {
      await sandbox.cloud.configure({ customResourceConcurrency: 8 });
    }
  });

  test('that still wait for their turn when another fails are never asked, and need no Delete', async () => {
    await sandbox.cloud.configure({ customResourceConcurrency: 1 });
    try {
      const { requests, events } = await sandbox.create(newName(), { A: scripted({ Create: { fail: 'no' } }), B: scripted() });
      expect(requests).toEqual(['Create A', 'Delete A made-A']);
      expect(events).toContain('B CREATE_FAILED');
    } finally {
      await sandbox.cloud.configure({ customResourceConcurrency: 8 });
    }
  });

  test('wait for what they depend on, by Ref, GetAtt and DependsOn, and are deleted the other way round', async () => {
    const name = newName();
    const resources = {
      C: scripted({ Create: { delayMs: 100, data: { Colour: 'red' } } }),
      B: scripted({}, { props: { From: { 'Fn::GetAtt': ['C', 'Colour'] }, Id: { Ref: 'C' } } }),
      A: scripted({}, { dependsOn: ['B'] }),
    };
    const { requests, journal } = await sandbox.create(name, resources);
    expect(requests).toEqual(['Create C', 'Create B', 'Create A']);
    expect(journal[1].properties).toMatchObject({ From: 'red', Id: 'made-C' });
    expect((await sandbox.delete(name)).requests).toEqual(['Delete A made-A', 'Delete B made-B', 'Delete C made-C']);
  });

  test('are updated before any clean-up, by the policy of that moment', async () => {
    const [name, gate] = [newName(), newGate()];
    const own = (statements: object[]) => inlineFunction('Fn', SCRIPTED_PROVIDER, statements);
    const token = { ServiceToken: { 'Fn::GetAtt': ['Fn', 'Arn'] } };
    const allow = (Action: string) => [{ Effect: 'Allow', Action, Resource: '*' }];
    await sandbox.create(name, {
      ...own(allow('ivs:Old')),
      Thing: scripted({}, { props: token }),
      Slow: scripted({ Delete: waits(gate) }, { props: token }),
    });
    const update = sandbox.update(name, { ...own(allow('ivs:New')), Thing: scripted({}, { props: token }) });
    await sandbox.requested(name, 'Delete', 'Slow');
    const key = JSON.parse((await sandbox.journal(name))[0].answer!.body).Data.AccessKeyId;
    expect(await sandbox.cloud.principal(key)).toMatchObject({ policies: [{ Statement: allow('ivs:New') }] });
    sandbox.gates.open(gate);
    expect((await update).status).toBe('UPDATE_COMPLETE');
  });
});

describe('the deletion of a stack', () => {
  test('keeps the function of a resource that cannot be deleted, so that it can be tried again', async () => {
    const name = newName();
    await sandbox.create(name, {
      ...inlineFunction('Fn', SCRIPTED_PROVIDER),
      Thing: scripted({ Delete: { fail: 'Not now.' } }, { props: { ServiceToken: { 'Fn::GetAtt': ['Fn', 'Arn'] } } }),
    });
    const operation = await sandbox.delete(name);
    expect([operation.status, operation.reason]).toEqual(['DELETE_FAILED', 'The following resource(s) failed to delete: [Thing].']);
    expect(operation.events.filter((event) => event.startsWith('Fn'))).toEqual([]);
    expect(reasonOf(operation, 'Thing', 'DELETE_FAILED')).toContain('Message returned: Not now.');
    expect((await sandbox.delete(name)).requests).toEqual(['Delete Thing made-Thing']);
  });

  test('is refused during an update', async () => {
    const [name, gate] = [newName(), newGate()];
    await sandbox.create(name, { Thing: scripted() });
    const update = sandbox.update(name, { Thing: scripted({ Update: waits(gate) }) });
    await sandbox.requested(name, 'Update', 'Thing');
    await expect(sandbox.cfn.deleteStack({ StackName: name })).rejects.toThrow('cannot be deleted while in status UPDATE_IN_PROGRESS');
    sandbox.gates.open(gate);
    await update;
  });
});

describe('the journal', () => {
  test('has each request with its properties, answer and times', async () => {
    const { journal: [request] } = await sandbox.create(newName(), { Thing: scripted({}, { props: { Count: 3, On: true } }) });
    expect(request).toMatchObject({
      requestType: 'Create',
      resourceType: 'Custom::Scripted',
      logicalId: 'Thing',
      deliveries: 1,
      outcome: 'SUCCESS',
      properties: { Count: '3', On: 'true' },
    });
    expect(JSON.parse(request.answer!.body)).toMatchObject({ RequestId: request.requestId, PhysicalResourceId: 'made-Thing' });
    expect(Date.parse(request.endedAt!)).toBeGreaterThanOrEqual(Date.parse(request.sentAt));
  });
});

describe('faults', () => {
  test('duplicate: the event comes twice with the same RequestId, the second answer is ignored', async () => {
    const name = newName();
    await sandbox.cloud.injectFault({ fault: 'duplicate', requestType: 'Create', logicalId: 'Twice' });
    await sandbox.create(name, { Twice: scripted() });
    const [request] = await eventually(async () => {
      const found = await sandbox.journal(name);
      return found[0].ignoredAnswers && found;
    });
    expect(request).toMatchObject({ deliveries: 2, outcome: 'SUCCESS', fault: 'duplicate' });
    expect(JSON.parse(request.ignoredAnswers![0].body).RequestId).toBe(request.requestId);
  });

  test('kill: the function is killed and the event is delivered again', async () => {
    const [name, gate] = [newName(), newGate()];
    await sandbox.cloud.injectFault({ fault: 'kill', logicalId: 'Killed' });
    const creation = sandbox.create(name, { Killed: scripted({ Create: waits(gate) }) });
    await eventually(async () => (await sandbox.requested(name, 'Create', 'Killed')).killed);
    sandbox.gates.open(gate);
    const { status, journal } = await creation;
    expect(status).toBe('CREATE_COMPLETE');
    expect(journal[0]).toMatchObject({ deliveries: 2, killed: 1 });
  });

  test('kill leaves other deliveries to the same function alone', async () => {
    const [name, gate, otherGate] = [newName(), newGate(), newGate()];
    const other = newName();
    const otherCreation = sandbox.create(other, { Other: scripted({ Create: waits(otherGate) }) });
    await eventually(async () => sandbox.gates.isWaiting(otherGate) || undefined);
    await sandbox.cloud.injectFault({ fault: 'kill', logicalId: 'Killed' });
    const creation = sandbox.create(name, { Killed: scripted({ Create: waits(gate) }) });
    await eventually(async () => (await sandbox.requested(name, 'Create', 'Killed')).killed);
    sandbox.gates.open(gate);
    expect((await creation).journal[0]).toMatchObject({ deliveries: 2, killed: 1 });
    sandbox.gates.open(otherGate);
    expect((await otherCreation).journal[0]).toMatchObject({ deliveries: 1 });
  });

  test('lose-answer: the request times out', async () => {
    await sandbox.cloud.injectFault({ fault: 'lose-answer', logicalId: 'Lost' });
    const name = newName();
    const { journal } = await sandbox.create(name, { Lost: scripted({}, { props: { ServiceTimeout: 1 } }) });
    expect(journal[0].outcome).toBe('TIMED_OUT');
    // On a busy machine the answer may come after the timeout.
    expect(await eventually(async () => (await sandbox.journal(name))[0].ignoredAnswers)).toHaveLength(1);
  });

  test('unknown faults and settings are refused', async () => {
    await expect(sandbox.cloud.injectFault({ fault: 'other' as 'kill' })).rejects.toThrow('fault must be one of');
    await expect(sandbox.cloud.configure({ other: 1 } as object)).rejects.toThrow('Unknown settings: other');
  });
});
