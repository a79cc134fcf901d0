import type { Doc } from "@vedette/core/pipeline";
import type { Condition, Explanation } from "../condition.ts";
import type { Filter } from "../filter.ts";
import { explainNode } from "./explain.ts";
import { compileNode, filterOfNode, type Node, pathsOfNode } from "./node.ts";

/** The detection of a Sigma rule as a condition. */
export class SigmaCondition implements Condition {
  readonly node: Node;
  readonly test: (doc: Doc) => boolean;
  #filter: Filter | undefined;
  #paths: readonly string[] | undefined;

  constructor(node: Node) {
    this.node = node;
    this.test = compileNode(node);
  }

  get filter(): Filter {
    this.#filter ??= filterOfNode(this.node);
    return this.#filter;
  }

  get paths(): readonly string[] {
    this.#paths ??= [...new Set(pathsOfNode(this.node))];
    return this.#paths;
  }

  explain(doc: Doc): Explanation {
    return explainNode(this.node, doc);
  }
}
