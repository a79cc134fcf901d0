import type { Alert } from "@vedette/sdk";

/** Bound of an entity's value, in characters: it is compared and shown, not read. */
const longest = 256;

/** Who an alert is about, the one that says most first: `ip:`, `user:` and `host:` of its adversary; else what it hit. */
export function entitiesOf({ adversary, target, dataSource }: Alert): string[] {
  const own = entitiesOfSide(adversary);
  if (own.length > 0) return own;
  const hit = entitiesOfSide(target);
  return hit.length > 0 ? hit : entity("host", dataSource);
}

function entitiesOfSide(side: Alert["adversary"]): string[] {
  const { ip, user, host, domain } = side ?? {};
  return [
    ...entity("ip", ip),
    ...entity("user", user && domain ? `${domain}\\${user}` : user),
    ...entity("host", host),
  ];
}

const entity = (kind: string, value: string | undefined): string[] => {
  const text = value?.trim().toLowerCase().slice(0, longest) ?? "";
  return text === "" ? [] : [`${kind}:${text}`];
};

/** The kind and the value of an entity. */
export function partsOfEntity(of: string): { readonly kind: string; readonly value: string } {
  const at = of.indexOf(":");
  return { kind: of.slice(0, at), value: of.slice(at + 1) };
}
