/**
 * Prints what an agent need not write of the forms for blocks of the pipelines in some files, as JSON by data type
 * (docs/decisions/0311). Run by scripts/build-agent.mjs: node --conditions=@vedette/source scripts/carried-blocks.mjs FILE...
 */

import { CarriedCode } from "../core/src/pipeline/compiled/index.ts";
import { loadPipelines } from "../core/src/pipeline/index.ts";

const set = loadPipelines(process.argv.slice(2));
const types = set.dataTypes.map((dataType) => {
  const made = {};
  set.carriedOf = () => new CarriedCode({}, (key, one) => (made[key] = one));
  // Asking why there is none makes the form.
  return set.columns(dataType).noBlock === undefined ? [dataType, made] : [dataType, {}];
});
process.stdout.write(JSON.stringify(Object.fromEntries(types)));
