import { describe, expect, it } from "vitest";
import type { ActionTarget, TargetType } from "../schema/target.ts";
import { canonicalTarget, NeverTouch, TargetList, withScope } from "./never-touch.ts";
import { overlap, type Prefix, parsePrefix, prefixText, widened } from "./prefix.ts";

/** xorshift32: the same numbers at every run. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const protectedAddresses = ["198.41.0.4", "8.8.8.0/24", "2a00:1450:4001:82a::200e", "2606:4700::/32"];
const why = "a resolver";
const guard = new NeverTouch(protectedAddresses.map((entry) => ({ entry, why })));
const ip = (value: string): ActionTarget => ({ type: "ip", value });
const prefixes = protectedAddresses.map((each) => parsePrefix(each)!);

/** An IPv4 address in IPv6, in every known way. */
const embedded = (v4: bigint): string[] => {
  const [high, low] = [(v4 >> 16n).toString(16), (v4 & 0xffffn).toString(16)];
  return [
    ...[`::ffff:${high}:${low}`, `::${high}:${low}`, `::ffff:0:${high}:${low}`],
    ...[`64:ff9b::${high}:${low}`, `64:ff9b:1::${high}:${low}`, `2002:${high}:${low}::1`],
    `2002:${high}:${low}:1234::/64`,
  ];
};

const dotted = (v4: bigint): string => prefixText({ family: 4, base: v4, bits: 32 });

/** Ways to write an IPv4 address that some program understands. */
function spellings(v4: bigint): string[] {
  const parts = dotted(v4).split(".");
  return [
    ...[dotted(v4), String(v4), `0x${v4.toString(16)}`, `0${v4.toString(8)}`],
    ...[
      parts.map((part) => part.padStart(3, "0")).join("."),
      parts.map((part) => `0x${Number(part).toString(16)}`).join("."),
    ],
    ...[
      `${parts[0]}.${Number(v4 & 0xff_ffffn)}`,
      ` ${dotted(v4)}`,
      `${dotted(v4)} `,
      `${dotted(v4)}\n`,
      `[${dotted(v4)}]`,
    ],
    ...[
      `${dotted(v4)}/32`,
      `${dotted(v4)}/24`,
      `${dotted(v4)}/0`,
      `${dotted(v4)}/032`,
      `${dotted(v4)}%eth0`,
      `${dotted(v4)}.`,
    ],
    ...[
      `::ffff:${dotted(v4)}`,
      `::FFFF:${dotted(v4)}`,
      `0:0:0:0:0:ffff:${dotted(v4)}`,
      `::ffff:${dotted(v4)}/120`,
      `::${dotted(v4)}`,
    ],
    ...[`64:ff9b::${dotted(v4)}`, `::ffff:${dotted(v4)}%eth0`],
    ...embedded(v4),
  ];
}

