import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Notice } from "@vedette/sdk";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { describe, expect, it } from "vitest";
import { ruleSchema } from "../../config/notifications.ts";
import { type ControlDatabase, openControlDatabase } from "../../control/index.ts";
import { compileRule } from "./compile.ts";
import { noticeOfOne, describe as say, testNotice } from "./compose.ts";
import { Dispatcher } from "./dispatch.ts";
import { inGerman } from "./german.ts";
import { deliveries } from "./outbox.ts";
import { tellOfQuestions } from "./questions.ts";
import { alertSubject } from "./subject.ts";

const textOf = ({ title, lines }: Pick<Notice, "title" | "lines">): string[] =>
  [title, ...lines].map((line) =>
    line.map((piece) => (typeof piece === "string" ? piece : `<${piece.value}>`)).join(""),
  );
const german = (notice: Omit<Notice, "id">): string[] => textOf(inGerman({ ...notice, id: "n" }));
/** English words of ours that must not be left. */
const english =
  /\b(Source|Country|Target|User|Technique|Path|Time|Rule|last|more|so far|alerts?|Answer|Until|high)\b/;

describe("notices in German", () => {
  const rule = compileRule({ name: "ssh", ...ruleSchema.parse({ channels: ["a"] }) });
  const subject = alertSubject({
    ...{ id: "a", name: "Source: ", severity: "high", "@timestamp": "2026-01-01T00:00:00.000Z" },
    technique: "T1110 - Brute Force",
    adversary: { ip: "203.0.113.7", user: "root", geolocation: { countryCode: "DE" } },
    target: { host: "web-1", user: "root" },
  });

  it("have every label in German, and values as they are", () => {
    const hits = { count: 3, severity: "high", about: "alert", ...say(rule, subject, undefined) } as never;
    const lines = german(noticeOfOne(rule, hits, 0));
    expect(lines[0]).toBe("hoch: <Source:>");
    expect(lines).toContain("Quelle: <203.0.113.7>");
    expect(lines).toContain("Bisher 3 dieser Art.");
    expect(lines).toContain("Regel: ssh");
    for (const line of lines) expect(line.replaceAll(/<[^>]*>/g, "")).not.toMatch(english);
  });

  it("say how many there were", () => {
    const notice = {
      ...({ at: "", severity: "high", about: "digest", count: 12_345 } as const),
      title: ["high: 12,345 alerts in 15 min"],
      lines: [["1,200 × ", "high: ", { value: "SSH" }, ", last 2026"], ["… and 3 more of 2 further kinds"]],
    };
    expect(german(notice)).toEqual([
      "hoch: 12.345 Alarme in 15 min",
      "1.200 × hoch: <SSH>, zuletzt 2026",
      "… und 3 weitere von 2 anderen Arten",
    ]);
  });

  it("ask", async () => {
    let database: ControlDatabase | undefined;
    try {
      database = await openControlDatabase({ kind: "sqlite", dir: mkdtempSync(join(tmpdir(), "german-")) });
      const asked = {
        job: "j",
        step: "s",
        workflow: "W",
        question: "Until: when?",
        options: ["ja"],
        channels: ["a"],
      };
      await tellOfQuestions({ channels: [], maxWaiting: 5 })(
        database,
        { ...asked, expiresAt: 0 },
        manualClock().now(),
      );
      const [told] = await deliveries(database, 1, {});
      expect(german(told!.notice)).toEqual([
        ...["Antwort gebraucht: <Until: when?>", "Ablauf: <W>", "Antworten: <ja>"],
        ...["Bis: 1970-01-01T00:00:00.000Z", "Lauf: j"],
      ]);
    } finally {
      await database?.destroy();
    }
    expect(german(testNotice("a", 0))).toEqual(["Vedette: Testnachricht", "Sie kam über den Kanal <a>."]);
  });

  it("go over the channels that are to have them", async () => {
    const told: string[] = [];
    const dispatcher = new Dispatcher({
      ...{ clock: manualClock(), log: recordingLogger(), signal: new AbortController().signal },
      lease: () => ({ connection: async () => ({}), release: () => undefined }),
      channelOf: async () => ({ channel: { send: async (each: Notice) => told.push(textOf(each)[0]!) } }),
      ...{ languageOf: (channel: string) => (channel === "a" ? "de" : "en"), redact: (text: string) => text },
    } as never);
    for (const channel of ["a", "b"])
      await dispatcher.send(channel, { notice: { ...testNotice(channel, 0), id: channel } });
    expect(told).toEqual(["Vedette: Testnachricht", "Vedette: test notification"]);
  });
});
