import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: (() => void) | undefined;

/** Bytes outside V8's heap that something still refers to. What waits to be collected depends on chance, and is not among them. */
export function heldBytes(): number {
  if (!collect) {
    setFlagsFromString("--expose_gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
  collect();
  return process.memoryUsage().external;
}

/** The most bytes outside V8's heap that were held while `work` ran, above those from before it; looked at now and then, and at its end. */
export async function mostHeldDuring(work: () => Promise<void>): Promise<number> {
  const before = heldBytes();
  let most = 0;
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    const began = performance.now();
    most = Math.max(most, heldBytes() - before);
    // A collection takes a while; most of the time is left to the work.
    timer = setTimeout(look, 5 * (performance.now() - began));
  };
  look();
  try {
    await work();
    clearTimeout(timer);
    look();
  } finally {
    clearTimeout(timer);
  }
  return most;
}
