import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsed } from "../../testing/run.ts";
import { goLayoutOf } from "./java-layout.ts";
import { parseLeef } from "./parse.ts";

const head = {
  leefVersion: "1.0",
  deviceVendor: "Example",
  deviceProduct: "Wall",
  deviceVersion: "2",
  eventId: "4625",
};
const head2 = { ...head, leefVersion: "2.0" };

describe("leef", () => {
  it.each<[name: string, steps: string, raw: string, event: object]>([
    [
      "version 1, tabs",
      "- leef: {}",
      "<13>Oct  9 22:14:15 h LEEF:1.0|Example|Wall|2|4625|src=192.0.2.1\tsrcPort=1\tusrName=al ice\tsev=9\tdst=198.51.100.1\tproto=tcp\tcat=x=y\tdevTime=Oct 09 2026 22:14:15",
      {
        severity: "critical",
        deviceTime: "2026-10-09T22:14:15Z",
        origin: { ip: "192.0.2.1", port: 1, user: "al ice" },
        target: { ip: "198.51.100.1" },
        protocol: "tcp",
        log: { ...head, sev: "9", cat: "x=y" },
      },
    ],
    [
      "version 2, a character",
      "- leef: {}",
      "LEEF:2.0|Example|Wall|2|4625|^|a=1^b=2",
      { log: { ...head2, a: "1", b: "2" } },
    ],
    [
      "version 2, a code",
      "- leef: {}",
      "LEEF:2.0|Example|Wall|2|4625|0x7C|a=1|b=2",
      { log: { ...head2, a: "1", b: "2" } },
    ],
    [
      "version 2, another code",
      "- leef: {}",
      "LEEF:2.0|Example|Wall|2|4625|x5e|a=1^b=2",
      { log: { ...head2, a: "1", b: "2" } },
    ],
    [
      "version 2, empty delimiter",
      "- leef: {}",
      "LEEF:2.0|Example|Wall|2|4625||a=1\tb=2",
      { log: { ...head2, a: "1", b: "2" } },
    ],
    [
      "version 2, none",
      "- leef: {}",
      "LEEF:2.0|Example|Wall|2|4625|a=1|x\tb=2",
      { log: { ...head2, a: "1|x", b: "2" } },
    ],
    [
      "a time in a form of its own",
      "- leef: {timezone: '+02:00'}",
      "LEEF:1.0|Example|Wall|2|4625|devTime=09/10/2026 22:14:15.5\tdevTimeFormat=dd/MM/yyyy HH:mm:ss.SSS",
      { deviceTime: "2026-10-09T22:14:15.5+02:00", log: head },
    ],
    [
      "not mapped",
      "- leef: {map: false}",
      "LEEF:1.0|Example|Wall|2|4625|src=192.0.2.1",
      { log: { ...head, src: "192.0.2.1" } },
    ],
    [
      "a key twice",
      "- leef: {}",
      "LEEF:1.0|Example|Wall|2|4625|usrName=a\tusrName=root",
      {
        origin: { user: "a" },
        log: head,
        errors: ["Step 1 (leef): Keys that stand twice were kept once: usrName."],
      },
    ],
    ["none", "- leef: {}", "LEEF:3.0|a|b", { errors: ['Step 1 (leef): "raw" holds no LEEF record.'] }],
  ])("%s", (_name, steps, raw, event) => {
    expect(parsed(steps, raw)).toEqual(event);
  });

  it.each([
    ["yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2006-01-02T15:04:05.999Z07:00"],
    ["MMM dd yyyy hh:mm:ss a z", "Jan 02 2006 03:04:05 PM MST"],
    ["'o''clock' HH", "o'clock 15"],
    ["GGGG", undefined],
  ])("reads the Java pattern %s", (pattern, layout) => {
    expect(goLayoutOf(pattern)).toBe(layout?.replace("o'clock", "oclock"));
  });

  it("reads back what it is given, and never crashes", () => {
    const value = fc.string().map((text) => text.replaceAll("^", "").trim());
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), value, { maxKeys: 8 }), (attributes) => {
        const body = Object.entries(attributes).map(([key, text]) => `${key}=${text}`);
        const record = parseLeef(`LEEF:2.0|v|p|1|e|^|${body.join("^")}`);
        expect(Object.fromEntries(record!.attributes)).toEqual({ ...attributes });
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => void parsed("- leef: {}", `LEEF:2.0|v|p|1|e|${text}`)));
  });
});
