import type { Together } from "./occurrence.ts";
import type { Group, Pending } from "./running.ts";
import type { Samples } from "./samples.ts";
import { Timetable } from "./timetable.ts";
import type { Held, Way } from "./way.ts";

/** Absences of a group that are waited for. */
const maxPending = 16;

export interface LaterDeps {
  readonly samples: Samples;
  readonly lateMs: number;
  /** Told of what holds; `trigger` is the number of the event that completed it. */
  readonly held: (group: Group, held: Held, trigger: number, way: Pick<Way, "alerts" | "now">) => void;
}

/** What can only be told when time has passed: that something did not come, and what a window is at its end. */
export class Later {
  readonly #deps: LaterDeps;
  readonly #timetable = new Timetable<Group>();

  constructor(deps: LaterDeps) {
    this.#deps = deps;
  }

  /** Waits for absent members until they cannot come any more. */
  await(group: Group, together: Together, events: readonly number[], { hit, arrived }: Way): void {
    const { samples, lateMs } = this.#deps;
    if (group.pending.length >= maxPending) {
      group.owner.counts.truncated++;
      return;
    }
    const until = Math.max(...together.spared.map(({ to }) => to));
    const due = arrived + Math.max(0, until - hit.time) + lateMs;
    const kept = events.map((each) => samples.again(each));
    group.pending.push({ together, trigger: samples.hold(hit.ref()), events: kept, until, due });
    this.#plan(group, due);
  }

  #plan(group: Group, due: number): void {
    group.due = Math.min(group.due, due);
    if (group.due >= group.queuedAt) return;
    group.queuedAt = group.due;
    this.#timetable.add(group);
  }

  /** A member came: what waits for it not to come is not told. */
  cancel(group: Group, member: number, time: number): void {
    for (let at = group.pending.length - 1; at >= 0; at--) {
      const pending = group.pending[at]!;
      const { spared } = pending.together;
      if (!spared.some((each) => each.member === member && time >= each.from && time <= each.to)) continue;
      group.pending.splice(at, 1);
      this.#release(pending);
    }
  }

  #release({ trigger, events }: Pending): void {
    this.#deps.samples.release(trigger);
    for (const each of events) this.#deps.samples.release(each);
  }

  /** Lets go of what a group waits for. */
  forget(group: Group): void {
    for (const each of group.pending.splice(0)) this.#release(each);
  }

  /** What came to a group since makes some absences certain. */
  passed(group: Group, way: Way): void {
    if (group.pending.length === 0) return;
    const newest = group.occurrence!.newest - this.#deps.lateMs;
    this.#settle(group, ({ until }) => until < newest, way);
  }

  #settle(group: Group, test: (pending: Pending) => boolean, way: Pick<Way, "alerts" | "now">): void {
    const over = group.pending.filter(test);
    if (over.length === 0) return;
    const left = group.pending.filter((each) => !over.includes(each));
    group.pending.splice(0, group.pending.length, ...left);
    group.due = Math.min(Number.POSITIVE_INFINITY, ...left.map(({ due }) => due));
    over.sort((a, b) => a.together.to - b.together.to);
    for (const pending of over) {
      const { from, to } = pending.together;
      this.#deps.held(group, { from, to, events: pending.events, measured: [] }, pending.trigger, way);
      this.#release(pending);
    }
  }

  /** Asks windows that are over, where they are asked at their end, and plans when the newest one is. */
  closing(group: Group, way: Way): void {
    const { lateMs } = this.#deps;
    const window = group.window!;
    // What was over before a restart was told of then.
    this.#close(group, window.entries.last - lateMs, way.rebuild ? undefined : way);
    const due = way.arrived + Math.max(0, window.ends - way.hit.time) + lateMs;
    group.due = group.due === Number.POSITIVE_INFINITY ? due : Math.max(due, group.due);
    if (group.queuedAt !== Number.POSITIVE_INFINITY) return;
    group.queuedAt = group.due;
    this.#timetable.add(group);
  }

  #close(group: Group, before: number, way: Pick<Way, "alerts" | "now"> | undefined): void {
    const { samples } = this.#deps;
    group.window!.close(before, (from, to, measured) => {
      if (!way) return;
      const all = samples.number(group);
      const events = all.filter((each) => samples.time(each) >= from && samples.time(each) <= to);
      const trigger = events.at(-1) ?? all.at(-1);
      if (trigger !== undefined) this.#deps.held(group, { from, to, events, measured }, trigger, way);
    });
  }

  /** Looks at what has become due. */
  due(way: Pick<Way, "alerts" | "now">): void {
    const { now } = way;
    for (let group = this.#timetable.take(now); group; group = this.#timetable.take(now)) {
      group.queuedAt = Number.POSITIVE_INFINITY;
      if (group.closed) continue;
      if (group.due <= now) {
        group.due = Number.POSITIVE_INFINITY;
        if (group.window) this.#close(group, Number.POSITIVE_INFINITY, way);
        else this.#settle(group, ({ due }) => due <= now, way);
      }
      if (group.due < Number.POSITIVE_INFINITY) this.#plan(group, group.due);
    }
  }
}
