import fc from "fast-check";
import { expect, it } from "vitest";
import { isRfc3339 } from "../../time/index.ts";
import { isoEnd } from "./bytes.ts";

const digits = (most: number, width: number) => fc.nat(most).map((n) => String(n).padStart(width, "0"));

/** Times that are RFC 3339 and such as nearly are. */
const times = fc
  .tuple(
    digits(9_999, 4),
    digits(14, 2),
    digits(33, 2),
    fc.constantFrom("T", "T", "T", " ", "t"),
    digits(25, 2),
    digits(61, 2),
    digits(61, 2),
    fc.constantFrom("", ".1", ".123456789", ".1234567890", ",5", "."),
    fc.constantFrom("Z", "Z", "z", "+01:00", "-14:59", "+15:00", "+0100", "+01", "", "+01:60"),
  )
  .map(([y, m, d, t, h, i, s, f, z]) => `${y}-${m}-${d}${t}${h}:${i}:${s}${f}${z}`);

it("finds the end of a time where there is one that is RFC 3339 as it stands", () => {
  fc.assert(
    fc.property(
      times,
      fc.constantFrom(" ", "", ":", "x"),
      fc.constantFrom("", "web-1 sshd"),
      (time, end, rest) => {
        const line = `${time}${end}${rest}`;
        const bytes = Buffer.from(`${line}\n${" ".repeat(64)}`, "latin1");
        const usual = time.replace(/^(.{8})(?:29|30|31)/, "$128");
        expect(isoEnd(bytes, 0, line.length)).toBe(isRfc3339(usual) && end === " " ? time.length : -1);
      },
    ),
    { numRuns: 3_000 },
  );
});
