import { Timeline } from './timeline';

/** No read lags longer. */
export const longestLag = 60 * 60 * 1000;

type Named = { readonly name: string; readonly arn: string };

/** The things of one kind in one account and region, with their past and their near future. */
export class Collection<T extends Named> {
  private readonly timelines = new Map<string, Timeline<T>>();

  constructor(private readonly changed: () => void) {}

  byArn(arn: string, time: number): T | undefined {
    return this.timelines.get(arn)?.at(time);
  }

  byName(name: string, time: number): T | undefined {
    return this.all(time).find(item => item.name === name);
  }

  all(time: number): T[] {
    return [...this.timelines.values()].flatMap(timeline => timeline.at(time) ?? []);
  }

  /** As it will be when the changes under way are over. */
  final(arn: string): T | undefined {
    return this.timelines.get(arn)?.final();
  }

  allFinal(): T[] {
    return [...this.timelines.values()].flatMap(timeline => timeline.final() ?? []);
  }

  knows(arn: string): boolean {
    return this.timelines.has(arn);
  }

  add(item: T, now: number): void {
    this.forget(now);
    this.timelines.set(item.arn, new Timeline(now, item));
    this.changed();
  }

  change(arn: string, from: number, change: (item: T) => T | undefined): void {
    if (this.timelines.get(arn)?.change(from, change)) this.changed();
  }

  /** A new value, in place of everything that was planned. */
  replace(arn: string, from: number, value: T): void {
    this.timelines.get(arn)?.replace(from, value);
    this.changed();
  }

  private forget(now: number): void {
    for (const [arn, timeline] of this.timelines) {
      timeline.forgetBefore(now - longestLag);
      if (timeline.isEmpty()) this.timelines.delete(arn);
    }
  }
}
