import type { ReportedAsset } from "@vedette/sdk";
import { z } from "zod";

/** Bounds of an inventory. */
export const most = { systems: 10_000, apps: 1_000, text: 2_048 } as const;

const text = z.string().max(most.text);
/** Versions and numbers are written without quotes as often as with. */
const loose = z.union([text, z.number()]).transform(String);

const app = z.object({
  name: text.min(1),
  version: loose.nullish(),
  release_url: text.nullish(),
  url: text.nullish(),
  app_url: text.nullish(),
  homepage: text.nullish(),
  host_url: text.nullish(),
  host: text.nullish(),
});

const system = z.object({
  vmid: loose.nullish(),
  hostname: text.min(1),
  type: text.nullish(),
  ips: z.array(text).max(100).nullish(),
  criticality: z.int().min(0).max(3).nullish(),
  labels: z.record(z.string().max(100), z.string().max(300)).nullish(),
  apps: z.array(z.unknown()).max(most.apps).nullish(),
});

/** What an inventory says, and why parts of it were left out, each with its place. */
export interface Inventory {
  readonly assets: readonly ReportedAsset[];
  readonly refused: readonly string[];
}

/**
 * Reads an inventory in the format of OpenSecDash: `{systems: [{vmid, hostname, type, apps: [{name, version, release_url | url,
 * app_url | homepage, host_url | host}]}]}`. Unknown keys are skipped; a system or program that does not fit is left out.
 * Throws where the whole is none.
 */
export function readInventory(document: unknown): Inventory {
  const { systems } = (typeof document === "object" && document !== null ? document : {}) as {
    systems?: unknown;
  };
  if (!Array.isArray(systems)) throw new TypeError('It is no inventory: it has no list "systems".');
  if (systems.length > most.systems) throw new RangeError(`It has more than ${most.systems} systems.`);
  const refused: string[] = [];
  const assets = new Map<string, ReportedAsset>();
  for (const [at, given] of systems.entries()) {
    const place = `systems[${at}]`;
    const parsed = system.safeParse(given);
    if (!parsed.success) {
      refused.push(`${place}${said(parsed.error)}`);
      continue;
    }
    const { vmid, hostname, type, ips, criticality, labels, apps } = parsed.data;
    const id = vmid ?? hostname;
    if (assets.has(id)) refused.push(`${place}: there is another system "${id.slice(0, 100)}" before it.`);
    else
      assets.set(id, {
        ...{ id: id.slice(0, 300), name: hostname.slice(0, 300), hostnames: [hostname.slice(0, 300)] },
        ...{ kind: (type ?? "host").slice(0, 50), ips: ips ?? [], labels: labels ?? {} },
        ...{ criticality: criticality ?? 0, apps: readApps(apps ?? [], place, refused) },
      });
  }
  return { assets: [...assets.values()], refused };
}

function readApps(given: readonly unknown[], place: string, refused: string[]) {
  return given.flatMap((each, at) => {
    const parsed = app.safeParse(each);
    if (!parsed.success) {
      refused.push(`${place}.apps[${at}]${said(parsed.error)}`);
      return [];
    }
    const { name, version, ...told } = parsed.data;
    const releaseUrl = told.release_url ?? told.url;
    const appUrl = told.app_url ?? told.homepage;
    const hostUrl = told.host_url ?? told.host;
    return [
      {
        name: name.slice(0, 300),
        ...(version ? { version: version.slice(0, 300) } : {}),
        ...(releaseUrl ? { releaseUrl } : {}),
        ...(appUrl ? { appUrl } : {}),
        ...(hostUrl ? { hostUrl } : {}),
      },
    ];
  });
}

const said = ({ issues: [issue] }: z.ZodError): string => {
  const path = (issue?.path ?? []).map((step) =>
    typeof step === "number" ? `[${step}]` : `.${String(step)}`,
  );
  return `${path.join("")}: ${issue?.message ?? "it does not fit"}.`.slice(0, 300);
};
