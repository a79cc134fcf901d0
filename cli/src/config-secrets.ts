import type { ControlPlace } from "@vedette/collector";
import { readSource, type SecretLookup, substitute } from "@vedette/core/config";
import { type Clock, messageOf, systemClock } from "@vedette/sdk";
import { type LoadedConfig, loadConfig } from "./config-file.ts";
import { collectorPlace } from "./state-dirs.ts";
import { configPath } from "./yaml-file.ts";

type Answer = ReturnType<SecretLookup>;

/** What says where secrets are, and therefore cannot be one. */
const placePaths = [
  ["collector", "control"],
  ["collector", "stateDir"],
];

/**
 * The configuration of everything, its `${secret:name}` taken from the collector's secrets. `know` is told each, so that it can
 * be kept out of logs. Throws a `ConfigError` that names every mistake with its place, a missing secret too; and
 * `control.unavailable` where the secrets cannot be asked for.
 */
export async function loadWithSecrets(
  file: string | undefined,
  know: (secret: string) => void = () => undefined,
  clock: Clock = systemClock,
): Promise<LoadedConfig> {
  const path = configPath(file);
  const names = path === undefined ? [] : secretsNamedIn(path);
  if (names.length === 0) return loadConfig(file);
  const answers = await answersFor(names, collectorPlace(file === undefined ? {} : { config: file }), clock);
  for (const answer of answers.values()) if (answer && "text" in answer) know(answer.text);
  return loadConfig(file, process.env, (name, at) => {
    if (placePaths.some((place) => place.every((key, depth) => at[depth] === key)))
      return {
        problem: `The secret ${name} cannot be used here: this key says where secrets are kept.`,
        suggestion: "Take it from the environment, ${NAME}.",
      };
    if (at[0] !== "collector")
      return {
        problem: `The secret ${name} cannot be used here: only a collector has secrets, and only its section may name them.`,
        suggestion: "Take it from the environment, ${NAME}.",
      };
    return answers.get(name);
  });
}

/** Names of the secrets that a file asks for, each once. */
function secretsNamedIn(path: string): string[] {
  const names = new Set<string>();
  // Whatever else is missing is said when the file is loaded.
  const anything = new Proxy({}, { get: () => "" });
  substitute(readSource(path), anything, (name) => {
    names.add(name);
    return { text: "" };
  });
  return [...names];
}

async function answersFor(
  names: readonly string[],
  place: ControlPlace,
  clock: Clock,
): Promise<Map<string, Answer>> {
  const { openSecrets } = await import("@vedette/collector");
  const opened = await openSecrets(place, clock, { onlyExisting: true });
  try {
    const answers = names.map(async (name): Promise<[string, Answer]> => {
      try {
        const text = await opened?.secrets.get(name);
        if (text !== undefined) return [name, { text }];
        const suggestion = `Set it: vedette secret set ${name}`;
        return [name, { problem: `There is no secret ${name}.`, suggestion }];
      } catch (error) {
        return [name, { problem: messageOf(error) }];
      }
    });
    return new Map(await Promise.all(answers));
  } finally {
    await opened?.close();
  }
}
