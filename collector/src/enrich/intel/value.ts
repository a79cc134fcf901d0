import { addressBytes } from "@vedette/core/pipeline";

/** What a text of a list or of an event is, in the form in which it is compared. */
export type Value =
  | { readonly kind: "network"; readonly address: Uint8Array; readonly prefix: number }
  | { readonly kind: "hash"; readonly bytes: Uint8Array }
  | { readonly kind: "domain"; readonly bytes: Uint8Array };

const hex = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/i;
const domain =
  /^(?=.{1,253}$)(?:[\p{L}\p{N}_](?:[\p{L}\p{N}_-]{0,61}[\p{L}\p{N}_])?\.)+[\p{L}\p{N}-]{2,63}$/u;

/**
 * Reads an IPv4 or IPv6 address or a network in CIDR notation, a hash (MD5, SHA-1, SHA-2, in hexadecimal) or a domain
 * (`*.example.org` and `.example.org` are `example.org`). Undefined for anything else.
 */
export function readValue(given: string): Value | undefined {
  const text = given.trim();
  const network = networkOf(text);
  if (network) return network;
  if (hex.test(text)) return { kind: "hash", bytes: Buffer.from(text, "hex") };
  const name = text
    .replace(/^\*?\./, "")
    .replace(/\.$/, "")
    .toLowerCase();
  return domain.test(name) ? { kind: "domain", bytes: Buffer.from(name) } : undefined;
}

function networkOf(text: string): Value | undefined {
  const [, written = "", bits] = /^([0-9A-Fa-f.:]{2,45})(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = written === "" ? undefined : addressBytes(written);
  if (!address) return undefined;
  const most = address.length * 8;
  // Of an IPv4 address that is written as IPv6 the bits before it count too.
  const prefix = bits === undefined ? most : Number(bits) - (written.includes(":") && most === 32 ? 96 : 0);
  return prefix >= 0 && prefix <= most ? { kind: "network", address, prefix } : undefined;
}

/** What a text of an event is, of a URL its host; undefined where no list can have it. */
export const wantedOf = (text: string): Value | undefined => readValue(hostOf(text));

/** The host of a URL; the text itself where it is none. */
function hostOf(text: string): string {
  const [, host] =
    /^[a-z][a-z0-9+.-]{0,20}:\/\/(?:[^/?#@\s]{0,256}@)?(\[[0-9a-f:.]+\]|[^/:?#\s]{1,255})/i.exec(text) ?? [];
  return host === undefined ? text : host.replace(/^\[|\]$/g, "");
}
