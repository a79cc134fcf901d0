import type { InputDeps } from "@vedette/sdk";
import { allowList, plainAddress } from "../_net/networks.ts";
import type { SyslogSettings } from "./settings.ts";

/** Who sends, worked out once per connection or address. */
export interface Sender {
  readonly allowed: boolean;
  readonly address: string;
  readonly facts: Readonly<Record<string, string>>;
}

const maxKnown = 10_000;

/** Makes senders of addresses and remembers them, at most 10,000. */
export function senders(allow: readonly string[]): (address: string) => Sender {
  const allowed = allowList(allow);
  const known = new Map<string, Sender>();
  return (given) => {
    const found = known.get(given);
    if (found) return found;
    // Addresses of datagrams can be invented without end.
    if (known.size >= maxKnown) known.clear();
    const address = plainAddress(given);
    const sender = { allowed: allowed(address), address, facts: { sender: address } };
    known.set(given, sender);
    return sender;
  };
}

/** The host in a header of RFC 5424 or RFC 3164, also with the ISO time that relays write; anchored and bounded. */
const header =
  /^<\d{1,3}>(?:\d{1,2} \S{1,40} |(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S{8,32}) )([A-Za-z0-9][A-Za-z0-9_.:-]{0,254}) /;

/** Chooses the `dataSource` of a message. */
export function dataSourceOf(
  { dataSourceFrom }: SyslogSettings,
  { dataSource, dataSourceIsSet }: InputDeps,
): (raw: string, sender: Sender) => string {
  if (dataSourceIsSet) return () => dataSource;
  if (dataSourceFrom === "sender") return (_, { address }) => address;
  return (raw, { address }) => header.exec(raw)?.[1] ?? address;
}
