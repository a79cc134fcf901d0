import { z } from "zod";
import { once } from "../once.ts";
import type { ActionTarget } from "../schema/target.ts";
import {
  holds,
  isSingle,
  meaningsOfPrefix,
  overlap,
  type Prefix,
  parsePrefix,
  prefixText,
  widened,
} from "./prefix.ts";

const ranges = (text: string): Prefix[] => text.split(/\s+/).map((each) => parsePrefix(each)!);

/** What nothing may ever be done to, whatever is allowed: no single host of the internet is among them. */
const always = once((): readonly (readonly [why: string, among: readonly Prefix[]])[] => [
  ["the metadata service of a cloud", ranges("169.254.169.254 168.63.129.16 100.100.100.200 192.0.0.192")],
  ["the metadata service of a cloud", ranges("fd00:ec2::254 fd00:ec2::23 fd20:ce::254")],
  ["this machine", ranges("0.0.0.0/8 127.0.0.0/8 ::1 ::")],
  ["a link-local address", ranges("169.254.0.0/16 fe80::/10")],
  ["no single host", ranges("224.0.0.0/4 255.255.255.255 ff00::/8")],
]);

/** IANA's special registries: what is not globally reachable. Of IPv6 only 2000::/3 is given out at all. */
const special4 = once(() =>
  ranges(
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3",
  ),
);
const given6 = once(() => parsePrefix("2000::/3")!);
const special6 = once(() => ranges("2001::/23 2001:db8::/32 2002::/16 3fff::/20"));

/** Whether every address of a range, and every IPv4 address it leads to, is routed on the whole internet. */
function isGlobal(prefix: Prefix): boolean {
  if (prefix.family === 6 && !holds(given6(), prefix)) return false;
  return !meaningsOfPrefix(prefix).some((each) =>
    (each.family === 4 ? special4() : special6()).some((range) => overlap(range, each)),
  );
}

/** An entry of a list of what is protected: an address, a range, or `host:`, `user:`, `asset:`, `domain:` and a name. */
const namedEntry = /^(host|user|asset|domain):(.{1,255})$/u;

/** `10.0.0.0/8`, `2001:db8::1`, `host:dc-1`, `user:root`. */
export const listEntry = z
  .string()
  .min(1)
  .max(300)
  .refine((text) => parsePrefix(text) !== undefined || namedEntry.test(text), {
    error: "Expected an address, a range such as 10.0.0.0/8, or host:, user:, asset: or domain: and a name",
  });

/** A target in its one form: addresses as `prefixText` writes them, names in lower case. Undefined where it is none. */
export function canonicalTarget({ type, value }: ActionTarget): ActionTarget | undefined {
  if (type === "ip" || type === "cidr") {
    const prefix = parsePrefix(value);
    if (!prefix) return undefined;
    return { type: isSingle(prefix) ? "ip" : "cidr", value: prefixText(prefix) };
  }
  const name = nameOf(value);
  if (name === "" || name.length > 255) return undefined;
  if ((type === "host" || type === "domain") && !isHost(name)) return undefined;
  return { type, value: name };
}

const hostLabels = /^[\p{L}\p{N}_-]{1,63}(\.[\p{L}\p{N}_-]{1,63})*$/u;

/**
 * A name with labels, or an address in its plain form. What ends in a number is read as an address by whoever connects, and not by
 * everybody as the same one: 2130706433, 0x7f.1, 0177.0.0.1.
 */
const isHost = (name: string): boolean =>
  addressOf({ type: "host", value: name }) !== undefined ||
  (hostLabels.test(name) && !/(^|\.)(\d+|0x[\da-f]*)$/.test(name));

/** Of one line, without what is not seen, in lower case, without the root's dot. */
const nameOf = (value: string): string =>
  /[\p{Cc}\p{Cf}\u2028\u2029]/u.test(value)
    ? ""
    : value.normalize("NFKC").trim().toLowerCase().replace(/\.$/, "");

/** An address of which a target that takes ranges is acted on as the range around it. */
export function withScope(target: ActionTarget, ipv6Prefix: number): ActionTarget {
  const prefix = target.type === "ip" ? parsePrefix(target.value) : undefined;
  if (prefix?.family !== 6) return target;
  return canonicalTarget({ type: "cidr", value: prefixText(widened(prefix, ipv6Prefix)) })!;
}

/** Something of a list, and why it is there. */
export interface ListEntry {
  /** As `listEntry` says. */
  readonly entry: string;
  readonly why: string;
}

interface Named {
  readonly type: string;
  readonly name: string;
  readonly why: string;
}

