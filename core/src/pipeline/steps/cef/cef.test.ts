import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsed } from "../../testing/run.ts";
import { parseCef } from "./parse.ts";

const head = {
  cefVersion: "0",
  deviceVendor: "Example",
  deviceProduct: "Wall",
  deviceVersion: "1.0",
  deviceEventClassId: "100",
  name: "Port scan",
  severity: "7",
};
const line = (extension: string): string => `CEF:0|Example|Wall|1.0|100|Port scan|7|${extension}`;

describe("cef", () => {
  it.each<[name: string, steps: string, raw: string, event: object]>([
    [
      "moves what the schema has",
      "- cef: {}",
      `<14>Oct  9 22:14:15 fw ${line("src=192.0.2.1 spt=1232 dst=198.51.100.7 dpt=22 suser=alice act=blocked outcome=failure proto=TCP app=ssh rt=1791640536120 request=http://example.com/?a=b&c=d in=10 msg=Two words")}`,
      {
        severity: "high",
        deviceTime: "2026-10-10T13:55:36.12Z",
        origin: { ip: "192.0.2.1", port: 1232, user: "alice", bytesSent: 10 },
        target: { ip: "198.51.100.7", port: 22, url: "http://example.com/?a=b&c=d" },
        action: "blocked",
        actionResult: "failed",
        protocol: "TCP",
        log: { ...head, app: "ssh", msg: "Two words" },
      },
    ],
    [
      "or leaves it under log",
      "- cef: {map: false}",
      line("src=192.0.2.1 rt=x"),
      { log: { ...head, src: "192.0.2.1", rt: "x" } },
    ],
    [
      "escapes in header and extension",
      "- cef: {}",
      String.raw`CEF:1|Ex\|ample|Wa\\ll|1.0|100|Port scan|Very-High|cs1=a\=b \\ c\nd`,
      {
        severity: "critical",
        log: {
          ...head,
          cefVersion: "1",
          deviceVendor: "Ex|ample",
          deviceProduct: "Wa\\ll",
          severity: "Very-High",
          cs1: "a=b \\ c\nd",
        },
      },
    ],
    [
      "custom fields by their labels",
      "- cef: {}",
      line("cs1Label=Rule Name cs1=Deny all cn1=5 cn1Label=src cs2Label=Only label cs3= src=192.0.2.1"),
      {
        severity: "high",
        origin: { ip: "192.0.2.1" },
        log: { ...head, RuleName: "Deny all", cn1: "5", cn1Label: "src", cs2Label: "Only label", cs3: "" },
      },
    ],
    [
      "a label is no way to a field of the schema",
      "- cef: {}",
      line("cs1=192.0.2.9 cs1Label=src"),
      { severity: "high", log: { ...head, src: "192.0.2.9" } },
    ],
    [
      "a value of the wrong kind stays in the log",
      "- cef: {}",
      line("spt=http outcome=maybe rt=soon"),
      { severity: "high", log: { ...head, spt: "http", outcome: "maybe", rt: "soon" } },
    ],
    [
      "a key that stands twice is told, the first one counts",
      "- cef: {}",
      line("suser=alice msg=x suser=root"),
      {
        severity: "high",
        origin: { user: "alice" },
        log: { ...head, msg: "x" },
        errors: ["Step 1 (cef): Keys that stand twice were kept once: suser."],
      },
    ],
    ["no extension", "- cef: {}", line(""), { severity: "high", log: head }],
    ["cut", "- cef: {}", "CEF:0|Example|Wall", { errors: ['Step 1 (cef): "raw" holds no CEF record.'] }],
    ["none", "- cef: {}", "hello", { errors: ['Step 1 (cef): "raw" holds no CEF record.'] }],
  ])("%s", (_name, steps, raw, event) => {
    expect(parsed(steps, raw)).toEqual(event);
  });

  it("reads back what it is given", () => {
    const key = fc.stringMatching(/^[a-z][A-Za-z0-9_.]{0,8}$/);
    const value = fc.string().map((text) => text.trim());
    const field = fc.string().map((text) => text.trim());
    const escapeHeader = (text: string): string => text.replace(/[\\|]/g, "\\$&");
    const escapeValue = (text: string): string =>
      text.replace(/[\\=]/g, "\\$&").replace(/\n/g, "\\n").replace(/\r/g, "\\r");
    fc.assert(
      fc.property(
        fc.array(field, { minLength: 6, maxLength: 6 }),
        fc.dictionary(key, value, { maxKeys: 8 }),
        (fields, extension) => {
          const body = Object.entries(extension).map(([name, text]) => `${name}=${escapeValue(text)}`);
          const record = parseCef(`CEF:0|${fields.map(escapeHeader).join("|")}|${body.join(" ")}`);
          expect(record).toMatchObject({ vendor: fields[0], severity: fields[5] });
          expect(Object.fromEntries(record!.extension)).toEqual({ ...extension });
        },
      ),
    );
  });

  it("never crashes, and takes the time of the text", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        parseCef(text);
        parsed("- cef: {}", line(text));
      }),
    );
    const start = process.cpuUsage().user;
    for (const piece of ["a=", " a b", "\\", "|", " =", "CEF:0|"])
      expect(() => parseCef(line(piece.repeat(100_000)))).not.toThrow(TypeError);
    expect(process.cpuUsage().user - start).toBeLessThan(2_000_000);
  });
});
