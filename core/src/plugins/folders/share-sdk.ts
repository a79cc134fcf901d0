import { registerHooks } from "node:module";

const shared = /^(@vedette\/sdk(\/.*)?|zod)$/;
let isShared = false;

/** A plugin outside of this installation gets its sdk, whatever is installed beside it. */
export function shareSdk(): void {
  if (isShared) return;
  isShared = true;
  registerHooks({
    resolve: (specifier, context, next) =>
      shared.test(specifier)
        ? next(specifier, { ...context, parentURL: import.meta.url })
        : next(specifier, context),
  });
}
