import type { FoundResource } from '../../lambda/engine/owned-resource';

interface LampRecord extends FoundResource {
  color: string;
  tags: Record<string, string>;
}

/** A service with lamps, which have names, colors, and tags, and a dimmer document on each lamp. In memory and consistent. */
export class ToyService {
  readonly lamps = new Map<string, LampRecord>();
  readonly dimmers = new Map<string, { level: number; note?: string }>();
  readonly calls: string[] = [];
  /** The next call of an operation fails with an error of this name, before or after it was carried out. */
  readonly faults = new Map<string, { name: string; isDone: boolean; times: number }>();
  private created = 0;

  call<T>(operation: string, work: () => T): Promise<T> {
    this.calls.push(operation);
    const fault = this.faults.get(operation);
    const isFaulty = fault !== undefined && fault.times > 0;
    const result = isFaulty && !fault.isDone ? undefined : work();
    if (!isFaulty) return Promise.resolve(result as T);
    fault.times -= 1;
    return Promise.reject(error(fault.name));
  }

  create(name: string, color: string, tags: Record<string, string>): Promise<string> {
    return this.call('create', () => {
      if (this.find(name)) throw error('NameInUse');
      const id = `lamp/us-east-1/${name}/${this.created += 1}`;
      this.lamps.set(id, { id, name, color, tags: { ...tags } });
      return id;
    });
  }

  find(name: string) {
    return [...this.lamps.values()].find((lamp) => lamp.name === name);
  }
}

export function error(name: string): Error {
  return Object.assign(new Error(`${name} of the toy service`), { name });
}