/** A list of addresses, ranges and names; which of its entries a target touches. */
export class TargetList {
  readonly #ranges: { readonly prefix: Prefix; readonly why: string }[] = [];
  readonly #names: Named[] = [];

  /** Throws a TypeError where an entry is none. */
  constructor(entries: Iterable<ListEntry>) {
    for (const { entry, why } of entries) {
      const prefix = parsePrefix(entry);
      const [, type, name] = namedEntry.exec(entry) ?? [];
      if (prefix) for (const each of specificMeanings(prefix)) this.#ranges.push({ prefix: each, why });
      else if (type !== undefined && name !== undefined) this.#names.push({ type, name: nameOf(name), why });
      else throw new TypeError(`"${entry}" is no address, no range and no name with its kind.`);
    }
  }

  /** Why the first entry is there that a target has anything in common with; undefined where there is none. */
  touches(given: ActionTarget): string | undefined {
    const target = canonicalTarget(given) ?? given;
    const prefixes = prefixesOf(target);
    const found = this.#ranges.find(({ prefix }) => prefixes.some((each) => overlap(prefix, each)));
    if (found) return found.why;
    const name = nameOf(target.value);
    return this.#names.find(
      (each) =>
        each.name === name &&
        (each.type === target.type || (each.type === "host" && target.type === "domain")),
    )?.why;
  }

  /** Whether a target is wholly in one range of the list. */
  contains(target: ActionTarget): boolean {
    const prefix = addressOf(canonicalTarget(target) ?? target);
    return prefix !== undefined && this.#ranges.some((each) => holds(each.prefix, prefix));
  }
}

/** What leads to some IPv4 addresses protects these too; what leads to all of them is only itself. */
const specificMeanings = (prefix: Prefix): Prefix[] => {
  const [itself, ...others] = meaningsOfPrefix(prefix);
  return [itself!, ...others.filter(({ bits }) => bits > 0)];
};

/** The addresses of a target, whatever its type says: a host may be written as an address. */
function addressOf({ type, value }: ActionTarget): Prefix | undefined {
  if (type === "host" || type === "domain") return parsePrefix(value.replace(/^\[(.*)\]$/, "$1"));
  return type === "ip" || type === "cidr" || type === "asset" ? parsePrefix(value) : undefined;
}

const prefixesOf = (target: ActionTarget): Prefix[] => {
  const prefix = addressOf(target);
  return prefix ? meaningsOfPrefix(prefix) : [];
};

/** What guards targets: nothing passes that is protected, not public, or wider than allowed. The agent and the collector use this one. */
export class NeverTouch {
  readonly #protected: TargetList;
  readonly #allowed: TargetList;
  readonly #widest: { readonly ipv4: number; readonly ipv6: number };

  /**
   * `entries`: what must not be touched. `allowNonGlobal`: ranges that are not public and may be acted on nevertheless, unless
   * they are this machine, link-local, multicast or a metadata service. `widest`: shortest prefixes that may be acted on.
   */
  constructor(
    entries: Iterable<ListEntry>,
    {
      allowNonGlobal = [],
      widest = { ipv4: 24, ipv6: 48 },
    }: {
      readonly allowNonGlobal?: readonly string[];
      readonly widest?: { readonly ipv4: number; readonly ipv6: number };
    } = {},
  ) {
    this.#protected = new TargetList(entries);
    this.#allowed = new TargetList(allowNonGlobal.map((entry) => ({ entry, why: "" })));
    this.#widest = widest;
  }

  /** Why nothing may be done to a target; undefined where it may. */
  refusal(given: ActionTarget): string | undefined {
    const target = canonicalTarget(given);
    if (!target) return `"${given.value.slice(0, 100)}" is no ${given.type}.`;
    const prefix = addressOf(target);
    if (prefix) {
      const why = this.#addressRefusal(target, prefix);
      if (why !== undefined) return why;
    } else if (/^localhost(\.|$)/.test(nameOf(target.value))) return `${target.value} is this machine.`;
    const why = this.#protected.touches(target);
    return why === undefined ? undefined : `${target.value} must not be touched: ${why}.`;
  }

  #addressRefusal(target: ActionTarget, prefix: Prefix): string | undefined {
    const meanings = meaningsOfPrefix(prefix);
    const closed = always().find(([, among]) =>
      among.some((range) => meanings.some((each) => overlap(range, each))),
    );
    if (closed) return `${target.value} is or holds ${closed[0]}.`;
    const least = prefix.family === 4 ? this.#widest.ipv4 : this.#widest.ipv6;
    if (prefix.bits < least) return `${target.value} is wider than the allowed /${least}.`;
    if (!isGlobal(prefix) && !this.#allowed.contains(target))
      return `${target.value} is not a public address.`;
    return undefined;
  }
}
