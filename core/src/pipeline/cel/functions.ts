import { clockTimeOf, minutesOf } from "./clock-time.ts";
import { type Anchor, anyNeedle } from "./needles.ts";
import { compileCidr } from "./net.ts";
import { compareNumbers, flexibleEquals, numberOf } from "./values.ts";

/** Tells whether a field's value passes. An absent field never reaches it. */
export type FieldTest = (field: unknown) => boolean;

/** What a function needs besides its arguments. */
export interface FunctionContext {
  /** Compiles an unanchored regular expression with patterns expanded; throws with a reason when it is wrong. */
  regex(source: string): (text: string) => boolean;
  /** A test for a list of values that is kept elsewhere; undefined where there are no lists. */
  list?(name: string): (text: string) => boolean;
}

/** A wrong literal argument: the function is false for every document, as in the original, and the author is told. */
export class ArgumentFault extends Error {}

/** A function of a path and further arguments. `prepare` runs once when the arguments are literals. */
export interface PathFunction {
  /** How it is called, for messages and the reference. */
  readonly usage: string;
  /** Number of arguments after the path. */
  readonly arity: number;
  prepare(args: readonly unknown[], context: FunctionContext): FieldTest;
}

const text = (value: unknown): string => {
  if (typeof value !== "string") throw new ArgumentFault("the argument must be a text");
  return value;
};
const list = (value: unknown): readonly unknown[] => {
  if (!Array.isArray(value)) throw new ArgumentFault("the argument must be a list");
  return value;
};
const integer = (value: unknown, most: number): number => {
  if (typeof value !== "number" || !Number.isInteger(value))
    throw new ArgumentFault("the argument must be a whole number");
  if (value < 0 || value > most) throw new ArgumentFault(`${value} is not within 0 to ${most}`);
  return value;
};
/** A text, or a list of texts that are trimmed, as the original does. */
const needles = (value: unknown): string[] =>
  Array.isArray(value) ? value.map((item) => text(item).trim()) : [text(value)];

const onText =
  (test: (field: string) => boolean): FieldTest =>
  (field) =>
    typeof field === "string" && test(field);

function anyOf(usage: string, anchor: Anchor): PathFunction {
  return { usage, arity: 1, prepare: ([value]) => onText(anyNeedle(needles(value), anchor)) };
}

function ordered(usage: string, holds: (order: number) => boolean): PathFunction {
  return {
    usage,
    arity: 1,
    prepare: ([bound]) => {
      if (numberOf(bound) === undefined) throw new ArgumentFault("the argument must be a number");
      return (field) => {
        if (typeof field === "number" && typeof bound === "number") return holds(field - bound);
        const order = compareNumbers(field, bound);
        return order !== undefined && holds(order);
      };
    },
  };
}

function clock(
  usage: string,
  arity: number,
  prepare: (args: readonly unknown[]) => (time: NonNullable<ReturnType<typeof clockTimeOf>>) => boolean,
): PathFunction {
  return {
    usage,
    arity,
    prepare: (args) => {
      const holds = prepare(args);
      return (field) => {
        const time = clockTimeOf(field);
        return time !== undefined && holds(time);
      };
    },
  };
}

function prepareEquals(wanted: unknown): FieldTest {
  if (typeof wanted !== "string" || numberOf(wanted) !== undefined)
    return (field) => flexibleEquals(field, wanted);
  // No number is equal to such a text, so most comparisons need no look at the field's digits.
  return (field) => field === wanted || (typeof field === "boolean" && String(field) === wanted);
}

/** Up to this many texts a loop is faster than a set, which has to hash the field first. */
const FEW = 8;

function prepareOneOf(wanted: readonly unknown[]): FieldTest {
  const plain = wanted.filter((item) => typeof item === "string" && numberOf(item) === undefined);
  const known = new Set<unknown>(plain);
  const others = wanted.filter((item) => !known.has(item)).map(prepareEquals);
  const isPlain: FieldTest =
    plain.length > FEW ? (field) => known.has(field) : (field) => plain.includes(field);
  return (field) =>
    isPlain(field) ||
    (others.length > 0 && others.some((test) => test(field))) ||
    (typeof field === "boolean" && isPlain(String(field)));
}

function minutes(value: unknown): number {
  const result = minutesOf(text(value));
  if (result === undefined) throw new ArgumentFault("a time is written HH:MM");
  return result;
}

