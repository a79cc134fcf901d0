import { z } from "zod";

const file = z.string().min(1).max(4_096).optional();

/** `agent.collector.tls`: TLS 1.3 to the collector. */
export const collectorTls = z
  .strictObject({
    caFile: file.describe(
      "Authorities that the collector's certificate may be of, PEM. Without this and `certFile`: what `vedette enroll` left in `stateDir`.",
    ),
    certFile: file.describe(
      "Certificate of this agent with its chain, PEM, for a collector that asks for one. It must name the agent as `urn:vedette:agent:ID`.",
    ),
    keyFile: file.describe("Private key of the certificate, PEM, readable by the agent only."),
    serverName: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .describe("Name that the collector's certificate must carry. Default: the host of the address."),
  })
  .refine(
    ({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined),
    "certFile and keyFile belong together",
  );
export type CollectorTls = z.infer<typeof collectorTls>;
