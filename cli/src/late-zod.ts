/**
 * `zod` as the one-file agent has it (scripts/build-agent.mjs): a schema is made when something is first checked by it. The sources
 * declare some 3,000, most of them of inputs and targets that a host does not have; making them was a third of each start
 * (docs/decisions/0304). What is told to people about a schema (`describe`) is left out: an agent prints no reference.
 */
import * as zod from "zod";

// A configuration is checked once: code made for each of its schemas would never pay.
zod.config({ jitless: true });

type Made = Record<string, unknown> & { meta(said?: object): Made };
type Call = (...given: unknown[]) => unknown;

/** A schema to be. The shape of an object, what is wrapped in it and its metadata are known without making it. */
class Late {
  readonly #make: () => Made;
  readonly #shape: unknown;
  readonly #inner: Late | undefined;
  readonly #said: { readonly description?: string } | undefined;
  #made: Made | undefined;

  constructor(make: () => unknown, shape?: unknown, inner?: Late, said?: object) {
    this.#make = make as () => Made;
    this.#shape = shape;
    this.#inner = inner;
    this.#said = said;
  }

  get schema(): Made {
    if (this.#made === undefined) {
      const made = this.#make();
      this.#made = this.#said === undefined ? made : made.meta(this.#said);
    }
    return this.#made;
  }

  get shape(): unknown {
    return this.#shape ?? (this.#inner === undefined ? this.schema["shape"] : undefined);
  }

  get description(): string | undefined {
    return this.#said?.description;
  }

  unwrap(): unknown {
    return this.#inner ?? (this.schema["unwrap"] as Call)();
  }

  meta(said?: object): unknown {
    if (said === undefined) return this.#said;
    return new Late(() => this.schema, this.#shape, this.#inner, said);
  }

  describe(): this {
    return this;
  }
}

const define = (names: string, descriptor: (name: string) => PropertyDescriptor): void => {
  for (const name of names.split(" ")) Object.defineProperty(Late.prototype, name, descriptor(name));
};
const ask = (late: Late, name: string, given: unknown[]): unknown =>
  (late.schema[name] as Call).apply(late.schema, given);

/** What a schema answers itself, zod's own `_zod` among it: by that one schemas know each other. */
define(
  "_zod _def def type ~standard element options in out values valueType keyType enum minValue maxValue minLength maxLength format",
  (name) => ({
    get(this: Late) {
      return this.schema[name];
    },
  }),
);
define("parse safeParse parseAsync safeParseAsync isOptional isNullable toJSONSchema", (name) => ({
  value(this: Late, ...given: unknown[]) {
    return ask(this, name, given);
  },
}));

/** What makes another schema of a schema. */
define(
  "check refine superRefine overwrite transform pipe array or and brand min max length nonempty regex includes startsWith endsWith trim toLowerCase toUpperCase normalize int positive nonnegative multipleOf catchall strict loose extend safeExtend pick omit partial required keyof exclude extract rest",
  (name) => ({
    value(this: Late, ...given: unknown[]) {
      return new Late(() => ask(this, name, given));
    },
  }),
);
define("optional nullable nullish nonoptional default prefault catch readonly", (name) => ({
  value(this: Late, ...given: unknown[]) {
    return new Late(() => ask(this, name, given), undefined, this);
  },
}));

const later =
  (make: Call): Call =>
  (...given) =>
    new Late(() => make(...given));
const laterObject =
  (make: Call): Call =>
  (shape, ...more) =>
    new Late(() => make(shape, ...more), shape);
const each = (makers: Readonly<Record<string, unknown>>, how: (make: Call) => Call): Record<string, Call> =>
  Object.fromEntries(Object.entries(makers).map(([name, make]) => [name, how(make as Call)]));

// Named one by one: what nobody names, such as zod's words in 64 languages, is not in the bundle.
const values = {
  ...{ string: zod.string, int: zod.int, number: zod.number, boolean: zod.boolean, unknown: zod.unknown },
  ...{ literal: zod.literal, enum: zod.enum, base64: zod.base64, url: zod.url, lazy: zod.lazy },
  ...{ array: zod.array, record: zod.record, tuple: zod.tuple, union: zod.union },
  discriminatedUnion: zod.discriminatedUnion,
};
const objects = { object: zod.object, strictObject: zod.strictObject, looseObject: zod.looseObject };

export const z = {
  ...{ config: zod.config, toJSONSchema: zod.toJSONSchema, ZodError: zod.ZodError, ZodObject: zod.ZodObject },
  iso: each({ datetime: zod.iso.datetime }, later),
  ...each(values, later),
  ...each(objects, laterObject),
} as unknown as typeof zod.z;
