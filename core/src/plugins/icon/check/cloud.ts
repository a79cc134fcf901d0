import type { Findings } from "../findings.ts";
import type { IconSpec } from "../spec/model.ts";
import { plain, type SpecEntry } from "../spec/tree.ts";
import { innermost } from "../spec/types.ts";

/** What the vendor's cloud does not allow, of plugins that say they run there. */
export function checkCloud(spec: IconSpec, findings: Findings): void {
  const { entries } = spec.source;
  const isTrue = (entry: SpecEntry | undefined): boolean =>
    entry?.value.kind === "scalar" && entry.value.value === true;
  if (!isTrue(entries.get("cloud_ready"))) return;
  const cache = entries.get("enable_cache");
  if (cache && isTrue(cache))
    findings.add("cloud.cache", cache.place, "enable_cache", "A plugin for the cloud has no cache on disk.");
  const sdk = entries.get("sdk")?.value;
  if (sdk?.kind === "map") {
    const user = sdk.entries.get("user");
    if (user?.value.kind === "scalar" && user.value.text === "root")
      findings.add(
        "cloud.user",
        user.value.place,
        "sdk.user",
        "A plugin for the cloud does not run as root.",
        "Write nobody.",
      );
    const packages = sdk.entries.get("packages");
    if (packages?.value.kind === "list" && packages.value.items.length > 0)
      findings.add(
        "cloud.packages",
        packages.place,
        "sdk.packages",
        "A plugin for the cloud installs no packages.",
      );
    const commands = sdk.entries.get("custom_cmd");
    if (commands && /\b(?:apt|apt-get|apk)\b/.test(JSON.stringify(plain(commands.value))))
      findings.add(
        "cloud.packages",
        commands.place,
        "sdk.custom_cmd",
        "A plugin for the cloud installs no packages.",
      );
  }
  for (const { type, place, path } of (spec.connection ?? new Map()).values()) {
    const inner = innermost(type);
    if (inner.kind === "builtin" && inner.name === "credential_token") {
      const message = "A plugin for the cloud takes no credential_token.";
      findings.add("cloud.credential_token", place, path, message, "Take credential_secret_key.");
    }
  }
}
