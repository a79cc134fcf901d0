import { mapSecrets, placeSteps, putSecrets } from "@vedette/sdk";

/** Settings of a connection in two: what may be shown, and what is secret, by its path. */
export interface Parts {
  readonly open: unknown;
  readonly secrets: Readonly<Record<string, unknown>>;
}

/** Takes the secrets out of settings. */
export function partsOf(settings: unknown, paths: readonly string[]): Parts {
  const secrets: Record<string, unknown> = {};
  const open = mapSecrets(settings, paths, (secret, at) => {
    secrets[at] = secret;
    return undefined;
  });
  return { open, secrets };
}

/** The settings that two parts make. */
export const wholeOf = ({ open, secrets }: Parts): unknown => putSecrets(structuredClone(open), secrets);

/** What is shown in the place of a secret that is set; sent back, it keeps the secret. */
export const kept = { set: true } as const;

const isKept = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  (value as { set?: unknown }).set === true &&
  Object.keys(value).length === 1;

/** Settings as they are shown: every secret is `{ set: true }`. */
export const shownOf = (open: unknown, secrets: readonly string[]): unknown =>
  putSecrets(structuredClone(open), Object.fromEntries(secrets.map((path) => [path, kept])));

/** A secret that was to be kept and cannot be. */
export class NotKept extends Error {
  readonly path: string;
  constructor(path: string, why: string) {
    super(why);
    this.name = "NotKept";
    this.path = path;
  }
}

/**
 * What is meant by settings that were sent for those there are: a secret that is left out or `{ set: true }` is kept, null
 * takes it away, anything else is a new one. Secrets of a list are kept only while nothing else in their element changed,
 * so that none goes to another place. Throws `NotKept`.
 */
export function mergedWith(sent: unknown, before: Parts | undefined, paths: readonly string[]): unknown {
  const after = partsOf(sent, paths);
  const secrets: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(after.secrets)) {
    if (value === null) continue;
    if (!isKept(value)) {
      secrets[path] = value;
      continue;
    }
    if (before === undefined || !Object.hasOwn(before.secrets, path))
      throw new NotKept(path, "There is no secret to keep here; send it.");
    if (!sameElement(after.open, before.open, path))
      throw new NotKept(path, "The list around this secret was changed; send the secret again.");
    secrets[path] = before.secrets[path];
  }
  for (const [path, value] of Object.entries(before?.secrets ?? {})) {
    const said = Object.hasOwn(after.secrets, path);
    if (!said && hasPlace(after.open, path) && sameElement(after.open, before!.open, path))
      secrets[path] = value;
  }
  return wholeOf({ open: after.open, secrets });
}

const at = (value: unknown, steps: readonly string[]): unknown =>
  steps.reduce<unknown>(
    (node, step) =>
      typeof node === "object" && node !== null && Object.hasOwn(node, step)
        ? (node as Record<string, unknown>)[step]
        : undefined,
    value,
  );

/** Whether the object that the secret belongs to is still there. */
const hasPlace = (open: unknown, path: string): boolean => {
  const place = at(open, placeSteps(path).slice(0, -1));
  return typeof place === "object" && place !== null && !Array.isArray(place);
};

/** Outside lists always; in a list while its length and everything that is shown of the element are the same. */
function sameElement(after: unknown, before: unknown, path: string): boolean {
  const steps = placeSteps(path);
  for (let depth = 0; depth < steps.length; depth++) {
    const [list, old] = [at(after, steps.slice(0, depth)), at(before, steps.slice(0, depth))];
    if (!Array.isArray(old)) continue;
    if (!Array.isArray(list) || list.length !== old.length) return false;
    const element = steps.slice(0, depth + 1);
    if (JSON.stringify(at(after, element)) !== JSON.stringify(at(before, element))) return false;
  }
  return true;
}