/** The functions of the EventProcessor that test one field, by name. `exists` and `safe` are compiled apart. */
export const pathFunctions: Readonly<Record<string, PathFunction>> = {
  equals: {
    usage: 'equals("path", value)',
    arity: 1,
    prepare: ([wanted]) => {
      if (typeof wanted === "object") throw new ArgumentFault("null, lists and maps equal nothing");
      return prepareEquals(wanted);
    },
  },
  oneOf: { usage: 'oneOf("path", [values])', arity: 1, prepare: ([wanted]) => prepareOneOf(list(wanted)) },
  equalsIgnoreCase: {
    usage: 'equalsIgnoreCase("path", "text")',
    arity: 1,
    prepare: ([wanted]) => {
      const folded = text(wanted).toLowerCase();
      return onText((field) => field.toLowerCase() === folded);
    },
  },
  contains: anyOf('contains("path", "text") or contains("path", ["text", ...])', "anywhere"),
  containsAll: {
    usage: 'containsAll("path", ["text", ...])',
    arity: 1,
    prepare: ([value]) => {
      const wanted = needles(value);
      return onText((field) => wanted.every((needle) => field.includes(needle)));
    },
  },
  startsWith: anyOf('startsWith("path", "text") or startsWith("path", ["text", ...])', "start"),
  endsWith: anyOf('endsWith("path", "text") or endsWith("path", ["text", ...])', "end"),
  regexMatch: {
    usage: 'regexMatch("path", "regular expression")',
    arity: 1,
    prepare: ([source], context) => onText(context.regex(text(source))),
  },
  inCIDR: {
    usage: 'inCIDR("path", "10.0.0.0/8")',
    arity: 1,
    prepare: ([cidr]) => {
      const test = compileCidr(text(cidr));
      if (!test) throw new ArgumentFault(`"${text(cidr)}" is no network in CIDR notation`);
      return onText(test);
    },
  },
  onList: {
    usage: 'onList("path", "name of a threat list")',
    arity: 1,
    prepare: ([name], context) => {
      if (!context.list) throw new ArgumentFault("no lists are known here");
      return onText(context.list(text(name)));
    },
  },
  lessThan: ordered('lessThan("path", number)', (order) => order < 0),
  greaterThan: ordered('greaterThan("path", number)', (order) => order > 0),
  lessOrEqual: ordered('lessOrEqual("path", number)', (order) => order <= 0),
  greaterOrEqual: ordered('greaterOrEqual("path", number)', (order) => order >= 0),
  isHour: clock('isHour("path", 0 to 23)', 1, ([value]) => {
    const wanted = integer(value, 23);
    return (time) => time.hour === wanted;
  }),
  isMinute: clock('isMinute("path", 0 to 59)', 1, ([value]) => {
    const wanted = integer(value, 59);
    return (time) => time.minute === wanted;
  }),
  isDayOfWeek: clock('isDayOfWeek("path", 0 to 6), Sunday is 0', 1, ([value]) => {
    const wanted = integer(value, 6);
    return (time) => time.weekday === wanted;
  }),
  isWeekend: clock('isWeekend("path")', 0, () => (time) => time.weekday === 0 || time.weekday === 6),
  isWorkDay: clock('isWorkDay("path")', 0, () => (time) => time.weekday > 0 && time.weekday < 6),
  isBetweenTime: clock('isBetweenTime("path", "HH:MM", "HH:MM")', 2, ([from, to]) => {
    const start = minutes(from);
    const end = minutes(to);
    return (time) => {
      const now = time.hour * 60 + time.minute;
      return start <= end ? now >= start && now <= end : now >= start || now <= end;
    };
  }),
};

/** A list, or a text of values set apart by commas: the older function `inList`. */
export const inList: PathFunction = {
  usage: 'inList("path", "a, b, c")',
  arity: 1,
  prepare: ([wanted]) =>
    prepareOneOf(
      Array.isArray(wanted)
        ? wanted
        : text(wanted)
            .split(",")
            .map((item) => item.trim()),
    ),
};

/** Older names of the same functions. */
export const aliases: Readonly<Record<string, string>> = {
  equal: "equals",
  lowerEqual: "equalsIgnoreCase",
  contain: "contains",
  startWith: "startsWith",
  endWith: "endsWith",
};

/** How every function of a path is called, for the reference. */
export const celFunctions = (): string[] => [
  'exists("path")',
  'safe("path", default)',
  ...Object.values(pathFunctions).map(({ usage }) => usage),
];
