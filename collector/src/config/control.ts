import { z } from "zod";

/** Files of a TLS client, PEM. */
export const tlsFiles = z.strictObject({
  caFile: z
    .string()
    .min(1)
    .optional()
    .describe("Certificate authorities, PEM. Default: those of the system."),
  certFile: z.string().min(1).optional().describe("Certificate that this collector shows, PEM."),
  keyFile: z.string().min(1).optional().describe("Private key of that certificate, PEM."),
});

/** The `collector.control:` section: where keys, settings and jobs are kept. */
export const controlConfig = z.strictObject({
  url: z
    .url({ protocol: /^postgres(ql)?$/ })
    .refine(
      (text) => !/[?#]/.test(text),
      "Nothing may follow the name of the database; TLS and bounds have keys of their own",
    )
    .refine((text) => /^[^/]+\/\/[^/]+\/[^/]+$/.test(text), "Expected postgres://user@host:port/database")
    .optional()
    .describe(
      "PostgreSQL database, `postgres://user@host:5432/database`, needed by more than one collector. Without it a SQLite file in `stateDir` is used.",
    ),
  password: z
    .string()
    .optional()
    .describe(
      "Password there, used as it is; write ${NAME} to take it from the environment. Default: the one in the URL, in PGPASSWORD or in ~/.pgpass.",
    ),
  connections: z
    .int()
    .min(1)
    .max(100)
    .default(5)
    .describe("Most connections to PostgreSQL at the same time."),
  timeoutSeconds: z
    .number()
    .min(1)
    .max(600)
    .default(30)
    .describe("Longest time that a statement may take, and that a connection is waited for."),
  tls: tlsFiles
    .optional()
    .describe(
      "TLS to PostgreSQL. The server's certificate is always verified. Off by default on loopback only.",
    ),
  dangerouslyAllowPlaintext: z
    .boolean()
    .default(false)
    .describe(
      "Connect without TLS to an address other than loopback. Test benches and private networks only.",
    ),
});

export type ControlConfig = z.infer<typeof controlConfig>;
