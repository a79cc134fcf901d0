import { dirname } from "node:path";
import type { Disk, DiskFile } from "../spool/index.ts";

type Change = { readonly at: number; readonly bytes: Buffer } | { readonly truncate: number };

/** A file: what is on the medium, and what was written since the last sync, in order. */
interface Node {
  durable: Buffer;
  pending: Change[];
}

type NameChange = { readonly dir: string; readonly apply: (names: Map<string, Node>) => void };

function changed(content: Buffer, change: Change): Buffer {
  if ("truncate" in change) {
    if (change.truncate <= content.length) return content.subarray(0, change.truncate);
    return Buffer.concat([content, Buffer.alloc(change.truncate - content.length)]);
  }
  const size = Math.max(content.length, change.at + change.bytes.length);
  const next = Buffer.alloc(size);
  content.copy(next);
  change.bytes.copy(next, change.at);
  return next;
}

const contentOf = (node: Node): Buffer => node.pending.reduce(changed, node.durable);

/** A file system in memory that can die at any operation, with or without what was not synced. */
export class CrashingDisk implements Disk {
  operations = 0;
  /** The operation that is the last one of this life, half of it done. */
  crashAt = Number.POSITIVE_INFINITY;
  /** Error codes to give, by operation name, as often as they are listed. */
  readonly failures: { readonly operation: string; readonly code: string }[] = [];
  readonly #random: () => number;
  #names = new Map<string, Node>();
  #durableNames = new Map<string, Node>();
  #nameChanges: NameChange[] = [];
  #dead = false;

  constructor(random: () => number) {
    this.#random = random;
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** The disk as the next life finds it. After a `kill` the page cache survives, after a `power` loss only luck. */
  restart(how: "kill" | "power"): CrashingDisk {
    const next = new CrashingDisk(this.#random);
    const copies = new Map<Node, Node>();
    const copy = (node: Node): Node => {
      let made = copies.get(node);
      if (!made) {
        const kept = how === "kill" ? node.pending : node.pending.flatMap((change) => this.#survivor(change));
        made =
          how === "kill"
            ? { durable: node.durable, pending: [...kept] }
            : { durable: kept.reduce(changed, node.durable), pending: [] };
        copies.set(node, made);
      }
      return made;
    };
    const names = how === "kill" ? this.#names : new Map(this.#durableNames);
    if (how === "power") {
      // A journal keeps the order of name changes, but may end anywhere.
      const until = Math.floor(this.#random() * (this.#nameChanges.length + 1));
      for (const { apply } of this.#nameChanges.slice(0, until)) apply(names);
    }
    next.#names = new Map([...names].map(([path, node]) => [path, copy(node)]));
    const durable = how === "kill" ? this.#durableNames : names;
    next.#durableNames = new Map([...durable].map(([path, node]) => [path, copy(node)]));
    if (how === "kill") next.#nameChanges = this.#nameChanges.map((change) => rebound(change, copy));
    return next;
  }

  #survivor(change: Change): Change[] {
    if (this.#random() < 0.5) return [];
    if ("truncate" in change) return [change];
    const length =
      this.#random() < 0.5 ? change.bytes.length : Math.floor(this.#random() * change.bytes.length);
    return [{ at: change.at, bytes: change.bytes.subarray(0, length) }];
  }

  /** Counts an operation. True when it is the one during which the process dies. */
  #step(operation: string): boolean {
    if (this.#dead) throw new Error("The process is dead.");
    const at = this.failures.findIndex((failure) => failure.operation === operation);
    if (at >= 0) {
      const code = this.failures.splice(at, 1)[0]?.code ?? "EIO";
      throw Object.assign(new Error(code), { code });
    }
    this.#dead = ++this.operations >= this.crashAt;
    return this.#dead;
  }

  #die(): never {
    throw new Error("The process died.");
  }

  async makeDir(): Promise<void> {}

  async list(path: string): Promise<string[]> {
    return [...this.#names.keys()]
      .filter((name) => dirname(name) === path)
      .map((name) => name.slice(path.length + 1));
  }

  async readFile(path: string): Promise<Buffer | undefined> {
    const node = this.#names.get(path);
    return node && Buffer.from(contentOf(node));
  }

  async open(path: string, synced = false): Promise<DiskFile> {
    let node = this.#names.get(path);
    if (!node) {
      if (this.#step("create")) this.#die();
      node = { durable: Buffer.alloc(0), pending: [] };
      this.#rename({ dir: dirname(path), apply: setName(path, node) });
    }
    return this.#file(node, synced);
  }

  #file(node: Node, synced: boolean): DiskFile {
    const sync = async (): Promise<void> => {
      if (this.#step("sync")) this.#die();
      node.durable = contentOf(node);
      node.pending = [];
    };
    return {
      write: async (pieces, at) => {
        const bytes = Buffer.concat(pieces);
        const dying = this.#step("write");
        const length = dying ? Math.floor(this.#random() * bytes.length) : bytes.length;
        node.pending.push({ at, bytes: Buffer.from(bytes.subarray(0, length)) });
        if (dying) this.#die();
        if (synced) await sync();
      },
      read: async (at, memory) => contentOf(node).copy(memory, 0, at, at + memory.length),
      sync,
      truncate: async (size) => {
        if (this.#step("truncate")) this.#die();
        node.pending.push({ truncate: size });
      },
      close: async () => undefined,
    };
  }

  async rename(from: string, to: string): Promise<void> {
    if (this.#step("rename")) this.#die();
    this.#rename({ dir: dirname(to), apply: moveName(from, to) });
  }

  async remove(path: string): Promise<void> {
    if (this.#step("remove")) this.#die();
    this.#rename({ dir: dirname(path), apply: (names) => void names.delete(path) });
  }

  async syncDir(path: string): Promise<void> {
    if (this.#step("syncDir")) this.#die();
    for (const { dir, apply } of this.#nameChanges) if (dir === path) apply(this.#durableNames);
    this.#nameChanges = this.#nameChanges.filter(({ dir }) => dir !== path);
  }

  /** Changes the bytes of a file behind everyone's back, as a failing medium does. */
  damage(path: string, at: number, bytes: Buffer): void {
    const node = this.#names.get(path);
    if (!node) throw new Error(`There is no ${path}.`);
    node.durable = changed(contentOf(node), { at, bytes });
    node.pending = [];
  }

  #rename(change: NameChange): void {
    change.apply(this.#names);
    this.#nameChanges.push(change);
  }
}

interface Setting {
  (names: Map<string, Node>): void;
  node?: Node;
  path?: string;
}

function setName(path: string, node: Node): Setting {
  return Object.assign((names: Map<string, Node>) => void names.set(path, node), { node, path });
}

function moveName(from: string, to: string): (names: Map<string, Node>) => void {
  return (names) => {
    const node = names.get(from);
    if (!node) return;
    names.set(to, node);
    names.delete(from);
  };
}

function rebound({ dir, apply }: NameChange, copy: (node: Node) => Node): NameChange {
  const { node, path } = apply as Setting;
  return node && path !== undefined ? { dir, apply: setName(path, copy(node)) } : { dir, apply };
}
