import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** Output of containers as Kubernetes nodes keep it, in CRI format. */
export const cri = definePlugin({
  id: "cri",
  name: "Kubernetes container logs",
  version: "1.0.0",
  description: "Kubernetes container logs (CRI).",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Output of containers as Kubernetes nodes keep it, in CRI format." },
    de: { description: "Ausgaben von Containern, wie Kubernetes-Knoten sie ablegen, im CRI-Format." },
  },
  parse: { dataTypes: ["cri"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
