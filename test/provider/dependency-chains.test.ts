import * as fc from 'fast-check';
import { type ChainDependencies, type ChainMember, planChains, type TemplateResource } from '../../src/provider/private/dependency-chains';

type Resources = Record<string, TemplateResource>;

const names = (count: number) => Array.from({ length: count }, (_, index) => `R${String(index).padStart(3, '0')}`);
const resourcesOf = (ids: readonly string[], resource: TemplateResource = {}): Resources => Object.fromEntries(ids.map((id) => [id, resource]));
const membersOf = (ids: readonly string[], weight = 1): ChainMember[] => ids.map((logicalId) => ({ logicalId, weight }));
const edgesOf = (planned: Map<string, ChainDependencies>) => [...planned].flatMap(([id, { always, conditional }]) => (
  [...always, ...conditional.map(({ logicalId }) => logicalId)].map((other) => `${id} > ${other}`)
));

describe('the order of the template', () => {
  test('independent resources: each depends on the resource as many places before it as there are chains', () => {
    const ids = names(5);
    expect(edgesOf(planChains(resourcesOf(ids), [{ members: membersOf(ids), chainCount: 2 }]))).toEqual(['R002 > R000', 'R003 > R001', 'R004 > R002']);
  });

  test('as many chains as resources, or more, need no dependencies', () => {
    const ids = names(5);
    expect(edgesOf(planChains(resourcesOf(ids), [{ members: membersOf(ids), chainCount: 5 }]))).toEqual([]);
    expect(edgesOf(planChains(resourcesOf(ids), [{ members: membersOf(ids), chainCount: 100 }]))).toEqual([]);
  });

  test.each<[string, TemplateResource]>([
    ['Ref', { Properties: { A: [{ Ref: 'Last' }] } }],
    ['Fn::GetAtt', { Properties: { A: { 'Fn::GetAtt': ['Last', 'Arn'] } } }],
    ['Fn::GetAtt as a string', { Properties: { A: { 'Fn::GetAtt': 'Last.Arn' } } }],
    ['Fn::Sub', { Properties: { A: { 'Fn::Sub': 'x-${Last}' } } }],
    ['Fn::Sub with an attribute', { Properties: { A: { 'Fn::Sub': ['x-${B}-${Last.Arn}', { B: 'b' }] } } }],
    ['a variable of Fn::Sub', { Properties: { A: { 'Fn::Sub': ['x-${B}', { B: { Ref: 'Last' } }] } } }],
    ['a branch of Fn::If', { Properties: { A: { 'Fn::If': ['C', 'x', { Ref: 'Last' }] } } }],
    ['Metadata', { Metadata: { A: { Ref: 'Last' } } }],
    ['DependsOn', { DependsOn: 'Last' }],
    ['several of DependsOn', { DependsOn: ['Between', 'Last'] }],
  ])('follows %s, also through resources that are not limited', (_, reference) => {
    const resources = { First: { DependsOn: 'Between' }, Between: reference, Last: {} };
    if ([reference.DependsOn].flat().includes('Between')) resources.First = { DependsOn: 'Last' };
    expect(edgesOf(planChains(resources, [{ members: membersOf(['First', 'Last']), chainCount: 1 }]))).toEqual(resources.First.DependsOn === 'Last' ? [] : ['First > Last']);
  });

  test.each<[string, TemplateResource]>([
    ['a literal of Fn::Sub', { Properties: { A: { 'Fn::Sub': '${!R001}' } } }],
    ['a variable of Fn::Sub that has the name of a resource', { Properties: { A: { 'Fn::Sub': ['${R001}', { R001: 'x' }] } } }],
    ['text', { Properties: { A: '${R001}', Ref2: 'R001' } }],
    ['a parameter', { Properties: { A: { Ref: 'Parameter' } } }],
  ])('takes %s for no dependency', (_, resource) => {
    expect(edgesOf(planChains({ R000: resource, R001: {} }, [{ members: membersOf(['R000', 'R001']), chainCount: 1 }]))).toEqual(['R001 > R000']);
  });

  test('a dependency that the template has is not repeated', () => {
    expect(edgesOf(planChains({ R000: {}, R001: { DependsOn: ['R000'] } }, [{ members: membersOf(['R000', 'R001']), chainCount: 1 }]))).toEqual([]);
  });

  test('a template with a cycle gets no dependencies', () => {
    const ids = names(4);
    expect(edgesOf(planChains({ ...resourcesOf(ids), A: { DependsOn: 'B' }, B: { DependsOn: 'A' } }, [{ members: membersOf(ids), chainCount: 1 }]))).toEqual([]);
  });

  test('a member that the template lacks is left out', () => {
    expect(edgesOf(planChains(resourcesOf(['R000', 'R001']), [{ members: membersOf(names(3)), chainCount: 1 }]))).toEqual(['R001 > R000']);
  });

  test('10,000 resources in a row', () => {
    const ids = names(10_000);
    const resources = Object.fromEntries(ids.map((id, index) => [id, index > 0 ? { DependsOn: ids[index - 1] } : {}]));
    expect(edgesOf(planChains(resources, [{ members: membersOf(ids), chainCount: 2 }]))).toHaveLength(10_000 - 2);
  });
});

