import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isParsed, parseLine, pipelinesOf } from "./support/plugin-cases.ts";
import { allPlugins } from "./support/plugin-list.ts";

/**
 * Real lines that are not part of this project: a folder of `*.log` files that VEDETTE_SAMPLES names. `.ci/run` names
 * it where the folder lies beside the checkout; anywhere else these tests are shown as skipped.
 */
const folder = process.env.VEDETTE_SAMPLES ?? "";

/** Which files hold what. A file may name its own program's format only: mixed ones are not listed. */
const families: readonly (readonly [dataType: string, file: RegExp])[] = [
  ["nginx", /^nginx-(?!proxy-manager-logs)/],
  ["apache", /^apache(2|-http|_log4j2)/],
  ["sshd", /^sshd?-/],
  ["linux-auth", /^sshd?-/],
  ["haproxy", /^haproxy-/],
  ["postfix", /^postfix-/],
  ["dovecot", /^dovecot-/],
  ["nginx", /^modsecurity-nginx/],
  ["netfilter", /^iptables-/],
  ["auditd", /^auditd-/],
  ["windows", /^windows-/],
  ["aws-cloudtrail", /^aws-(cloudtrail|nwo)/],
  ["pfsense", /^(pf|opn)sense-/],
  ["mikrotik", /^mikrotik-/],
  ["traefik", /^(traefik_|tcpudp-flood-traefik)/],
];

describe.skipIf(folder === "")("lines of others (VEDETTE_SAMPLES)", () => {
  const files = folder !== "" && existsSync(folder) ? readdirSync(folder) : [];

  it.each(families)("%s understands 99 of 100", (dataType, pattern) => {
    const owner = allPlugins.find(({ plugin }) => plugin.parse?.dataTypes.includes(dataType));
    const set = pipelinesOf(owner!.plugin);
    const lines = files
      .filter((file) => pattern.test(file))
      .flatMap((file) => readFileSync(join(folder, file), "utf8").split("\n"))
      .filter((line) => line.trim() !== "");
    const failed = lines.filter((line) => !isParsed(parseLine(set, dataType, line)));
    expect(lines.length, "lines found").toBeGreaterThan(0);
    expect(failed.length / lines.length, failed.slice(0, 20).join("\n")).toBeLessThanOrEqual(0.01);
  });
});
