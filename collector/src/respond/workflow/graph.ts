import type { Scope, Step, Target } from "./model.ts";

/** Where a step can lead. */
export function targetsOf(step: Step): Target[] {
  const { body } = step;
  const failing = step.onError === undefined ? [] : [step.onError];
  if (step.disabled) return [step.next];
  switch (body.kind) {
    case "decision":
      return [...body.branches, ...(body.otherwise ? [body.otherwise] : [])]
        .map(({ target }) => target)
        .concat(failing);
    case "ask":
      return [...body.options, ...(body.silence ? [body.silence] : [])]
        .map(({ target }) => target)
        .concat(failing);
    default:
      return [step.next, ...failing];
  }
}

/** Steps that can run, from the first on. */
export function reachable(scope: Scope): Set<string> {
  const seen = new Set<string>();
  const left: Target[] = [scope.start];
  while (left.length > 0) {
    const id = left.pop();
    const step = id === undefined ? undefined : scope.steps.get(id);
    if (!step || seen.has(step.id)) continue;
    seen.add(step.id);
    left.push(...targetsOf(step));
  }
  return seen;
}

/** A step from which targets lead back to itself; undefined where there is none. */
export function cycleIn(scope: Scope): string | undefined {
  const done = new Set<string>();
  const under = new Set<string>();
  // By hand: a chain of thousands of steps must not be as many calls deep.
  for (const start of scope.steps.keys()) {
    const stack: { readonly id: string; readonly left: Target[] }[] = [];
    const enter = (id: string): void => {
      under.add(id);
      stack.push({ id, left: targetsOf(scope.steps.get(id)!) });
    };
    if (!done.has(start)) enter(start);
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      if (top.left.length === 0) {
        stack.pop();
        under.delete(top.id);
        done.add(top.id);
        continue;
      }
      const next = top.left.pop();
      if (next === undefined || done.has(next) || !scope.steps.has(next)) continue;
      if (under.has(next)) return next;
      enter(next);
    }
  }
  return undefined;
}

/** For every step those that can have run before it, in the same scope. The scope has no cycle. */
export function before(scope: Scope): Map<string, Set<string>> {
  const result = new Map<string, Set<string>>([...scope.steps.keys()].map((id) => [id, new Set()]));
  const order = ordered(scope);
  for (const id of order) {
    const own = result.get(id)!;
    for (const next of targetsOf(scope.steps.get(id)!)) {
      const into = next === undefined ? undefined : result.get(next);
      if (!into) continue;
      into.add(id);
      for (const each of own) into.add(each);
    }
  }
  return result;
}

function ordered(scope: Scope): string[] {
  const incoming = new Map<string, number>([...scope.steps.keys()].map((id) => [id, 0]));
  const targets = (id: string): string[] =>
    targetsOf(scope.steps.get(id)!).filter(
      (next): next is string => next !== undefined && incoming.has(next),
    );
  for (const id of scope.steps.keys())
    for (const next of targets(id)) incoming.set(next, incoming.get(next)! + 1);
  const ready = [...incoming].filter(([, count]) => count === 0).map(([id]) => id);
  for (let index = 0; index < ready.length; index++) {
    for (const next of targets(ready[index]!)) {
      const left = incoming.get(next)! - 1;
      incoming.set(next, left);
      if (left === 0) ready.push(next);
    }
  }
  return ready;
}
