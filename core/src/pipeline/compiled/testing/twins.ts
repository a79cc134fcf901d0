export { compiled, inBlocks, interpreted, type Row } from "../../../pipeline-test/index.ts";
