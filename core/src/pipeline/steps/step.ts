import type { ParseStep } from "@vedette/sdk";
import { reservedKeys } from "@vedette/sdk";
import type { Draft } from "../draft.ts";
import {
  compilePath,
  compileWrite,
  type JsonObject,
  type Path,
  PathError,
  sanitizeName,
  textOf,
} from "../paths/index.ts";
import type { Patterns } from "../patterns/index.ts";
import type { NestedStep, StepList } from "./nested.ts";

/** What a step did: `missed` when it found nothing to do, which is counted but is no error. */
export type Outcome = "missed" | undefined;

/** A compiled step. Throws an Error with a sentence when it cannot do its work; the draft is then as before. */
export type RunStep = (draft: Draft) => Outcome;

/** A mistake in a step's options: `key` says which option, so that the loader can point at it. */
export class StepError extends Error {
  readonly path: readonly PropertyKey[];
  readonly suggestion: string | undefined;
  constructor(path: readonly PropertyKey[], message: string, suggestion?: string) {
    super(message);
    this.name = "StepError";
    this.path = path;
    this.suggestion = suggestion;
  }
}

/** What steps are compiled with. */
export interface StepContext {
  readonly patterns: Patterns;
  /** Path of the pipeline file, for files that a step names. */
  readonly file: string;
  /** How many steps stand around this one. */
  readonly depth: number;
  /** True where nothing can be wrong with the step: what it needs to run is made when it first runs. */
  readonly sound: boolean;
  /** True where parsing plugins are called for `dynamic` steps. */
  readonly callsPlugins: boolean;
  /** Steps in code that plugins of this process bring, by name. */
  readonly parsers: ReadonlyMap<string, ParseStep>;
  /** Compiles steps inside this one; `at` is their place below its kind. */
  steps(steps: readonly NestedStep[], at: readonly PropertyKey[]): StepList;
  /** Compiles a condition inside this step; one that is left out is always true. */
  condition(where: string | undefined, at: readonly PropertyKey[]): (draft: Draft) => boolean;
  /** Tells the author something that stops nothing. */
  warn(message: string, at: readonly PropertyKey[]): void;
}

/** A place that a step writes to, with its name sanitized at load. */
export interface Target {
  readonly segments: readonly string[];
  write(root: JsonObject, value: unknown): void;
}

/** Checks and compiles the name of a field that a step writes. Reserved fields and empty names are refused. */
export function compileTarget(name: string, at: readonly PropertyKey[]): Target {
  const [top = ""] = name.split(".");
  if (reservedKeys.has(top)) throw new StepError(at, `"${top}" is reserved: steps cannot write it.`);
  const segments = sanitizeName(name);
  if (segments.length === 0)
    throw new StepError(at, `"${name}" has no letter or digit, so it names no field.`);
  return { segments, write: compileWrite(segments) };
}

/** Compiles a path that a step reads. */
export function compileSource(name: string, at: readonly PropertyKey[]): Path {
  if (name === "") throw new StepError(at, "The path is empty.");
  try {
    return compilePath(name);
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
    throw new StepError(at, error.message);
  }
}

/** Compiles the path of a field that a step takes away or changes in place: keys and indexes only. */
export function compilePlace(name: string, at: readonly PropertyKey[]): Path {
  const path = compileSource(name, at);
  if (path.query || path.segments.includes("#"))
    throw new StepError(at, `"${name}" names no single field, so it can only be read.`);
  return path;
}

/** A field that a step changes in place. */
export interface Field {
  readonly text: string;
  read(root: JsonObject): unknown;
  write(root: JsonObject, value: unknown): void;
}

/** Checks and compiles the fields that a step changes where they exist. */
export function compileFields(names: readonly string[]): Field[] {
  return names.map((name, index) => {
    compileTarget(name, ["fields", index]);
    const { text, segments, read } = compilePlace(name, ["fields", index]);
    return { text, read, write: compileWrite(segments) };
  });
}

/** Longest text that a step takes apart, in characters. */
export const MAX_SOURCE = 1 << 20;

/** The text of a value that a step works on. Throws when there is none or it is too long; `name` is the field. */
export function sourceText(value: unknown, name: string): string {
  if (value === undefined) throw new Error(`The source "${name}" is absent.`);
  const text = typeof value === "string" ? value : textOf(value);
  if (text.length > MAX_SOURCE)
    throw new Error(`The source "${name}" has more than ${MAX_SOURCE} characters.`);
  return text;
}

/** Reads the text a step works on. Throws when the field is absent or its text is too long. */
export const readSourceText = (root: JsonObject, path: Path): string =>
  sourceText(path.read(root), path.text);
