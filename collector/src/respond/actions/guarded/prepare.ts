import {
  type ActionDefinition,
  type ActionTarget,
  canonicalTarget,
  type TargetType,
  withScope,
} from "@vedette/sdk";
import type { ActionsConfig } from "../../../config/index.ts";
import type { Action, ActionRegistry } from "./registry.ts";
import { type Ask, type Refusal, type Tier, unknown } from "./types.ts";

/** An ask that makes sense; whether it may be done is decided in the transaction that writes it. */
export interface Prepared {
  readonly ask: Ask;
  readonly action: Action;
  readonly target: ActionTarget;
  readonly parameters: Readonly<Record<string, string>>;
  /** Of a containment: how long it lasts the first time. */
  readonly ttlSeconds: number;
  readonly approvals: number;
  readonly dry: boolean;
  /** What is wrong with it already. */
  readonly refusal: Refusal | undefined;
}

const persons: Readonly<Record<Tier, number>> = { auto: 0, one: 1, two: 2 };

/** Reads an ask: action, target, parameters, time, tier. Throws `action.unknown` where there is no such action. */
export function prepare(ask: Ask, registry: ActionRegistry, config: ActionsConfig): Prepared {
  const action = registry.find(ask.action);
  if (!action) throw unknown(`There is no action ${JSON.stringify(ask.action.slice(0, 100))}.`);
  const { definition } = action;
  const found = targetOf(ask, definition, config);
  const parameters = parametersOf(ask.parameters ?? {}, definition);
  const problem = found.problem ?? parameters.problem ?? ttlProblem(ask, definition, config);
  const absent = action.absence();
  const permission =
    definition.permission === "admin" && !ask.by.admin ? `${action.id} needs the scope admin.` : undefined;
  const dry = config.dryRun || ask.dryRun === true;
  // What was recorded dry does not stand in the way of doing it.
  const key = ask.key !== undefined && dry ? `${ask.key}/dry` : ask.key;
  return {
    ...{ ask: { ...ask, key }, action, target: found.target, parameters: parameters.values },
    ttlSeconds: definition.containment ? (ask.ttlSeconds ?? config.ttl.defaultSeconds) : 0,
    approvals: definition.critical ? approvalsOf(ask, action.id, config) : 0,
    dry,
    refusal:
      permission !== undefined
        ? { guard: "permission", why: permission }
        : (problem ?? (absent === undefined ? undefined : { guard: "unavailable", why: absent })),
  };
}

function approvalsOf({ by, approvals }: Ask, id: string, config: ActionsConfig): number {
  const { people, rules, workflows, actions } = config.approvals;
  const usual = by.origin === "person" ? people : by.origin === "rule" ? rules : workflows;
  return Math.max(persons[approvals ?? usual], persons[actions[id] ?? "auto"]);
}

/** The target in its one form, with the scope it is acted on. */
function targetOf(
  { target }: Ask,
  { targets }: ActionDefinition,
  { ipv6Prefix }: ActionsConfig,
): { readonly target: ActionTarget; readonly problem?: Refusal } {
  const value = target.value.slice(0, 300);
  const tried = target.type === undefined ? guessable(targets) : [target.type];
  let read: ActionTarget | undefined;
  for (const type of tried) {
    read = canonicalTarget({ type, value });
    if (read && (targets as readonly TargetType[]).includes(read.type)) break;
    read = undefined;
  }
  if (!read) {
    const kinds = tried.join(" or ") || "target with a type";
    const why = `${JSON.stringify(value)} is no ${kinds} that this can be done to; it takes ${targets.join(", ")}.`;
    return { target: { type: tried[0] ?? targets[0]!, value }, problem: { guard: "target", why } };
  }
  return { target: targets.includes("cidr") ? withScope(read, ipv6Prefix) : read };
}

/** Types that a target without one may have: what is not quite an address must not become a user's name. */
function guessable(targets: readonly TargetType[]): readonly TargetType[] {
  const addresses = targets.filter((each) => each === "ip" || each === "cidr");
  if (addresses.length > 0) return addresses;
  return targets.length === 1 ? targets : [];
}

function parametersOf(
  given: Readonly<Record<string, string>>,
  { parameters = [] }: ActionDefinition,
): { readonly values: Record<string, string>; readonly problem?: Refusal } {
  const values: Record<string, string> = {};
  const problem = (why: string) => ({ values, problem: { guard: "parameters", why } as const });
  const strange = Object.keys(given).filter((name) => !parameters.some((each) => each.name === name));
  if (strange.length > 0) {
    const known = parameters.map(({ name }) => name).join(", ") || "none";
    return problem(`There is no parameter ${JSON.stringify(strange[0])}; it takes ${known}.`);
  }
  for (const { name, options, pattern, maxLength = 200, default: usual } of parameters) {
    const value = Object.hasOwn(given, name) ? given[name]! : usual;
    if (options && !options.includes(value))
      return problem(`The parameter ${name} is one of ${options.join(", ")}.`);
    if (!options && (value.length > maxLength || /[\p{Cc}\u2028\u2029]/u.test(value)))
      return problem(`The parameter ${name} is a line of at most ${maxLength} characters.`);
    if (pattern && pattern.exec(value)?.[0] !== value)
      return problem(`The parameter ${name} does not match ${String(pattern)}.`);
    values[name] = value;
  }
  return { values };
}

function ttlProblem(
  { ttlSeconds }: Ask,
  { containment }: ActionDefinition,
  { ttl }: ActionsConfig,
): Refusal | undefined {
  if (ttlSeconds === undefined) return undefined;
  if (!containment) return { guard: "ttl", why: "It does not last, so it takes no time." };
  return Number.isInteger(ttlSeconds) && ttlSeconds >= 10 && ttlSeconds <= ttl.maxSeconds
    ? undefined
    : { guard: "ttl", why: `It lasts between 10 and ${ttl.maxSeconds} seconds.` };
}
