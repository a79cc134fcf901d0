import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Where systems keep the certificates they trust. */
const bundles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
] as const;

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * What the vendor's runtime (insightconnect-plugin-runtime) needs of its environment: `SSL_CERT_FILE`, without which a trigger
 * cannot send an event, and `PYTHONPATH` where the plugin's own package lies beside its spec and was not installed.
 */
export function expectedOf(dir: string, name: string): Record<string, string> {
  const trusted = bundles.find((path) => existsSync(path)) ?? bundles[0];
  const isPackage = ["icon_", "komand_"].some((prefix) => isFolder(join(dir, `${prefix}${name}`)));
  return isPackage ? { SSL_CERT_FILE: trusted, PYTHONPATH: dir } : { SSL_CERT_FILE: trusted };
}

/** True for a file whose first line names Python as what runs it. */
export function isPython(path: string): boolean {
  try {
    return /^#!.*\bpython/.test(readFileSync(path, "utf8").split("\n", 1)[0]!);
  } catch {
    return false;
  }
}
