export { compiled, interpreted, type Row } from "../../../pipeline-test/index.ts";
