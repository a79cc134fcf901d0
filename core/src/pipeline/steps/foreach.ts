import { z } from "zod";
import type { Draft } from "../draft.ts";
import { deletePath, type JsonObject } from "../paths/index.ts";
import type { NestedSteps } from "./nested.ts";
import { compilePlace, compileTarget, type RunStep, type StepContext } from "./step.ts";
import { where } from "./where.ts";

/** Most items that all `foreach` steps together go through for one log. */
export const MAX_ROUNDS = 4096;

/** Runs steps for each item of a list or an object. */
export const foreachOf = (steps: NestedSteps) =>
  z
    .strictObject({
      source: z.string().min(1).describe("Path of the list or object."),
      steps: steps.describe("Steps to run for each item."),
      as: z.string().min(1).default("log.item").describe("Field that holds the item while the steps run."),
      key: z.string().min(1).optional().describe("Field that holds its index or key meanwhile."),
      where,
    })
    .describe(
      `Runs steps for each item of a list or an object. What the steps leave in the item's field takes the item's place; an item whose field they delete is taken out. At most ${MAX_ROUNDS} items for one log, all such steps together.`,
    );

type Options = z.infer<ReturnType<typeof foreachOf>>;

/** A field that is borrowed for the time of a step. */
function borrow(name: string, at: readonly PropertyKey[]) {
  const target = compileTarget(name, at);
  const path = compilePlace(target.segments.join("."), at);
  return {
    read: path.read,
    write: target.write,
    restore: (root: JsonObject, before: unknown): void => {
      if (before === undefined) deletePath(root, target.segments);
      else target.write(root, before);
    },
  };
}

function countRound(draft: Draft): void {
  draft.rounds = (draft.rounds ?? 0) + 1;
  if (draft.rounds > MAX_ROUNDS)
    throw new Error(`More than ${MAX_ROUNDS} items for one log; the rest was left as it was.`);
}

export function compileForeach({ source, steps, as, key }: Options, context: StepContext): RunStep {
  const place = compilePlace(source, ["source"]);
  compileTarget(source, ["source"]);
  const item = borrow(as, ["as"]);
  const index = key === undefined ? undefined : borrow(key, ["key"]);
  const list = context.steps(steps, ["steps"]);
  /** What the steps make of one item; undefined when it is to go. */
  const round = (draft: Draft, value: unknown, name: string | number): unknown => {
    countRound(draft);
    item.write(draft.root, value);
    index?.write(draft.root, name);
    list.run(draft);
    return item.read(draft.root);
  };
  const throughList = (draft: Draft, values: unknown[]): void => {
    let kept = 0;
    let at = 0;
    try {
      for (; at < values.length && !draft.dropped; at++) {
        const made = round(draft, values[at], at);
        if (made !== undefined) values[kept++] = made;
      }
    } finally {
      values.splice(kept, at - kept);
    }
  };
  const throughObject = (draft: Draft, values: JsonObject): void => {
    for (const name of Object.keys(values)) {
      if (draft.dropped) return;
      if (values[name] !== undefined) values[name] = round(draft, values[name], name);
    }
  };
  return (draft) => {
    const { root } = draft;
    const found = place.read(root);
    if (typeof found !== "object" || found === null) return "missed";
    const before = item.read(root);
    const indexBefore = index?.read(root);
    try {
      if (Array.isArray(found)) throughList(draft, found);
      else throughObject(draft, found as JsonObject);
    } finally {
      item.restore(root, before);
      index?.restore(root, indexBefore);
    }
    return undefined;
  };
}
