import type { AssetApp } from "@vedette/sdk";
import { repositoryOf } from "../_assets/releases.ts";

type App = Pick<AssetApp, "name" | "version" | "releaseUrl" | "appUrl" | "hostUrl">;

const most = { characters: 65_536, apps: 1_000, text: 2_048 } as const;

const keys: Readonly<Record<string, keyof App>> = {
  name: "name",
  version: "version",
  release_url: "releaseUrl",
  app_url: "appUrl",
  url: "appUrl",
  homepage: "appUrl",
  host_url: "hostUrl",
  host: "hostUrl",
};

/**
 * The programs that the notes of a guest name, in a comment of Markdown so that nobody sees it there:
 *
 *     <!-- opensecdash
 *     apps:
 *       - name: Nextcloud
 *         version: 30.0.1
 *         update_check: github/nextcloud/server
 *         host_url: https://cloud.example.net
 *     -->
 *
 * `vedette` may stand in place of `opensecdash`, and `apps:` behind it on one line. Lines that fit nothing are skipped.
 */
export function appsOf(description: string): App[] {
  const block = /<!--\s*(?:opensecdash|vedette)\b([\s\S]*?)-->/i.exec(description.slice(0, most.characters));
  const apps: Partial<Record<keyof App, string>>[] = [];
  let within = false;
  for (const line of (block?.[1] ?? "").split(/\r?\n/)) {
    if (/^\s*apps\s*:\s*$/i.test(line)) within = true;
    const [, dash, key = "", given = ""] = /^\s*(-\s+)?([A-Za-z_]{1,30})\s*:\s+(.*)$/.exec(line) ?? [];
    if (!within || key === "") continue;
    if (dash !== undefined) apps.push({});
    const app = apps.at(-1);
    const value = unquoted(given.trim()).slice(0, most.text);
    if (!app || value === "") continue;
    const word = key.toLowerCase();
    if (word === "update_check") app.releaseUrl ??= releaseUrlOf(value);
    else if (keys[word]) app[keys[word]] = value;
  }
  return apps.slice(0, most.apps).flatMap((app) => (app.name ? [fitted({ ...app, name: app.name })] : []));
}

const fitted = ({ name, version, ...app }: App): App => ({
  ...app,
  name: name.slice(0, 300),
  ...(version ? { version: version.slice(0, 300) } : {}),
});

function releaseUrlOf(check: string): string {
  const repository = repositoryOf(check);
  return repository === undefined ? check : `https://github.com/${repository}`;
}

/** A value without its quotes; without them a comment ends it, as in YAML. */
function unquoted(value: string): string {
  const quoted = /^"([^"]*)"|^'([^']*)'/.exec(value);
  return quoted ? (quoted[1] ?? quoted[2] ?? "") : value.replace(/\s+#.*$/, "");
}
