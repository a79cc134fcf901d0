import type { Target } from "../target.ts";

/** Each is loaded alone: its imports are the code that its inputs reach. */
export const targets: Readonly<Record<string, () => Promise<Target>>> = {
  pipeline: async () => (await import("./pipeline.ts")).pipeline,
  framing: async () => (await import("./framing.ts")).framing,
  batch: async () => (await import("./batch.ts")).batch,
  "icon-spec": async () => (await import("./icon-spec.ts")).iconSpec,
  http: async () => (await import("./http.ts")).http,
};
