/** What an action can be done to. `ip` is one address, `cidr` a range of them such as `2001:db8::/64`. */
export const targetTypes = ["ip", "cidr", "host", "user", "asset", "domain", "hash"] as const;
export type TargetType = (typeof targetTypes)[number];

/** What an action is done to. Addresses and ranges come in one form: lower case, no zone, host bits off, IPv4 as IPv4. */
export interface ActionTarget {
  readonly type: TargetType;
  readonly value: string;
}
