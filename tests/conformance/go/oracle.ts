import { spawn } from "node:child_process";
import { once } from "node:events";
import { text as textOf } from "node:stream/consumers";

/** What Go's own libraries are asked, as `tests/go/oracle/main.go` has it. Texts are UTF-8, offsets count its bytes. */
export type Question =
  | { readonly ask: "path"; readonly text: string; readonly path: string }
  | { readonly ask: "time"; readonly text: string; readonly from: string; readonly to: string }
  | { readonly ask: "regex"; readonly text: string; readonly pattern: string }
  | { readonly ask: "csv"; readonly text: string; readonly separator: string }
  | { readonly ask: "cel"; readonly text: string };

/** What is not there was not found, or could not be done. */
export interface Answer {
  readonly text?: string;
  readonly columns?: string[];
  readonly value?: boolean;
  readonly place?: [number, number];
  readonly error?: string;
}

/** Asks all questions at once. Throws where the program fails. */
export async function askGo(program: string, questions: readonly Question[]): Promise<Answer[]> {
  const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
  const exit = once(child, "exit");
  child.stdin.end(questions.map((question) => `${JSON.stringify(question)}\n`).join(""));
  const lines = (await textOf(child.stdout)).trim().split("\n");
  const [code] = (await exit) as [number | null];
  if (code !== 0 || lines.length !== questions.length) throw new Error(`The oracle ended with ${code}.`);
  return lines.map((line) => JSON.parse(line) as Answer);
}
