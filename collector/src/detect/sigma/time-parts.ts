import type { Test } from "./tests.ts";
import { compares } from "./tests.ts";
import { ofEach } from "./values.ts";

interface Local {
  readonly date: Date;
}

/** Parts of a time, as modifiers name them. Weeks are those of ISO 8601. */
const parts: Readonly<Record<string, (local: Local) => number>> = {
  minute: ({ date }) => date.getUTCMinutes(),
  hour: ({ date }) => date.getUTCHours(),
  day: ({ date }) => date.getUTCDate(),
  week: ({ date }) => weekOf(date),
  month: ({ date }) => date.getUTCMonth() + 1,
  year: ({ date }) => date.getUTCFullYear(),
};

export const isTimePart = (name: string): boolean => Object.hasOwn(parts, name);

const offset = /([+-])(\d{2}):?(\d{2})$/;

/** A time with its own offset taken as universal time, so that its parts are those that are written. */
function localOf(value: unknown): Local | undefined {
  const ms = typeof value === "number" ? value : typeof value === "string" ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms)) return undefined;
  const found = typeof value === "string" ? offset.exec(value) : null;
  const minutes = found ? Number(found[2]) * 60 + Number(found[3]) : 0;
  return { date: new Date(ms + (found?.[1] === "-" ? -minutes : minutes) * 60_000) };
}

function weekOf(date: Date): number {
  const thursday = new Date(date);
  thursday.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return Math.ceil(((thursday.getTime() - first) / 86_400_000 + 1) / 7);
}

/** Whether a part of a time is a number, or compares with it. The part is read in the offset that the time is written in. */
export function timePart(part: string, operator: string | undefined, wanted: number): Test {
  const read = parts[part]!;
  const compare = operator === undefined ? undefined : compares(operator, wanted);
  const test = ofEach((value) => {
    const local = localOf(value);
    if (!local) return false;
    const number = read(local);
    return compare ? compare.test(number) : number === wanted;
  });
  return { name: `sigma ${part} ${operator ?? "is"} ${wanted}`, test };
}
