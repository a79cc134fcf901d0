/** Takes the steps of a long work, and lets others have their turn whenever `sliceMs` have passed. */
export async function inSlices<T>(steps: Generator<unknown, T>, sliceMs: number): Promise<T> {
  let since = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() - since < sliceMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
  }
}
