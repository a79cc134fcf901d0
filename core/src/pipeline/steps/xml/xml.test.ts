import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsed } from "../../testing/run.ts";
import { parseXml } from "./tree.ts";

const step = "- xml: {source: raw}";

describe("xml", () => {
  it.each<[name: string, raw: string, log: object]>([
    ["text", "<a> x </a>", { a: "x" }],
    ["attributes, elements and text", '<a id="1">t<b>2</b></a>', { a: { id: "1", b: "2", text: "t" } }],
    [
      "elements of one name are a list",
      "<a><b>1</b><b>2</b><b c='3'/></a>",
      { a: { b: ["1", "2", { c: "3" }] } },
    ],
    ["an attribute and an element of one name", '<a b="1"><b>2</b></a>', { a: { b: ["1", "2"] } }],
    ["namespaces", '<s:a xmlns:s="urn:x" xmlns="urn:y"><s:b s:c="1"/></s:a>', { a: { b: { c: "1" } } }],
    ["character data and references", "<a>&lt;b&gt;<![CDATA[<c>&amp;]]>&#x41;</a>", { a: "<b><c>&amp;A" }],
    ["empty", "<a><b/><c></c></a>", { a: { b: "", c: "" } }],
    ["declaration, comment, instruction", '\ufeff<?xml version="1.0"?><!-- x --><?y z?><a>1</a>', { a: "1" }],
    ["names", "<a><b.c-d>1</b.c-d><__proto__>2</__proto__></a>", { a: { b_cd: "1", proto: "2" } }],
    ["only text of that name", "<Data Name='x'>1</Data>", { x: "1" }],
  ])("%s", (_name, raw, log) => {
    expect(parsed(step, raw)).toEqual({ log });
  });

  it("makes Windows events usable", () => {
    const raw = `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Security-Auditing' Guid='{54849625-5478-4994-A5BA-3E3B0328C30D}'/><EventID Qualifiers='16384'>4625</EventID><Level>0</Level><TimeCreated SystemTime='2026-10-09T22:14:15.1234567Z'/><Execution ProcessID='4' ThreadID='8'/><Channel>Security</Channel><Computer>pc.example.com</Computer><Security/></System><EventData><Data Name='SubjectUserSid'>S-1-0-0</Data><Data Name='TargetUserName'>alice</Data><Data Name='IpAddress'>192.0.2.1</Data><Data>plain</Data></EventData></Event>`;
    expect(parsed(step, raw).log).toEqual({
      Event: {
        System: {
          Provider: {
            Name: "Microsoft-Windows-Security-Auditing",
            Guid: "{54849625-5478-4994-A5BA-3E3B0328C30D}",
          },
          EventID: "4625",
          EventIDQualifiers: "16384",
          Level: "0",
          TimeCreated: { SystemTime: "2026-10-09T22:14:15.1234567Z" },
          Execution: { ProcessID: "4", ThreadID: "8" },
          Channel: "Security",
          Computer: "pc.example.com",
          Security: "",
        },
        EventData: {
          SubjectUserSid: "S-1-0-0",
          TargetUserName: "alice",
          IpAddress: "192.0.2.1",
          Data: "plain",
        },
      },
    });
  });

  it.each([
    ["no XML", "hello"],
    ["an open element", "<a><b></a>"],
    ["two roots", "<a/><b/>"],
    ["a document type", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ["an external entity", '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'],
    ["an unknown entity", "<a>&x;</a>"],
    ["too deep", `${"<a>".repeat(100)}${"</a>".repeat(100)}`],
    ["too many elements", `<a>${"<b/>".repeat(20_000)}</a>`],
    ["nothing", ""],
  ])("refuses %s", (_name, raw) => {
    const { errors, log } = parsed(step, raw);
    expect(errors).toEqual([expect.stringContaining('Step 1 (xml): "raw" is no XML that can be read: ')]);
    expect(log).toBeUndefined();
  });

  it("reads back what is written, and never does more than refuse", () => {
    const text = fc.string({ unit: "grapheme-ascii", minLength: 1 }).map((value) => value.trim() || "x");
    const tree = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), text, { minKeys: 1, maxKeys: 5 });
    const escaped = (value: string): string =>
      value.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
    fc.assert(
      fc.property(tree, (values) => {
        const body = Object.entries(values).map(([key, value]) => `<${key}>${escaped(value)}</${key}>`);
        expect(parseXml(`<root>${body.join("")}</root>`)).toEqual({ root: { ...values } });
      }),
    );
    const pieces = fc.constantFrom(
      "<a>",
      "</a>",
      "<a b='",
      "'/>",
      "<![CDATA[",
      "]]>",
      "&#",
      ";",
      "<!--",
      "<?",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string({ maxLength: 3 }))), (parts) => {
        parsed(step, parts.join(""));
      }),
    );
  });
});
