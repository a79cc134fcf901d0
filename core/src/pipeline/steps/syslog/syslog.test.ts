import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsed } from "../../testing/run.ts";
import { parseSyslog } from "./parse.ts";
import { compileStamp } from "./stamp.ts";
import { endOfStructuredData, parseStructuredData } from "./structured.ts";

const step = "- syslog: {}";
const header = { priority: 34, facility: "auth", severity: "crit" };

describe("syslog", () => {
  it.each<[name: string, raw: string, event: object]>([
    [
      "RFC 3164",
      "<34>Oct  9 22:14:15 web-1 su[77]: 'su root' failed for lonvick",
      {
        deviceTime: "2026-10-09T22:14:15Z",
        origin: { host: "web-1", process: "su" },
        log: { ...header, pid: 77, message: "'su root' failed for lonvick" },
      },
    ],
    [
      "a line of a file, no priority",
      "Oct 10 03:04:05 web-1 postfix/smtpd[123]: connect from mail.example.org[192.0.2.1]",
      {
        deviceTime: "2026-10-10T03:04:05Z",
        origin: { host: "web-1", process: "postfix/smtpd" },
        log: { pid: 123, message: "connect from mail.example.org[192.0.2.1]" },
      },
    ],
    [
      "the ISO form of rsyslog's files",
      "2026-10-09T22:14:15.003+02:00 web-1 kernel: [12.5] IN=eth0",
      {
        deviceTime: "2026-10-09T22:14:15.003+02:00",
        origin: { host: "web-1", process: "kernel" },
        log: { message: "[12.5] IN=eth0" },
      },
    ],
    [
      "RFC 5424",
      '<34>1 2026-10-09T22:14:15.003Z web-1.example.com app 8710 ID47 [one@32473 a="x \\"q\\" \\]" b="2"][two@1] \ufeffAn event',
      {
        deviceTime: "2026-10-09T22:14:15.003Z",
        origin: { host: "web-1.example.com", process: "app" },
        log: {
          ...header,
          pid: 8710,
          messageId: "ID47",
          structuredData: { one32473: { a: 'x "q" ]', b: "2" }, two1: {} },
          message: "An event",
        },
      },
    ],
    ["RFC 5424 without anything", "<34>1 - - - - - -", { log: header }],
    [
      "RFC 5424, wrong structured data stays in the message",
      "<34>1 - h a - - [x y=1] text",
      { origin: { host: "h", process: "a" }, log: { ...header, message: "[x y=1] text" } },
    ],
    [
      "RFC 5424, cut",
      "<34>1 2026-10-09T22:14:15Z web-1 ap",
      { deviceTime: "2026-10-09T22:14:15Z", origin: { host: "web-1", process: "ap" }, log: header },
    ],
    [
      "an octet count",
      "61 <34>1 2026-10-09T22:14:15Z web-1 app - - - hello",
      {
        deviceTime: "2026-10-09T22:14:15Z",
        origin: { host: "web-1", process: "app" },
        log: { ...header, message: "hello" },
      },
    ],
    [
      "Cisco IOS, sequence number, clock not set",
      "<189>000029: *Oct  9 01:02:03.123 UTC: %SYS-5-CONFIG_I: Configured from console",
      {
        deviceTime: "2026-10-09T01:02:03.123Z",
        log: {
          priority: 189,
          facility: "local7",
          severity: "notice",
          sequence: "000029",
          messageId: "SYS-5-CONFIG_I",
          message: "Configured from console",
        },
      },
    ],
    [
      "Cisco IOS with its name before the time",
      "<189>29: sw1.example.com: .Oct  9 01:02:03: %LINK-3-UPDOWN: Interface Gi0/1, changed state to up",
      {
        deviceTime: "2026-10-09T01:02:03Z",
        origin: { host: "sw1.example.com" },
        log: {
          priority: 189,
          facility: "local7",
          severity: "notice",
          sequence: "29",
          messageId: "LINK-3-UPDOWN",
          message: "Interface Gi0/1, changed state to up",
        },
      },
    ],
    [
      "Cisco NX-OS, year first",
      "<34>: 2026 Oct  9 01:02:03 UTC: %DAEMON-3-SYSTEM_MSG: text",
      {
        deviceTime: "2026-10-09T01:02:03Z",
        log: { ...header, messageId: "DAEMON-3-SYSTEM_MSG", message: "text" },
      },
    ],
    [
      "Cisco ASA, year in the date, host before a colon",
      "<34>Oct 09 2025 01:02:03 fw1 : %ASA-6-302013: Built outbound TCP",
      {
        deviceTime: "2025-10-09T01:02:03Z",
        origin: { host: "fw1" },
        log: { ...header, messageId: "ASA-6-302013", message: "Built outbound TCP" },
      },
    ],
    [
      "Cisco ASA without a time",
      "<34>%ASA-4-106023: Deny tcp",
      { log: { ...header, messageId: "ASA-4-106023", message: "Deny tcp" } },
    ],
    [
      "Cisco, time since its start",
      "<34>7: 1w2d: %SYS-5-RESTART: text",
      { log: { ...header, sequence: "7", messageId: "SYS-5-RESTART", message: "text" } },
    ],
    [
      "no host",
      "<34>Oct  9 22:14:15 filterlog[1]: 5,,,",
      {
        deviceTime: "2026-10-09T22:14:15Z",
        origin: { process: "filterlog" },
        log: { ...header, pid: 1, message: "5,,," },
      },
    ],
    [
      "no tag",
      "<34>Oct  9 22:14:15 router firewall,info forward: in:ether1",
      {
        deviceTime: "2026-10-09T22:14:15Z",
        origin: { host: "router" },
        log: { ...header, message: "firewall,info forward: in:ether1" },
      },
    ],
    [
      "an address as host",
      "Oct  9 22:14:15 2001:db8::1 sshd[9]: x",
      {
        deviceTime: "2026-10-09T22:14:15Z",
        origin: { host: "2001:db8::1", process: "sshd" },
        log: { pid: 9, message: "x" },
      },
    ],
    [
      "only a priority",
      "<34>date=2026-10-09 devname=fw",
      { log: { ...header, message: "date=2026-10-09 devname=fw" } },
    ],
    [
      "a time in the message is none of the header",
      "<34>app: Oct  9 22:14:15 root sudo[1]: forged",
      { origin: { process: "app" }, log: { ...header, message: "Oct  9 22:14:15 root sudo[1]: forged" } },
    ],
    ["a priority that does not exist", "<999>x", { log: { message: "x" } }],
    ["no syslog", "hello world", {}],
    ["nothing", "", {}],
  ])("%s", (_name, raw, event) => {
    expect(parsed(step, raw)).toEqual(event);
  });

  it("puts host and program where they belong, and reads local times in their zone", () => {
    expect(
      parsed("- syslog: {side: target, timezone: Europe/Zurich}", "Jul  9 22:14:15 web-1 su: x"),
    ).toEqual({
      deviceTime: "2026-07-09T22:14:15+02:00",
      target: { host: "web-1", process: "su" },
      log: { message: "x" },
    });
  });

  it("reads any text without a fault, and keeps all of the message", () => {
    const pieces = fc.constantFrom(
      "<34>",
      "1 ",
      "Oct  9 22:14:15 ",
      "2026-10-09T22:14:15Z ",
      "[a",
      ' b="',
      "]",
      ": ",
      "- ",
      "%A-1-B: ",
      "12 ",
    );
    const lines = fc
      .array(fc.oneof(pieces, fc.string({ maxLength: 5 })), { maxLength: 12 })
      .map((p) => p.join(""));
    const readStamp = compileStamp(() => 0);
    fc.assert(
      fc.property(lines, fc.string({ maxLength: 20 }), (line, rest) => {
        const read = parseSyslog(`${line}|${rest}`, "2026-10-10T12:00:00Z", readStamp);
        if (read)
          expect(`${line}|${rest}`.replace("\ufeff", "").endsWith(read.message.replace("\ufeff", ""))).toBe(
            true,
          );
      }),
      { numRuns: 2000 },
    );
  });

  it("takes the time of the text for long hostile lines", () => {
    const readStamp = compileStamp(() => 0);
    const start = process.cpuUsage().user;
    for (const piece of ["<34>1 - - - - - [a", ' b="x"', "[a]", "<1>", "Oct  9 22:14:15 ", 'a="\\', "::"])
      for (const head of ["", "<34>1 - - - - - ", "<34>1 - - - - - [a"])
        parseSyslog(head + piece.repeat(100_000), "2026-10-10T12:00:00Z", readStamp);
    expect(process.cpuUsage().user - start).toBeLessThan(2_000_000);
  });

  it("reads back structured data as it was written", () => {
    const name = fc.stringMatching(/^[a-z]{1,8}$/);
    const data = fc.dictionary(name, fc.dictionary(name, fc.string(), { maxKeys: 4 }), {
      minKeys: 1,
      maxKeys: 4,
    });
    fc.assert(
      fc.property(data, (elements) => {
        const text = Object.entries(elements)
          .map(
            ([id, values]) =>
              `[${id}${Object.entries(values)
                .map(([key, value]) => ` ${key}="${value.replace(/["\\\]]/g, "\\$&")}"`)
                .join("")}]`,
          )
          .join("");
        expect(endOfStructuredData(text, 0)).toBe(text.length);
        expect(parseStructuredData(text)).toEqual(
          Object.fromEntries(Object.entries(elements).map(([id, values]) => [id, { ...values }])),
        );
      }),
    );
  });
});
