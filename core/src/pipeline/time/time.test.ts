import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileRewrite } from "../steps/reformat.ts";
import {
  compileDate,
  compileFormat,
  compileParse,
  compileZone,
  isRfc3339,
  namedLayouts,
  ofMilliseconds,
} from "./index.ts";

const near = Date.UTC(2026, 9, 10, 12);
const convert = (from: string, text: string, to = "RFC3339Nano"): string | undefined => {
  const moment = compileParse(from)(text, near);
  return moment && compileFormat(to)(moment);
};

describe("Go layouts", () => {
  it.each<[from: string, text: string, to: string, expected: string | undefined]>([
    ["RFC3339", "2026-10-10T13:55:36Z", "RFC1123", "Sat, 10 Oct 2026 13:55:36 UTC"],
    ["RFC3339", "2026-10-10T13:55:36.25+02:00", "RFC3339Nano", "2026-10-10T13:55:36.25+02:00"],
    ["RFC3339", "2026-10-10T13:55:36-07:00", "RFC1123Z", "Sat, 10 Oct 2026 13:55:36 -0700"],
    ["02/Jan/2006:15:04:05 -0700", "10/oct/2026:13:55:36 +0000", "RFC3339", "2026-10-10T13:55:36Z"],
    ["Mon Jan _2 15:04:05 2006", "Sat Oct  3 01:02:03 2026", "DateTime", "2026-10-03 01:02:03"],
    ["UnixDate", "Sat Oct  3 01:02:03 CET 2026", "RFC3339", "2026-10-03T01:02:03Z"],
    ["RFC822Z", "03 Oct 26 01:02 +0530", "RFC3339", "2026-10-03T01:02:00+05:30"],
    ["RFC850", "Saturday, 03-Oct-26 01:02:03 GMT", "Kitchen", "1:02AM"],
    ["3:04PM", "12:30AM", "TimeOnly", "00:30:00"],
    ["2006-01-02 03:04:05 pm", "2026-10-03 11:02:03 PM", "15h04", "23h02"],
    ["2006-002", "2026-060", "DateOnly", "2026-03-01"],
    ["DateOnly", "2026-03-01", "2006-002 (__2)", "2026-060 ( 60)"],
    ["2006-01-02T15:04:05.000Z07:00", "2026-10-03T01:02:03.123Z", "05.00", "03.12"],
    ["2006-01-02T15:04:05,999", "2026-10-03T01:02:03,5", "05.000", "03.500"],
    ["2006-01-02T15:04:05,999", "2026-10-03T01:02:03", "05.999", "03"],
    ["15:04:05.999", "01:02:03.1234567891", "TimeOnly", "01:02:03"],
    ["15:04:05.000", "01:02:03.1234", "TimeOnly", undefined],
    ["02/01/2006 15h04m05s", "03/10/2026 1h02m03s", "RFC3339", "2026-10-03T01:02:03Z"],
    [
      "Mon, 2 Jan 2006 15:04 GMT-0700",
      "Sat, 3 Oct 2026 01:02 GMT-0330",
      "RFC3339",
      "2026-10-03T01:02:00-03:30",
    ],
    ["2006-01-02 15:04:05 MST", "2026-10-03 01:02:03 GMT+3", "RFC3339", "2026-10-03T01:02:03+03:00"],
    ["StampMicro", "Oct  3 01:02:03.123456", "StampNano", "Oct  3 01:02:03.123456000"],
    ["Jan 2, 2006", "October 3, 2026", "DateOnly", undefined],
    ["January 2, 2006", "October 3, 2026", "Mon Jan _2 06", "Sat Oct  3 26"],
    ["06-1-2 Z0700", "70-1-2 -0130", "RFC3339", "1970-01-02T00:00:00-01:30"],
    ["2006-01-02Z07:00:00", "2026-01-02+01:02:03", "-07:00:00 -07", "+01:02:03 +01"],
    ["Unix", "1791640536", "RFC3339", "2026-10-10T13:55:36Z"],
    ["Unix", "1791640536.5", "RFC3339Nano", "2026-10-10T13:55:36.5Z"],
    ["UnixMicro", "1791640536123456", "UnixNano", "1791640536123456000"],
    ["RFC3339", "2026-10-10T13:55:36.5Z", "UnixMilli", "1791640536500"],
    ["Unix", "-1", "RFC3339", "1969-12-31T23:59:59Z"],
    ["Stamp", "Oct 10 11:00:00", "RFC3339", "2026-10-10T11:00:00Z"],
    ["Stamp", "Oct 12 11:00:00", "RFC3339", "2025-10-12T11:00:00Z"],
    ["TimeOnly", "11:00:00", "RFC3339", "2026-10-10T11:00:00Z"],
    ["DateOnly", "2026-02-30", "RFC3339", undefined],
    ["TimeOnly", "24:00:00", "RFC3339", undefined],
    ["DateOnly", "2026-10-10x", "RFC3339", undefined],
    ["DateOnly", "", "RFC3339", undefined],
    ["RFC3339", "2026-10-10T13:55:36+25:00", "RFC3339", undefined],
  ])("%s: %s as %s", (from, text, to, expected) => {
    expect(convert(from, text, to)).toBe(expected);
  });

  it.each([
    ["Dec 31 23:59:59", "2026-01-01T00:00:01Z", "2025-12-31T23:59:59Z"],
    ["Jan  1 00:00:07", "2026-12-31T23:59:00Z", "2027-01-01T00:00:07Z"],
    ["Jan  2 00:00:07", "2026-12-31T23:59:00Z", "2026-01-02T00:00:07Z"],
    ["Oct 10 12:00:00", "2026-10-10T12:00:00Z", "2026-10-10T12:00:00Z"],
  ])("take the nearest year for %s read at %s", (text, read, expected) => {
    const moment = compileParse("Stamp")(text, Date.parse(read));
    expect(moment && compileFormat("RFC3339")(moment)).toBe(expected);
  });

  it("read back what they write", () => {
    const seconds = fc.integer({ min: Date.UTC(1970, 0, 1) / 1000, max: Date.UTC(2068, 0, 1) / 1000 });
    const offset = fc.integer({ min: -14 * 60, max: 14 * 60 }).map((minutes) => minutes * 60);
    for (const layout of [
      "RubyDate",
      "RFC1123Z",
      "RFC3339",
      "RFC3339Nano",
      "2006-01-02 15:04:05.000000000 -0700",
      "Mon Jan _2 3:04:05PM 2006 -07:00",
    ]) {
      fc.assert(
        fc.property(seconds, offset, (second, east) => {
          const moment = { seconds: second * 1000, nanoseconds: 0, offset: east, zone: "" };
          expect(compileParse(layout)(compileFormat(layout)(moment), near)).toEqual(moment);
        }),
        { numRuns: 300 },
      );
    }
  });

  it("write a time of the minute before as they write it alone", () => {
    const layouts = [
      "Stamp",
      "RFC3339",
      "RubyDate",
      "02/Jan/2006:15:04:05.000 -0700",
      "Kitchen",
      "05 15:4:05",
    ];
    const others = [
      "RFC3339",
      "RFC3339Nano",
      "UnixMilli",
      "05/2 3:04",
      "15:04:5",
      "__2 Jan 2006 15:04:05.999 MST",
    ];
    const second = fc.integer({ min: 0, max: 99 }).map((number) => String(number).padStart(2, "0"));
    fc.assert(
      fc.property(
        fc.constantFrom(...layouts),
        fc.constantFrom(...others),
        fc.array(
          fc.tuple(fc.constantFrom("13:55", "23:59", "9:07"), second, fc.constantFrom("", ".25", "x")),
          {
            minLength: 2,
          },
        ),
        (from, to, times) => {
          const [parse, format] = [compileParse(from), compileFormat(to)];
          const rewrite = compileRewrite({ fields: ["t"], function: "time", fromFormat: from, toFormat: to });
          const read = new Date(near).toISOString();
          for (const [hours, seconds, behind] of times) {
            const clock = `${hours}:${seconds}${behind}`;
            const text = {
              Stamp: `Oct 10 ${clock}`,
              RFC3339: `2026-10-10T${clock}+02:00`,
              RubyDate: `Sat Oct 10 ${clock} +0200 2026`,
              Kitchen: `${hours}PM`,
              "05 15:4:05": `${seconds} ${clock}`,
            }[from];
            const own = text ?? `10/Oct/2026:${clock} +0200`;
            const moment = parse(own, near);
            if (moment) expect(rewrite(own, read, "t")).toBe(format(moment));
            else expect(() => rewrite(own, read, "t")).toThrow();
          }
        },
      ),
    );
  });

  it("know the zone of this machine as one by its name", () => {
    const { TZ } = process.env;
    try {
      for (const name of ["America/St_Johns", "Asia/Kolkata", "Europe/Zurich"]) {
        process.env["TZ"] = name;
        const [local, named] = [compileZone("local"), compileZone(name)];
        for (let day = 0; day < 800; day++) {
          const time = Date.UTC(2026, 0, day, day % 24, 30);
          expect(local?.(time)).toBe(named?.(time));
        }
      }
    } finally {
      if (TZ === undefined) delete process.env["TZ"];
      else process.env["TZ"] = TZ;
    }
  });

  it("read local times in a zone, and RFC 3339 as it stands", () => {
    const zurich = compileZone("Europe/Zurich");
    const moment = compileParse("DateTime")("2026-10-25 01:59:59", near, zurich);
    expect(moment && compileFormat("RFC3339")(moment)).toBe("2026-10-25T01:59:59+02:00");
    expect(compileZone("Mars/Base")).toBeUndefined();
    expect(compileZone("+15:00")).toBeUndefined();
    expect(isRfc3339("2026-10-03T01:02:03.5+02:00")).toBe(true);
    for (const other of [
      "2026-02-30T01:02:03Z",
      "2026-10-03 01:02:03Z",
      "2026-10-03T01:02:03",
      "2026-10-03T24:00:00Z",
    ])
      expect(isRfc3339(other)).toBe(false);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (count) => {
        expect(Date.parse(ofMilliseconds(count)!)).toBe(count);
        const read = compileDate("UNIX_MS")(String(count), near);
        expect(read && compileFormat("RFC3339Nano")(read)).toBe(ofMilliseconds(count));
      }),
    );
  });

  it("never crash on any text or layout", () => {
    const layouts = fc.oneof(
      fc.constantFrom(...Object.keys(namedLayouts)),
      fc.string({ maxLength: 20 }),
      fc.constantFrom("2006-01-02_2006.000", "__2 002 _2", "Z07:00:00-07"),
    );
    fc.assert(
      fc.property(layouts, fc.string({ maxLength: 30 }), (layout, text) => {
        const moment = compileParse(layout)(text, near);
        if (moment) expect(typeof compileFormat(layout)(moment)).toBe("string");
      }),
      { numRuns: 2000 },
    );
  });
});
