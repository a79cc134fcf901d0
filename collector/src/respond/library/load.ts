import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { ConfigError, checkConfig, type Problem, parseSource, type Source } from "@vedette/core/config";
import { messageOf } from "@vedette/sdk";
import { importIcon } from "../icon-import/index.ts";
import {
  type Compiled,
  checkCompiled,
  compileWorkflow,
  type Known,
  type Places,
  placesIn,
  type WorkflowDoc,
  workflowDoc,
} from "../workflow/index.ts";

const maxBytes = 4 * 1024 * 1024;
const maxFiles = 10_000;
const extensions = new Set([".yaml", ".yml", ".icon"]);

/** A workflow that was read, with the file it came from. */
export interface LoadedWorkflow extends Compiled {
  readonly file: string;
}

export interface LoadedWorkflows {
  /** Those without a mistake. */
  readonly workflows: readonly LoadedWorkflow[];
  /** Mistakes and doubts of all files, in the order of reading. */
  readonly problems: readonly Problem[];
}

/** The text of a file, or of what is kept elsewhere under a name that problems tell. */
export interface WorkflowText {
  readonly file: string;
  readonly text: string;
}

/** The texts of YAML and `.icon` files and, recursively, of folders, and what could not be read. */
export function readWorkflowTexts(paths: readonly string[]): {
  readonly texts: readonly WorkflowText[];
  readonly problems: readonly Problem[];
} {
  const texts: WorkflowText[] = [];
  const problems: Problem[] = [];
  for (const path of paths)
    attempt(problems, path, () => {
      for (const file of filesIn(path))
        attempt(problems, file, () => texts.push({ file, text: textOf(file) }));
    });
  return { texts, problems };
}

/** Reads workflows from YAML and `.icon` files and, recursively, from folders. Never throws for what the files hold. */
export function loadWorkflows(paths: readonly string[], known: Known = {}): LoadedWorkflows {
  const { texts, problems } = readWorkflowTexts(paths);
  const loaded = loadTexts(texts, known);
  return { ...loaded, problems: [...problems, ...loaded.problems] };
}

/** The same of texts. `beside` are workflows that are there already and are not read again: the file of each by its id. */
export function loadTexts(
  texts: readonly WorkflowText[],
  known: Known = {},
  beside: ReadonlyMap<string, string> = new Map(),
): LoadedWorkflows {
  const loader = new Loader();
  for (const { file, text } of texts) loader.attempt(file, () => loader.text(text, file));
  return loader.finish(known, beside);
}

/** The same of one text. An `.icon` file is told by its name. */
export const parseWorkflows = (text: string, file = "workflow.yaml", known: Known = {}): LoadedWorkflows =>
  loadTexts([{ file, text }], known);

/** The workflows of an `.icon` file in our own form, whatever mistakes they have, with all of those. */
export function importedDocs(file: string): {
  readonly docs: readonly WorkflowDoc[];
  readonly problems: readonly Problem[];
} {
  const loader = new Loader();
  loader.attempt(file, () => loader.text(textOf(file), file, true));
  const { problems } = loader.finish({});
  return { docs: loader.docs(), problems };
}

function filesIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const found = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && extensions.has(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (found.length > maxFiles)
    throw new RangeError(`it holds ${found.length} files, the limit is ${maxFiles}`);
  return found;
}

/** What the file system says, or a bound of ours; any other error is a fault of the program. */
function unreadable(file: string, error: unknown): ConfigError | undefined {
  const known =
    error instanceof RangeError || (error instanceof Error && "code" in error && "syscall" in error);
  return known ? ConfigError.unreadable(file, messageOf(error), error) : undefined;
}

function textOf(file: string): string {
  const { size } = statSync(file);
  if (size > maxBytes) throw new RangeError(`it has ${size} bytes, the limit is ${maxBytes}`);
  return readFileSync(file, "utf8");
}

function attempt(problems: Problem[], file: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    const failed = error instanceof ConfigError ? error : unreadable(file, error);
    if (!failed) throw error;
    problems.push(...failed.problems);
  }
}

interface Read {
  readonly file: string;
  readonly doc: WorkflowDoc;
  readonly places: Places;
}

class Loader {
  readonly #read: Read[] = [];
  readonly #problems: Problem[] = [];

  attempt(file: string, work: () => void): void {
    attempt(this.#problems, file, work);
  }

  docs(): WorkflowDoc[] {
    return this.#read.map(({ doc }) => doc);
  }

  text(text: string, file: string, icon = extname(file) === ".icon"): void {
    if (icon) {
      const { workflows, problems } = importIcon(text, file);
      this.#problems.push(...problems);
      for (const each of workflows) this.#read.push({ file, ...each });
      return;
    }
    const source = parseSource(text, file);
    if (!Array.isArray(source.value)) this.#add(source, []);
    else for (const index of source.value.keys()) this.#add(source, [index]);
  }

  #add(source: Source, at: readonly PropertyKey[]): void {
    const checked = checkConfig(workflowDoc, source, at);
    if (!checked.ok) {
      this.#problems.push(...checked.problems);
      return;
    }
    const inner = placesIn(source);
    // Paths begin at the workflow; in a list of several it has a number before it.
    const places: Places = {
      problems: inner.problems,
      fault: (path, message, more) => inner.fault([...at, ...path], message, more),
      doubt: (path, message, more) => inner.doubt([...at, ...path], message, more),
    };
    this.#read.push({ file: source.file, doc: checked.value, places });
  }

  finish(known: Known, beside: ReadonlyMap<string, string> = new Map()): LoadedWorkflows {
    const ids = new Set([...beside.keys(), ...this.#read.map(({ doc }) => doc.id)]);
    const workflows: LoadedWorkflow[] = [];
    const seen = new Map(beside);
    for (const { file, doc, places } of this.#read) {
      const other = seen.get(doc.id);
      if (other !== undefined) places.fault(["id"], `The workflow ${doc.id} is in ${other} too.`);
      seen.set(doc.id, file);
      const compiled = compileWorkflow(doc, places);
      checkCompiled(compiled, { ...known, workflows: new Set([...ids, ...(known.workflows ?? [])]) }, places);
      this.#problems.push(...places.problems);
      if (places.problems.every(({ severity }) => severity === "warning"))
        workflows.push({ ...compiled, file });
    }
    return { workflows, problems: this.#problems };
  }
}
