import { archiveKind, nameInArchive } from "./inflate.ts";

/** What rotation appends: `.1`, a date or time such as `-20260102`, or a word such as `.old`. */
const suffix = /^(.+)(?:\.\d[\dTtZz:_.-]{0,30}|[-_]\d{6}[\dTtZz:_.-]{0,26}|[.\-_](?:old|prev|bak))$/;
/** The same before the extension: `access-20260102.log`, `access.1.log`. Not `worker-2.log`, which is a log of its own. */
const infix = /^(.+?)(?:\.\d[\dTtZz:_-]{0,30}|[-_]\d{6}[\dTtZz:_-]{0,26})(\.[A-Za-z]{1,10})$/;

/** The names a rotated file may have had before; empty where the name does not look rotated or is compressed. */
export function namesBeforeRotation(name: string): string[] {
  if (archiveKind(name) !== undefined || name.length > 255) return [];
  const names: string[] = [];
  // app.log.2026-01-02.1 may come from app.log.2026-01-02 or, in one go, from app.log.
  for (let rest = name, match = suffix.exec(rest); match && names.length < 4; match = suffix.exec(rest)) {
    rest = match[1]!;
    names.push(rest);
  }
  const inner = infix.exec(name);
  if (inner) names.push(`${inner[1]}${inner[2]}`);
  return names;
}

/** The names that what is in an archive may have had: its own without the ending, and those before rotation. */
export function namesBeforeArchiving(name: string): string[] {
  if (archiveKind(name) === undefined || name.length > 255) return [];
  const inside = nameInArchive(name);
  return [inside, ...namesBeforeRotation(inside)];
}

/** Rotated files beside a path, by their names. */
export interface RotatedNames {
  readonly plain: string[];
  readonly archives: string[];
}

/** Groups names by what they were called before rotation. */
export function rotatedBy(names: Iterable<string>): Map<string, RotatedNames> {
  const groups = new Map<string, RotatedNames>();
  const put = (kind: keyof RotatedNames, name: string, before: string): void => {
    const group = groups.get(before) ?? { plain: [], archives: [] };
    groups.set(before, group);
    group[kind].push(name);
  };
  for (const name of names) {
    for (const before of namesBeforeRotation(name)) put("plain", name, before);
    for (const before of namesBeforeArchiving(name)) put("archives", name, before);
  }
  return groups;
}
