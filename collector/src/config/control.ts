import { tlsClientProblem, tlsClientSettings } from "@vedette/sdk";
import { z } from "zod";

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
  tls: tlsClientSettings
    .refine((tls) => tlsClientProblem(tls) === undefined, "certFile and keyFile belong together")
    .optional()
    .describe("TLS to PostgreSQL, which is off by default on loopback only."),
  keep: z
    .strictObject({
      auditDays: z
        .int()
        .min(0)
        .max(36_500)
        .default(1_095)
        .describe(
          "Days after which entries leave the audit trail, which then tells so itself and can still be verified; 0 keeps them.",
        ),
      caseHistoryDays: z
        .int()
        .min(0)
        .max(36_500)
        .default(1_095)
        .describe(
          "Days after which comments and changes of alerts and incidents leave that are closed; how they stand is kept. 0 keeps them.",
        ),
    })
    .prefault({}),
  dangerouslyAllowPlaintext: z
    .boolean()
    .default(false)
    .describe(
      "Connect without TLS to an address other than loopback. Test benches and private networks only.",
    ),
});

export type ControlConfig = z.infer<typeof controlConfig>;
