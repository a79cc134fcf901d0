import { errorCodes, isVedetteError, messageOf, VedetteError, type Verdict } from "@vedette/sdk";

/** What a thread is started with. */
export interface ThreadStart {
  /** Folder of the plugin. */
  readonly place: string;
  /** `collector.egress.allow`. */
  readonly allow: readonly string[];
}

/** Stands in the arguments of a call where the context was. */
export const contextMark = "\0context";

/** To the thread. Numbers name calls, and what a call asks for. */
export type ToThread =
  | {
      readonly call: number;
      /** Keys from the plugin to the function, such as `collect`, `collect`. */
      readonly path: readonly string[];
      readonly args: readonly unknown[];
      readonly settings: unknown;
    }
  | { readonly abort: number }
  | ({ readonly answer: number } & Outcome);

/** From the thread. */
export type FromThread =
  | ({ readonly done: number } & Outcome)
  | { readonly ask: number; readonly call: number; readonly what: Asked; readonly args: readonly unknown[] }
  | { readonly tell: "backlog"; readonly call: number; readonly left: unknown }
  | {
      readonly tell: "log";
      readonly call: number;
      readonly level: Level;
      readonly fields: object;
      readonly message: string;
    };

export type Level = "debug" | "info" | "warn" | "error";
export type Asked =
  | ("state.get" | "state.set" | "state.delete")
  | ("emit" | "exportAsset" | "connection")
  | ("assets.list" | "assets.released");

export type Outcome = { readonly value: unknown } | { readonly error: Thrown };

/** An error as it crosses threads. */
export interface Thrown {
  readonly message: string;
  readonly code?: string;
  readonly verdict?: Verdict;
  readonly stack?: string;
}

export const thrownOf = (error: unknown): Thrown => ({
  message: messageOf(error).slice(0, 4_000),
  ...(isVedetteError(error) && { code: error.code, verdict: error.verdict }),
  ...(error instanceof Error && error.stack !== undefined && { stack: error.stack.slice(0, 8_000) }),
});

/** The error again: one of ours where it was one. */
export function errorOf({ message, code, verdict, stack }: Thrown): Error {
  const error =
    code !== undefined && verdict !== undefined && Object.hasOwn(errorCodes, code)
      ? new VedetteError(code as keyof typeof errorCodes, message, verdict)
      : new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
