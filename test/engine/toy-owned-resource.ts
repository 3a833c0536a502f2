import * as v from 'valibot';
import { error, type ToyService } from './toy-service';
import { markingUnknownOutcome } from '../../lambda/engine/error-classes';
import type { OnEventOutcome, Properties, Request } from '../../lambda/engine/lifecycle';
import type { DeleteOutcome, DesiredResource, NewResource, ObservedResource, OwnedResource, SearchNames } from '../../lambda/engine/owned-resource';
import { generatedName } from '../../lambda/engine/ownership';
import { booleanProperty, parseProperties, stringProperty, tagRecord, tagsProperty } from '../../lambda/engine/properties';
import type { PropertyChange } from '../../lambda/engine/reconcile';

const schema = v.strictObject({
  LampName: v.optional(v.string()),
  Color: v.string(),
  AdoptExisting: v.optional(booleanProperty, 'false'),
  Retain: v.optional(booleanProperty, 'false'),
  Tags: v.optional(tagsProperty, []),
});

export interface Desired extends DesiredResource {
  readonly color: string;
}

export interface Lamp extends ObservedResource {
  readonly color: string;
}

/** A lamp: the example of an owned resource. */
export class ToyLamp implements OwnedResource<Desired, Lamp, Lamp, Lamp> {
  public readonly noun = 'lamp';
  public readonly errorClasses = { NotFound: 'gone', Busy: 'busy' } as const;
  public readonly maxNameLength = 64;
  public readonly nameProperty = 'LampName';
  public readonly uniqueName = {
    option: 'lampName', isValid: () => true, find: async (name: string) => this.service.find(name), mismatch: () => undefined,
  };

  constructor(private readonly service: ToyService) {}

  public parse({ properties }: Request): Desired {
    const parsed = parseProperties(schema, properties);
    return {
      createOnly: this.createOnlyOf(properties),
      color: parsed.Color,
      adoptExisting: parsed.AdoptExisting,
      retain: parsed.Retain,
      tags: tagRecord(parsed.Tags),
    };
  }

  public createOnlyOf(properties: Properties) {
    return { name: stringProperty(properties, 'LampName'), region: 'us-east-1' };
  }

  public regionOf(id: string): string | undefined {
    return /^lamp\/([^/]+)\//.exec(id)?.[1];
  }

  public untagCommand(id: string): string {
    return `toy untag ${id}`;
  }

  public describe(id: string): Promise<Lamp | undefined> {
    return this.service.call('describe', () => this.service.lamps.get(id));
  }

  public async observe(lamp: Lamp): Promise<Lamp> {
    return lamp;
  }

  public search(_: string, { prefix, fixed }: SearchNames): Promise<Lamp[]> {
    return this.service.call('list', () => [...this.service.lamps.values()].filter(({ name }) => name.startsWith(prefix) || fixed.includes(name)));
  }

  public async tagsOf(id: string): Promise<Record<string, string> | undefined> {
    return this.service.lamps.get(id)?.tags;
  }

  public tag(id: string, tags: Record<string, string>): Promise<void> {
    return this.service.call('tag', () => { Object.assign(this.lamp(id).tags, tags); });
  }

  public untag(id: string, keys: string[]): Promise<void> {
    return this.service.call('untag', () => keys.forEach((key) => { delete this.lamp(id).tags[key]; }));
  }

  public isDesired({ name }: Lamp, { createOnly }: Desired, { owner }: Request): boolean {
    return createOnly.name === undefined ? name.startsWith(generatedName(owner, this.maxNameLength).prefix) : name === createOnly.name;
  }

  public async create({ name, desired, tags }: NewResource<Desired>): Promise<OnEventOutcome | 'name in use'> {
    try {
      return { physicalId: await markingUnknownOutcome(this.errorClasses, () => this.service.create(name, desired.color, tags)) };
    } catch (failure) {
      if ((failure as Error).name === 'NameInUse') return 'name in use';
      throw failure;
    }
  }

  public async* changes({ id, color }: Lamp, desired: Desired): AsyncIterable<PropertyChange<Lamp>> {
    if (color === desired.color) return;
    yield {
      kind: 'color',
      text: `color is ${color}, desired ${desired.color}`,
      properties: [{ propertyPath: '/Color', expectedValue: desired.color, actualValue: color }],
      apply: () => this.service.call('update', () => { this.lamp(id).color = desired.color; }),
    };
  }

  public async delete({ id }: Lamp): Promise<DeleteOutcome> {
    return { accepted: await this.service.call('delete', () => this.service.lamps.delete(id)) };
  }

  public async attributes({ name }: Lamp): Promise<Record<string, string>> {
    return { LampName: name };
  }

  private lamp(id: string) {
    const lamp = this.service.lamps.get(id);
    if (!lamp) throw error('NotFound');
    return lamp;
  }
}
