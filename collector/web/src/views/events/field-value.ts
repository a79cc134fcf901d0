/** A leaf of an event: its dotted path and its value as text. */
export interface Leaf {
  readonly path: string;
  readonly text: string;
  /** Lists cannot be filtered by one value. */
  readonly filterable: boolean;
}

/** All values of an event by their paths, in the order they have. */
export function leavesOf(event: object): Leaf[] {
  const leaves: Leaf[] = [];
  const walk = (node: unknown, path: string): void => {
    if (Array.isArray(node)) {
      const texts = node.map((each) => (typeof each === "object" ? JSON.stringify(each) : String(each)));
      leaves.push({ path, text: texts.join("\n"), filterable: false });
    } else if (typeof node === "object" && node !== null) {
      for (const [key, value] of Object.entries(node)) walk(value, path === "" ? key : `${path}.${key}`);
    } else if (node !== undefined && node !== null) {
      leaves.push({ path, text: String(node), filterable: path !== "raw" });
    }
  };
  walk(event, "");
  return leaves;
}