describe('conditions', () => {
  test('resources of one condition depend on each other', () => {
    const ids = names(3);
    expect(planChains(resourcesOf(ids, { Condition: 'C' }), [{ members: membersOf(ids), chainCount: 1 }])).toEqual(new Map([
      ['R001', { always: ['R000'], conditional: [] }], ['R002', { always: ['R001'], conditional: [] }],
    ]));
  });

  test('behind a resource of another condition, also the last one that exists without it', () => {
    const resources = { R000: {}, R001: { Condition: 'C' }, R002: { Condition: 'C' }, R003: { Condition: 'D' }, R004: {}, R005: {} };
    expect(planChains(resources, [{ members: membersOf(Object.keys(resources)), chainCount: 1 }])).toEqual(new Map([
      ['R001', { always: ['R000'], conditional: [] }],
      ['R002', { always: ['R001'], conditional: [] }],
      ['R003', { always: ['R000'], conditional: [{ logicalId: 'R002', condition: 'C' }] }],
      ['R004', { always: ['R000'], conditional: [{ logicalId: 'R003', condition: 'D' }, { logicalId: 'R002', condition: 'C' }] }],
      ['R005', { always: ['R004'], conditional: [] }],
    ]));
  });
});

test('a member of several chains waits for all of them, and the next members wait for it', () => {
  const resources = resourcesOf(['A', 'B', 'C', 'D']);
  const members = [{ logicalId: 'A', weight: 1 }, { logicalId: 'B', weight: 2 }, { logicalId: 'C', weight: 1 }, { logicalId: 'D', weight: 9 }];
  expect(edgesOf(planChains(resources, [{ members, chainCount: 3 }]))).toEqual(['C > A', 'D > B', 'D > C']);
});

test.each([1, 2, 4, 20])('with %d chains, a new resource changes the dependencies of no more than the resources next to it', (chainCount) => {
  const ids = names(400);
  const edges = (all: string[]) => new Set(edgesOf(planChains(resourcesOf(all), [{ members: membersOf(all), chainCount }])));
  const before = edges(ids);
  for (const added of ['A', 'R100a', 'R399a']) {
    const after = edges([...ids, added]);
    expect([...after].filter((edge) => !before.has(edge)).length).toBeLessThanOrEqual(chainCount + 1);
    expect([...before].filter((edge) => !after.has(edge)).length).toBeLessThanOrEqual(chainCount);
  }
});

