export { hostPort, isLoopback, isLoopbackAddress, parseAddress } from "@vedette/sdk";
export { assetName } from "../asset.ts";
export { type Checked, checkConfig, pathText, requireConfig } from "./check.ts";
export { printYaml } from "./print.ts";
export { ConfigError, formatProblem, type Problem } from "./problem.ts";
export {
  locate,
  parseSource,
  parseSources,
  readSource,
  readSources,
  readText,
  type Source,
  sourcesOf,
  withoutNulls,
  writtenAs,
} from "./source.ts";
export { type SecretLookup, substitute } from "./substitute.ts";
export { didYouMean, nearest } from "./suggest.ts";
