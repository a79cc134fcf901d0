import { type Loose, mapOf, textOf } from "./loose.ts";

export interface Edge {
  readonly id: string;
  readonly name: string;
  readonly from: string;
  /** Empty at the end of a path. */
  readonly to: string;
}

/** The graph of an exported workflow: which step follows which, and which loop holds it. */
export interface IconGraph {
  readonly steps: ReadonlyMap<string, Loose>;
  readonly edges: ReadonlyMap<string, Edge>;
  /** Edges by the step that they leave. */
  readonly leaving: ReadonlyMap<string, readonly Edge[]>;
  /** The loop that a step is in; empty outside of any. */
  readonly parent: ReadonlyMap<string, string>;
}

export function graphOf(version: Loose): IconGraph {
  const graph = mapOf(version["graph"]);
  const steps = new Map(Object.entries(mapOf(version["steps"])).map(([id, step]) => [id, mapOf(step)]));
  const nodes = mapOf(graph["nodes"]);
  const parent = new Map([...steps.keys()].map((id) => [id, textOf(mapOf(nodes[id])["parentNodeId"])]));
  const edges = new Map<string, Edge>();
  const leaving = new Map<string, Edge[]>();
  for (const [id, value] of Object.entries(mapOf(graph["edges"]))) {
    const { name, fromNodeId, toNodeId } = mapOf(value);
    const edge = { id, name: textOf(name), from: textOf(fromNodeId), to: textOf(toNodeId) };
    edges.set(id, edge);
    const others = leaving.get(edge.from);
    if (others) others.push(edge);
    else leaving.set(edge.from, [edge]);
  }
  return { steps, edges, leaving, parent };
}

/** The steps of one scope in the order of running, a join after all that leads to it; those that nothing leads to come last. */
export function orderOf(graph: IconGraph, scope: string, start: string): string[] {
  const inside = [...graph.steps.keys()].filter(
    (id) => graph.parent.get(id) === scope && graph.steps.get(id)!["type"] !== "trigger",
  );
  const members = new Set(inside);
  const targets = (id: string): string[] =>
    (graph.leaving.get(id) ?? []).map(({ to }) => to).filter((to) => members.has(to));
  const waiting = new Map(inside.map((id) => [id, 0]));
  const reached = new Set<string>();
  const walk = members.has(start) ? [start] : [];
  while (walk.length > 0) {
    const id = walk.pop()!;
    if (reached.has(id)) continue;
    reached.add(id);
    walk.push(...targets(id));
  }
  for (const id of reached) for (const to of targets(id)) waiting.set(to, waiting.get(to)! + 1);
  const order: string[] = [];
  const ready = members.has(start) ? [start] : [];
  while (ready.length > 0) {
    const id = ready.pop()!;
    if (order.includes(id)) continue;
    order.push(id);
    const free = targets(id).filter((to) => {
      const left = waiting.get(to)! - 1;
      waiting.set(to, left);
      return left === 0;
    });
    // The branch that was named first is written first.
    ready.push(...free.reverse());
  }
  return [...order, ...inside.filter((id) => !order.includes(id))];
}
