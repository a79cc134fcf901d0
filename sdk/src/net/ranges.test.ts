import { describe, expect, it } from "vitest";
import { aliasesOf, covers, isSingle, overlaps, parseRange } from "./ranges.ts";

const of = (text: string) => {
  const range = parseRange(text);
  if (!range) throw new Error(`${text} is no range`);
  return range;
};

describe("ranges of addresses", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["203.0.113.7/32", "203.0.113.7"],
    ["203.0.113.0/24", "203.0.113.0/24"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["2001:0DB8::0001", "2001:db8::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8::/64", "2001:db8::/64"],
    ["::", "::"],
    ["::/0", "::/0"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["::ffff:cb00:7107", "203.0.113.7"],
    ["::FFFF:203.0.113.0/120", "203.0.113.0/24"],
    ["64:ff9b::203.0.113.7", "64:ff9b::cb00:7107"],
  ])("reads %s as %s", (text, canonical) => {
    expect(parseRange(text)?.text).toBe(canonical);
    expect(parseRange(canonical)?.text).toBe(canonical);
  });

  it.each(
    [
      ..."203.0.113.07 0203.0.113.7 3405803783 0xcb007107 203.0.113 203.0.113.7/33 203.0.113.7/24 203.0.113.0/024".split(
        " ",
      ),
      ..."fe80::1%eth0 2001:db8::1/64 2001:db8::/129 :: /0 ::1/ 1.2.3.4/24/8 host [::1] ::ffff:1.2.3.4/100".split(
        " ",
      ),
      ...["", " 1.2.3.4", "1.2.3.4 ", "1.2.3.4\n", "1.2.3.4/-1", "1.2.3.4/+8"],
    ].filter((text) => text !== "::"),
  )("does not read %j", (text) => {
    expect(parseRange(text)).toBeUndefined();
  });

  it("knows what is in what", () => {
    expect(covers(of("203.0.113.0/24"), of("203.0.113.7"))).toBe(true);
    expect(covers(of("203.0.113.7"), of("203.0.113.0/24"))).toBe(false);
    expect(overlaps(of("203.0.113.7"), of("203.0.113.0/24"))).toBe(true);
    expect(overlaps(of("203.0.113.0/25"), of("203.0.113.128/25"))).toBe(false);
    expect(overlaps(of("0.0.0.0/0"), of("::/0"))).toBe(false);
    expect(overlaps(of("2001:db8::/64"), of("2001:db8::1"))).toBe(true);
    expect(isSingle(of("2001:db8::1"))).toBe(true);
    expect(isSingle(of("2001:db8::/64"))).toBe(false);
  });

  it("knows the ways to an IPv4 range through IPv6", () => {
    expect(aliasesOf(of("192.0.2.0/24")).map(({ text }) => text)).toEqual([
      "192.0.2.0/24",
      ...["::c000:200/120", "::ffff:c000:200/120", "::ffff:0:c000:200/120"],
      ...["64:ff9b::c000:200/120", "2002:c000:200::/40", "64:ff9b:1::/48"],
    ]);
    expect(aliasesOf(of("2001:db8::/64"))).toHaveLength(1);
  });
});
