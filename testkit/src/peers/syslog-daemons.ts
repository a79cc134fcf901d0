import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { librariesOf, unpackDebian } from "./debian.ts";

/** A foreign log daemon: how to run it in the foreground with a configuration file. */
export interface Daemon {
  /** As it says itself, such as `rsyslogd 8.2302.0`. */
  readonly version: string;
  readonly command: string;
  /** `state` is a folder of its own for what it writes beside its output. */
  args(config: string, state: string): readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Debian's rsyslog with its normalizing, JSON and TLS modules; undefined where it cannot be had. */
export function rsyslogDaemon(): Daemon | undefined {
  const packages = ["rsyslog", "rsyslog-openssl", "libestr0", "libfastjson4", "liblognorm5"];
  const folder = unpackDebian("rsyslog", packages);
  if (folder === undefined) return undefined;
  const libraries = librariesOf(folder);
  const modules = libraries.map((lib) => join(lib, "rsyslog")).join(":");
  const command = join(folder, "usr", "sbin", "rsyslogd");
  const env = { LD_LIBRARY_PATH: libraries.join(":") };
  return {
    version: firstLine(command, ["-v"], env).replace(/\s+\(.*$/, ""),
    command,
    args: (config, state) => ["-n", "-f", config, "-i", join(state, "rsyslog.pid"), "-M", modules],
    env,
  };
}

/** Debian's syslog-ng with its file, socket, CSV, regular expression and JSON modules; undefined where it cannot be had. */
export function syslogNgDaemon(): Daemon | undefined {
  const packages = ["syslog-ng-core", "libivykis0", "libnet1", "libpcre3", "libwrap0", "libjson-c5"];
  const folder = unpackDebian("syslog-ng", packages);
  if (folder === undefined) return undefined;
  const home = join(folder, "usr", "lib", "syslog-ng");
  const modules = join(home, readdirSync(home).find((name) => /^\d/.test(name)) ?? "");
  const command = join(folder, "usr", "sbin", "syslog-ng");
  const env = { LD_LIBRARY_PATH: [...librariesOf(folder), home].join(":") };
  const inState = (state: string): readonly string[] =>
    Object.entries({ "persist-file": "persist", pidfile: "pid", control: "ctl" }).flatMap(
      ([option, ending]) => [`--${option}`, join(state, `syslog-ng.${ending}`)],
    );
  return {
    version: firstLine(command, ["--version", "--module-path", modules], env),
    command,
    args: (config, state) => [
      ...["--foreground", "--no-caps", "--module-path", modules, "--cfgfile", config],
      ...inState(state),
    ],
    env,
  };
}

function firstLine(command: string, args: readonly string[], env: Readonly<Record<string, string>>): string {
  const text = execFileSync(command, args, { env: { ...process.env, ...env }, encoding: "utf8" });
  return text.split("\n", 1)[0]?.trim() ?? "";
}
