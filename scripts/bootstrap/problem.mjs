/** A set-up failure with a sentence for people: what failed and what to do. */
export class Problem extends Error {}

const causes = [
  [
    /ENOSPC|no space left on device/i,
    "The disk is full. About 2 GB are needed under this folder and the package store in your home folder.",
  ],
  [
    /EROFS|read-only file system/i,
    "This folder is on a read-only file system. Copy the checkout to a place that can be written.",
  ],
  [
    /EACCES|EPERM|permission denied/i,
    "A file here may not be written by this user. Check who owns the checkout, or run as its owner.",
  ],
  [
    /UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|CERT_HAS_EXPIRED|ERR_TLS_CERT|unable to (verify|get) /i,
    "The certificate of the package registry, or of a proxy before it, is not trusted. Name the authority that signed it: NODE_EXTRA_CA_CERTS=/path/to/ca.pem.",
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|network|ERR_PNPM_META_FETCH_FAIL|dns error|error sending request/i,
    "The package registry did not answer. Check the connection (and `npm config get registry`, proxies, certificates), then run the command again: it goes on where it stopped.",
  ],
  [
    /E404|ETARGET|No matching version|404 Not Found|ERR_PNPM_FETCH_404/i,
    "The package registry does not have a package that is needed. `npm config get registry` tells which registry was asked.",
  ],
  [
    /EINTEGRITY|ERR_PNPM_TARBALL_INTEGRITY/i,
    "A download does not match its checksum. Run the command again; if it stays, do not trust this registry.",
  ],
  [
    /ERR_PNPM_OUTDATED_LOCKFILE|frozen-lockfile/i,
    "package.json files and pnpm-lock.yaml disagree. After a change of dependencies run `pnpm install` and commit the lock file.",
  ],
];

/** The likely cause, read from a tool's output or an error, as a sentence with the cure; `undefined` when unknown. */
export const causeIn = (text) => causes.find(([pattern]) => pattern.test(text))?.[1];

/** A Problem about `what`, explained by the tool's output where that is possible. */
export const problemFrom = (what, output, logFile) => {
  const lines = output
    .trim()
    .split("\n")
    .slice(-12)
    .map((line) => `    ${line}`);
  const cause = causeIn(output);
  return new Problem(
    [
      what,
      ...(cause === undefined ? [] : [cause]),
      ...(lines.length > 0 ? ["The last lines were:", ...lines] : []),
      `All of it is in ${logFile}.`,
    ].join("\n  "),
  );
};
