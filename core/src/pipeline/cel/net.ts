/** Bytes of an IPv4 or IPv6 address; IPv4-mapped IPv6 gives four bytes. Undefined for anything else. */
export function addressBytes(text: string): Uint8Array | undefined {
  return text.includes(":") ? v6Bytes(text) : v4Bytes(text);
}

function v4Bytes(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(4);
  let part = 0;
  let value = -1;
  for (let index = 0; index <= text.length; index++) {
    const code = index < text.length ? text.charCodeAt(index) : 46;
    if (code === 46) {
      if (value < 0 || part > 3) return undefined;
      bytes[part++] = value;
      value = -1;
    } else if (code >= 48 && code <= 57) {
      // Leading zeros are refused, as Go does: some systems read them as octal.
      if (value === 0) return undefined;
      value = (value < 0 ? 0 : value * 10) + code - 48;
      if (value > 255) return undefined;
    } else return undefined;
  }
  return part === 4 ? bytes : undefined;
}

function v6Bytes(text: string): Uint8Array | undefined {
  if (text.length > 45) return undefined;
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
  const bytes: number[][] = [];
  for (const [side, half] of groups.entries()) {
    const out: number[] = [];
    for (const [index, group] of half.entries()) {
      if (group.includes(".")) {
        const v4 = side === groups.length - 1 && index === half.length - 1 ? v4Bytes(group) : undefined;
        if (!v4) return undefined;
        out.push(...v4);
      } else {
        if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
        const value = Number.parseInt(group, 16);
        out.push(value >> 8, value & 255);
      }
    }
    bytes.push(out);
  }
  const [head, tail] = bytes as [number[], number[]?];
  const missing = 16 - head.length - (tail?.length ?? 0);
  if (tail ? missing < 1 : missing !== 0) return undefined;
  const full = Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...(tail ?? [])]);
  const mapped = full[10] === 255 && full[11] === 255 && full.subarray(0, 10).every((byte) => byte === 0);
  return mapped ? full.slice(12) : full;
}

/** A network as its bytes, of which so many bits count. */
interface Network {
  readonly network: Uint8Array;
  readonly bits: number;
}

/** A network in CIDR notation; undefined for anything else. */
export function networkOf(cidr: string): Network | undefined {
  const match = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(cidr.trim());
  const network = match && addressBytes(match[1]!);
  if (!match || !network) return undefined;
  const mapped = network.length === 4 && match[1]!.includes(":");
  const bits = Number(match[2]) - (mapped ? 96 : 0);
  return bits < 0 || bits > network.length * 8 ? undefined : { network, bits };
}

/** A test for addresses in a network; undefined when the network is not CIDR notation. */
export function compileCidr(cidr: string): ((address: string) => boolean) | undefined {
  const found = networkOf(cidr);
  if (!found) return undefined;
  const { network, bits } = found;
  const whole = bits >> 3;
  const mask = (0xff00 >> (bits & 7)) & 255;
  return (address) => {
    const bytes = addressBytes(address);
    if (bytes?.length !== network.length) return false;
    for (let index = 0; index < whole; index++) if (bytes[index] !== network[index]) return false;
    return mask === 0 || (bytes[whole]! & mask) === (network[whole]! & mask);
  };
}
