import { isIP } from "node:net";

/**
 * The host of an address or of what a log calls a host: lower case, without scheme, port, path, brackets and the dot at its
 * end. Undefined where there is none.
 */
export function hostOf(text: string): string | undefined {
  const bare = text.trim().toLowerCase();
  if (bare === "" || bare.length > 2_048) return undefined;
  if (isIP(bare) !== 0) return bare;
  const authority =
    /^(?:[a-z][a-z0-9+.-]{0,30}:)?\/\/([^/?#]*)/.exec(bare)?.[1] ?? bare.split(/[/?#]/, 1)[0]!;
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  const bracketed = /^\[([0-9a-f:.]+)(?:%[^\]]*)?\](?::\d{1,5})?$/.exec(host)?.[1];
  const plain = bracketed ?? host.replace(/:\d{0,5}$/, "").replace(/\.$/, "");
  return plain === "" || plain.length > 255 || /[\s\p{Cc}]/u.test(plain) ? undefined : plain;
}
