import { didYouMean } from "@vedette/core/config";
import { SigmaFault } from "./fault.ts";
import { and, type Node, not, or } from "./node.ts";
import { compilePattern, parsePattern } from "./pattern.ts";

const maxDepth = 64;
const token = /\s*(\(|\)|\||[^\s()|]+)/y;

/** Compiles a condition over named parts of a detection. Throws a `SigmaFault`. */
export function compileExpression(
  text: string,
  parts: ReadonlyMap<string, Node>,
  path: readonly PropertyKey[],
): Node {
  return new Parser(text, parts, path).parse();
}

class Parser {
  readonly #tokens: readonly string[];
  readonly #parts: ReadonlyMap<string, Node>;
  readonly #path: readonly PropertyKey[];
  #at = 0;
  #depth = 0;

  constructor(text: string, parts: ReadonlyMap<string, Node>, path: readonly PropertyKey[]) {
    const tokens: string[] = [];
    token.lastIndex = 0;
    for (let found = token.exec(text); found; found = token.exec(text)) tokens.push(found[1]!);
    this.#tokens = tokens;
    this.#parts = parts;
    this.#path = path;
  }

  parse(): Node {
    if (this.#tokens.length === 0) throw this.#fault("The condition is empty.");
    const node = this.#or();
    const next = this.#tokens[this.#at];
    if (next === "|") {
      const why = "Counting behind a condition was taken out of Sigma, and is no part of a rule here.";
      throw new SigmaFault(this.#path, why, "Write a correlation of type event_count that names this rule.");
    }
    if (next !== undefined) throw this.#fault(`"${next}" is not expected here.`);
    return node;
  }

  #fault(message: string, suggestion?: string): SigmaFault {
    return new SigmaFault(this.#path, message, suggestion);
  }

  /** The next word where it is this one, whatever its case. */
  #take(word: string): boolean {
    if (this.#tokens[this.#at]?.toLowerCase() !== word) return false;
    this.#at++;
    return true;
  }

  #or(): Node {
    const nodes = [this.#and()];
    while (this.#take("or")) nodes.push(this.#and());
    return or(nodes);
  }

  #and(): Node {
    const nodes = [this.#not()];
    while (this.#take("and")) nodes.push(this.#not());
    return and(nodes);
  }

  #not(): Node {
    if (++this.#depth > maxDepth) throw this.#fault(`A condition may go ${maxDepth} deep.`);
    const node = this.#take("not") ? not(this.#not()) : this.#primary();
    this.#depth--;
    return node;
  }

  #primary(): Node {
    if (this.#take("(")) {
      const node = this.#or();
      if (!this.#take(")")) throw this.#fault('A ")" is missing.');
      return node;
    }
    const word = this.#tokens[this.#at];
    if (word === undefined || word === ")" || word === "|")
      throw this.#fault("A name is missing in the condition.");
    this.#at++;
    if (this.#take("of")) return this.#of(word);
    const node = this.#parts.get(word);
    if (node) return node;
    throw this.#fault(`The detection has no "${word}".`, didYouMean(word, [...this.#parts.keys()]));
  }

  #of(quantity: string): Node {
    const pattern = this.#tokens[this.#at++];
    if (pattern === undefined) throw this.#fault(`"${quantity} of" needs a name with "*", or "them".`);
    const found = this.#named(pattern);
    if (found.length === 0) throw this.#fault(`The detection has nothing that "${pattern}" stands for.`);
    const name = `${quantity} of ${pattern}`;
    switch (quantity.toLowerCase()) {
      case "all":
        return and(found, name);
      case "1":
      case "any":
        return or(found, name);
      default:
        throw this.#fault(`"${quantity} of" is not in Sigma.`, 'Write "1 of" or "all of".');
    }
  }

  #named(pattern: string): Node[] {
    // What begins with an underscore is meant for parts of other names only.
    if (pattern.toLowerCase() === "them")
      return [...this.#parts].filter(([name]) => !name.startsWith("_")).map(([, node]) => node);
    const fits = compilePattern(parsePattern(pattern));
    return [...this.#parts].filter(([name]) => fits(name)).map(([, node]) => node);
  }
}
