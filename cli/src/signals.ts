/** Why a program ends that was told to: no failure, however far it had come. */
export class Stopped extends Error {}

/**
 * A signal that aborts on the first SIGINT or SIGTERM. A second one ends the process at once:
 * whoever presses Ctrl-C twice means it, and the delivery contract survives that too.
 */
export function untilStopped(): AbortSignal {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(name === "SIGINT" ? 130 : 143);
    controller.abort(new Stopped(`Received ${name}.`));
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return controller.signal;
}