describe("the never-touch list", () => {
  it("is passed by no spelling of a protected address, as a target of any kind", () => {
    const random = randomOf(7);
    let refused = 0;
    for (let round = 0; round < 300; round++) {
      const among = prefixes[random(2)]!;
      const v4 = among.base + BigInt(random(2 ** (32 - among.bits)));
      for (const text of spellings(v4)) {
        for (const type of ["ip", "cidr", "host", "domain"] satisfies TargetType[]) {
          const answer = guard.refusal({ type, value: text });
          expect(answer, `${type} ${JSON.stringify(text)}`).toBeTypeOf("string");
          refused++;
        }
      }
    }
    expect(refused).toBeGreaterThan(30_000);
  });

  it("is passed by no range around a protected address, grown or given", () => {
    const random = randomOf(11);
    for (let round = 0; round < 2_000; round++) {
      const among = prefixes[random(prefixes.length)]!;
      const width = among.family === 4 ? 32 : 128;
      const inside = BigInt(random(2 ** Math.min(30, width - among.bits)));
      const address: Prefix = { family: among.family, base: among.base + inside, bits: width };
      const given = widened(address, random(width + 1));
      expect(guard.refusal({ type: "cidr", value: prefixText(given) })).toBeTypeOf("string");
      // A neighbour that is not protected itself, in a range that is grown over one that is.
      if (among.family === 6 && among.bits > 64) {
        const neighbour: Prefix = { ...address, base: address.base ^ BigInt(1 + random(2 ** 31 - 1)) };
        const grown = withScope(canonicalTarget(ip(prefixText(neighbour)))!, 64);
        expect(grown.type).toBe("cidr");
        expect(guard.refusal(grown)).toContain(why);
      }
    }
  });

  it("lets through what is public and not protected, and agrees with plain arithmetic", () => {
    const random = randomOf(13);
    let passed = 0;
    for (let round = 0; round < 5_000; round++) {
      const v6 = random(2) === 0;
      const base = v6
        ? (0x2a01n << 112n) | (BigInt(random(2 ** 31)) << 81n) | BigInt(random(2 ** 31))
        : BigInt(random(2 ** 31)) * 2n + BigInt(random(2));
      const prefix: Prefix = widened(
        { family: v6 ? 6 : 4, base, bits: v6 ? 128 : 32 },
        v6 ? 48 + random(81) : 24 + random(9),
      );
      const answer = guard.refusal({ type: "cidr", value: prefixText(prefix) });
      if (answer === undefined) passed++;
      if (prefixes.some((each) => overlap(each, prefix))) expect(answer).toBeTypeOf("string");
      else if (v6) expect(answer).toBeUndefined();
    }
    expect(passed).toBeGreaterThan(3_000);
  });

  it.each([
    ["10.1.2.3", "not a public"],
    ["100.64.0.1", "not a public"],
    ["192.0.2.1", "not a public"],
    ["240.0.0.1", "no single host"],
    ["224.0.0.251", "no single host"],
    ["127.0.0.1", "this machine"],
    ["0.0.0.0", "this machine"],
    ["169.254.169.254", "metadata"],
    ["fe80::1", "link-local"],
    ["::1", "this machine"],
    ["fd00::1", "not a public"],
    ["2001:db8::1", "not a public"],
    ["2001:0:4136:e378:8000:63bf:3fff:fdd2", "not a public"],
    ["2002:7f00:1::", "this machine"],
    ["64:ff9b::a9fe:a9fe", "metadata"],
    ["1.0.0.0/8", "wider"],
    ["2a01::/32", "wider"],
    ["::/0", "metadata"],
  ])("refuses %s: %s", (value, reason) => {
    expect(guard.refusal({ type: "cidr", value })).toMatch(
      reason === "no single host" ? /no single|not a public/ : reason,
    );
  });

  it("lets private ranges be allowed, but neither this machine nor what is protected in them", () => {
    const made = new NeverTouch([{ entry: "10.0.0.5", why: "the domain controller" }], {
      allowNonGlobal: ["10.0.0.0/8", "0.0.0.0/0", "::/0"],
    });
    expect(made.refusal(ip("10.0.0.6"))).toBeUndefined();
    expect(made.refusal(ip("10.0.0.5"))).toContain("domain controller");
    expect(made.refusal({ type: "cidr", value: "10.0.0.0/24" })).toContain("domain controller");
    for (const each of ["127.0.0.1", "::1", "169.254.169.254", "fe80::1", "ff02::1", "2002:7f00:1::"])
      expect(made.refusal(ip(each)), each).toBeTypeOf("string");
  });

  it("knows names by their kind, however they are written", () => {
    const made = new NeverTouch([
      { entry: "host:DC-1.example.org", why: "the domain controller" },
      { entry: "user:root", why: "the administrator" },
    ]);
    expect(made.refusal({ type: "host", value: "dc-1.EXAMPLE.org." })).toContain("domain controller");
    expect(made.refusal({ type: "user", value: " Ｒoot" })).toContain("administrator");
    expect(made.refusal({ type: "host", value: "localhost" })).toContain("this machine");
    expect(made.refusal({ type: "user", value: "root\u200b" })).toBeTypeOf("string");
    expect(made.refusal({ type: "user", value: "mallory" })).toBeUndefined();
    expect(made.refusal({ type: "host", value: "web-1" })).toBeUndefined();
  });

  it("refuses entries that are none", () => {
    expect(() => new TargetList([{ entry: "10.0.0.0/33", why }])).toThrow("no address");
    expect(() => new TargetList([{ entry: "010.0.0.1", why }])).toThrow("no address");
  });
});

describe("targets", () => {
  it.each([
    ["203.0.113.7/24", "cidr", "203.0.113.0/24"],
    ["::ffff:203.0.113.7", "ip", "203.0.113.7"],
    ["::ffff:203.0.113.7/120", "cidr", "203.0.113.0/24"],
    ["2001:DB8:0:0:0:0:0:1", "ip", "2001:db8::1"],
    ["2001:db8::1/64", "cidr", "2001:db8::/64"],
  ])("have one form: %s is the %s %s", (value, type, canonical) => {
    expect(canonicalTarget(ip(value))).toEqual({ type, value: canonical });
  });

  it("of IPv6 grow to the range around them, those of IPv4 do not", () => {
    expect(withScope(ip("2a01:4f8:1:2:3::4"), 64)).toEqual({ type: "cidr", value: "2a01:4f8:1:2::/64" });
    expect(withScope(ip("198.41.0.5"), 64)).toEqual(ip("198.41.0.5"));
  });
});
