import { type Notice, plainValue } from "@vedette/sdk";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signatureOf } from "../webhook/channel.ts";
import { channelDeps, Loopback } from "./testing/loopback.ts";
import { anyText } from "./testing/texts.ts";
import { vendors } from "./testing/vendors.ts";

/** What attackers write into fields that end up in a notification. */
const nasty = fc.oneof(
  anyText(400),
  fc.constantFrom(
    "@everyone @here <!channel> <!here> <@U123> <@&1> <#C1>",
    "[click](https://evil.example) <https://evil.example|bank> https://evil.example www.evil.example",
    "```\n# big\n> quote **bold** __u__ ~~s~~ ||spoiler|| `code`",
    '</code></b><a href="https://evil.example">x</a><script>alert(1)</script>&lt;&amp;',
    "a\r\nBcc: all@example.org\r\n\r\n.\r\nQUIT\u2028\u2029\u0085",
    "\u202egnp.exe\u202c \u200b\u2066hidden\u2069 \u0000\u001b[31mred\u0007",
    '{"text":"x"}"},"text":"<!channel>',
    "@room @matrix:example.org /start /ban @admin #tag",
    "\ud800 lone \udfff",
    "javascript:alert(1) data:text/html,x mailto:a@b.example",
    "",
  ),
);

const noticeWith = (value: string): Notice => ({
  ...{ id: "n-1", at: "2026-01-01T00:00:00.000Z", severity: "critical", about: "alert", count: 1 },
  title: ["Rule: ", { value: plainValue(value) }],
  lines: [
    ["User: ", { value: plainValue(value) }, " end"],
    ["Last ", { value: plainValue(value) }],
  ],
});

type Body = Record<string, unknown>;
const texts = (value: unknown, key: string): string[] =>
  Array.isArray(value)
    ? value.flatMap((each) => texts(each, key))
    : typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([name, each]) =>
          name === key && typeof each === "string" ? [each] : texts(each, key),
        )
      : [];

/** What must hold of a body, by channel. */
const checks: Readonly<Record<string, (body: Body) => void>> = {
  slack: (body) => {
    expect(body).toMatchObject({ mrkdwn: false, unfurl_links: false });
    expect(body["text"]).not.toMatch(/[<>]/);
    const types = texts(body["attachments"], "type");
    expect(types.filter((type) => !["header", "section", "plain_text"].includes(type))).toEqual([]);
    expect(texts(body["attachments"], "text").at(-1)!.split("\n")).toHaveLength(2);
  },
  discord: (body) => {
    expect(body["allowed_mentions"]).toEqual({ parse: [] });
    expect(Object.keys(body).sort()).toEqual(["allowed_mentions", "embeds"]);
    const [description = ""] = texts(body["embeds"], "description");
    expect(description.replaceAll(/`[^`\n]+`/g, "")).toBe("**Rule\\: **\nUser\\:  end\nLast ");
  },
  teams: (body) => {
    const types = new Set(texts(body["attachments"], "type"));
    expect([...types].sort()).toEqual(["AdaptiveCard", "RichTextBlock", "TextRun"]);
    expect(texts(body["attachments"], "text")).toHaveLength(3);
  },
  telegram: (body) => {
    const without = String(body["text"]).replaceAll(/<code>[^<>"]*<\/code>/g, "");
    expect(without).toBe("<b>Rule: </b>\nUser:  end\nLast ");
    expect(body["link_preview_options"]).toEqual({ is_disabled: true });
  },
  matrix: (body) => {
    const without = String(body["formatted_body"]).replaceAll(/<code>[^<>"]*<\/code>/g, "");
    expect(without).toBe("<strong>Rule: </strong><br/>User:  end<br/>Last ");
    expect(body["m.mentions"]).toEqual({});
    expect(String(body["body"]).split("\n")).toHaveLength(3);
  },
  ntfy: (body) => {
    expect(Object.keys(body).sort()).toEqual(["message", "priority", "tags", "title", "topic"]);
    expect(String(body["message"]).split("\n")).toHaveLength(2);
  },
  webhook: (body) => expect(body["lines"]).toHaveLength(2),
};

describe.each(vendors)("what attackers write, over $name", ({ name, channel, kind, settings, yes }) => {
  const server = new Loopback();
  let to: unknown;
  beforeAll(async () => {
    to = kind.settings.parse(settings(await server.start()));
    server.answer = (_, response) => void response.writeHead(yes.status).end(yes.body);
  });
  afterAll(() => server.stop());

  it("stays text: no markup, mention, link or further line comes of it", async () => {
    const holds = async (value: string): Promise<void> => {
      server.seen.length = 0;
      await channel.send(noticeWith(value), to, channelDeps());
      const [seen] = server.seen;
      const body = JSON.parse(seen!.body) as Body;
      expect(checks[name]).toBeTypeOf("function");
      checks[name]!(body);
      if (name === "webhook") {
        const stamp = Number(seen!.headers["x-vedette-timestamp"]);
        expect(seen!.headers["x-vedette-signature"]).toBe(signatureOf("0123456789abcdef", stamp, seen!.body));
        expect(seen!.headers["idempotency-key"]).toBe("n-1");
      } else expect(seen!.body.replace(/"\$schema":"[^"]*"/, "")).not.toMatch(/https?:\/\/|javascript:/i);
      // Neither hidden nor turned around, and nothing that a terminal would obey.
      expect(seen!.body).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b-\u200f]|\\u00[01]|\\[bfrt]/);
    };
    await fc.assert(fc.asyncProperty(nasty, holds), { numRuns: 120 });
  });
});

it("a value is one bounded line of characters that are seen", () => {
  fc.assert(
    fc.property(nasty, fc.integer({ min: 2, max: 400 }), (value, most) => {
      const plain = plainValue(value, most);
      expect([...plain].length).toBeLessThanOrEqual(most);
      expect(plain).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      expect(plain.isWellFormed()).toBe(true);
      expect(plainValue(plain, most)).toBe(plain);
    }),
  );
  expect(plainValue("Ünïcode 漢字 🙂 stays")).toBe("Ünïcode 漢字 🙂 stays");
});
