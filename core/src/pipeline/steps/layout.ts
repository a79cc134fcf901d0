import { didYouMean, nearest } from "../../config/index.ts";
import { compileZone, epochDigits, namedLayouts, splitLayout, type ZoneOffset } from "../time/index.ts";
import { StepError } from "./step.ts";

const isName = (layout: string): boolean =>
  Object.hasOwn(namedLayouts, layout) || Object.hasOwn(epochDigits, layout);

/** Refuses what is no Go layout and no name of one; `names` are known besides Go's. */
export function checkLayout(value: string, at: readonly PropertyKey[], names: readonly string[] = []): void {
  if (isName(value) || names.includes(value)) return;
  const known = [...names, ...Object.keys(namedLayouts), ...Object.keys(epochDigits)];
  // `RFC333` would be a layout, because of its threes; it was meant as a name.
  const misspelt = /^[A-Za-z]{3,}[_\d]*[A-Za-z]*$/.test(value) && nearest(value, known) !== undefined;
  if (!misspelt && splitLayout(value).some((chunk) => "std" in chunk)) return;
  throw new StepError(
    at,
    `"${value}" is no Go time layout: it holds no part of the reference time Mon Jan 2 15:04:05 MST 2006.`,
    didYouMean(value, known),
  );
}

/** Why a layout may never fit: foreign digits, or an element twice, show that an example was written in its place. */
export function layoutHint(layout: string): string {
  if (isName(layout)) return "";
  const chunks = splitLayout(layout);
  const foreign = chunks.some((chunk) => "literal" in chunk && /\d/.test(chunk.literal));
  const numbers = chunks.flatMap((chunk) =>
    "std" in chunk && /^[_\d]+$/.test(chunk.std) ? [chunk.std] : [],
  );
  const elements = new Set(numbers.map((std) => std.replace(/^[_0]+/, "")));
  if (!foreign && elements.size === numbers.length) return "";
  return " A layout shows the time Mon Jan 2 15:04:05 MST 2006, not any other.";
}

/** Compiles a step's time zone. */
export function zoneOf(name: string, at: readonly PropertyKey[]): ZoneOffset {
  const zone = compileZone(name);
  if (zone) return zone;
  throw new StepError(
    at,
    `"${name}" is no time zone: write UTC, local, an offset such as +02:00 or an IANA name such as Europe/Zurich.`,
    didYouMean(name, Intl.supportedValuesOf("timeZone")),
  );
}
