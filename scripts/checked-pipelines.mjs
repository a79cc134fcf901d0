/**
 * Prints what the check of pipeline files gives, as JSON by file: their values with every default. Run by scripts/build-agent.mjs:
 * node --conditions=@vedette/source scripts/checked-pipelines.mjs FILE...
 */
import { readSource } from "../core/src/config/index.ts";
import { loadPipelines } from "../core/src/pipeline/index.ts";
import { checkPipelineFile } from "../core/src/pipeline/load.ts";

const files = process.argv.slice(2);
const checked = files.map((file) => {
  // Throws where anything is wrong with its steps.
  loadPipelines([file]);
  const result = checkPipelineFile(readSource(file));
  if (!result.ok) throw new Error(`${file}: ${result.problems[0].message}`);
  const value = JSON.parse(JSON.stringify(result.value));
  return [file, value];
});
process.stdout.write(JSON.stringify(Object.fromEntries(checked)));
