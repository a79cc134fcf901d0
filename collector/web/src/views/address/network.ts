const v4 = /^(?:\d{1,3}\.){3}\d{1,3}$/;
const v6 = /^[0-9a-f:]+(?::(?:\d{1,3}\.){3}\d{1,3})?$/i;

/** What was typed as a network in CIDR notation, an address as one of its own; undefined where it is neither. */
export function networkOf(typed: string): { readonly cidr: string; readonly isOne: boolean } | undefined {
  const [address = "", bits, ...more] = typed.trim().split("/");
  const isV4 = v4.test(address) && address.split(".").every((part) => Number(part) <= 255);
  if (more.length > 0 || !(isV4 || (address.includes(":") && v6.test(address)))) return undefined;
  const most = isV4 ? 32 : 128;
  if (bits === undefined) return { cidr: `${address}/${most}`, isOne: true };
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > most) return undefined;
  return { cidr: `${address}/${Number(bits)}`, isOne: Number(bits) === most };
}