describe('whatever the template', () => {
  const template = fc.integer({ min: 1, max: 11 }).chain((count) => fc.record({
    chainCount: fc.integer({ min: 1, max: 5 }),
    conditions: fc.record({ C: fc.boolean(), D: fc.boolean() }),
    resources: fc.tuple(...names(count).map((_, index) => fc.record({
      // Its own dependencies lead to earlier ones, in an order that is not that of the names.
      needed: fc.subarray(Array.from({ length: index }, (__, other) => other), { maxLength: Math.min(index, 3) }),
      condition: fc.constantFrom(undefined, undefined, 'C', 'D'),
      weight: fc.constantFrom(0, 1, 1, 1, 2, 7),
      group: fc.constantFrom(undefined, 'X', 'Y'),
    }))),
    order: fc.shuffledSubarray(names(count), { minLength: count }),
  }));

  test('no cycle, no more members of each limit in flight than it has chains, in either direction and under any conditions, and the same result for any order of the input', () => {
    fc.assert(fc.property(template, fc.func(fc.integer()), ({ chainCount, conditions, resources: drawn, order }, shuffle) => {
      const resources: Resources = Object.fromEntries(drawn.map(({ needed, condition }, index) => (
        [order[index], { DependsOn: needed.map((other) => order[other]), ...condition ? { Condition: condition } : {} }]
      )));
      // 0: not a member.
      const members = drawn.map(({ weight }, index) => ({ logicalId: order[index], weight })).filter(({ weight }) => weight > 0);
      const groups = ['X', 'Y'].map((group) => ({ members: membersOf(order.filter((_, index) => drawn[index].group === group)), chainCount: 1 }));
      const limits = [...groups, { members, chainCount }];
      const planned = planChains(resources, limits);

      const shuffled = <T>(items: readonly T[]) => [...items].sort((one, other) => shuffle(one) - shuffle(other));
      const sameLimits = limits.map((limit) => ({ ...limit, members: shuffled(limit.members) }));
      expect(planChains(Object.fromEntries(shuffled(Object.entries(resources))), sameLimits)).toEqual(planned);

      const exists = (id: string) => resources[id].Condition === undefined || conditions[resources[id].Condition as 'C' | 'D'];
      const needs = new Map(Object.keys(resources).filter(exists).map((id) => {
        const { always, conditional } = planned.get(id) ?? { always: [], conditional: [] };
        // DependsOn must name what exists.
        expect(always.every(exists)).toBe(true);
        for (const { logicalId, condition } of conditional) expect(resources[logicalId].Condition).toBe(condition);
        return [id, [...resources[id].DependsOn!, ...always, ...conditional.map(({ logicalId }) => logicalId)].filter(exists)] as const;
      }));
      const below = closure(needs);
      for (const [id, reached] of below) expect(reached.has(id)).toBe(false);
      for (const limit of limits) {
        const present = limit.members.filter(({ logicalId }) => exists(logicalId));
        expect(heaviestAntichain(present, below, limit.chainCount)).toBeLessThanOrEqual(limit.chainCount);
      }
    }), { numRuns: 500 });
  });
});

function closure(needs: ReadonlyMap<string, readonly string[]>): Map<string, Set<string>> {
  return new Map([...needs.keys()].map((id) => {
    const reached = new Set<string>();
    const left = [...needs.get(id)!];
    for (let other = left.pop(); other !== undefined; other = left.pop()) {
      if (reached.has(other)) continue;
      reached.add(other);
      left.push(...needs.get(other)!);
    }
    return [id, reached];
  }));
}

/** The most that can be in flight at once: members of which none depends on another. A member occupies at most all chains. */
function heaviestAntichain(members: readonly ChainMember[], below: ReadonlyMap<string, ReadonlySet<string>>, count: number): number {
  const [first, ...others] = members;
  if (!first) return 0;
  const independent = others.filter(({ logicalId }) => !below.get(first.logicalId)!.has(logicalId) && !below.get(logicalId)!.has(first.logicalId));
  return Math.max(heaviestAntichain(others, below, count), Math.min(first.weight, count) + heaviestAntichain(independent, below, count));
}
