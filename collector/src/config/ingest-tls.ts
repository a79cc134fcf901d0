import { tlsServerSettings } from "@vedette/sdk";
import { z } from "zod";

const name = z.string().regex(/^[A-Za-z0-9.:-]{1,253}$/, "Expected the name or the address of a host");

/** `collector.ingest.tls`: files, or certificates of the collectors' own authority. */
export const ingestTls = z
  .strictObject({
    certFile: tlsServerSettings.shape.certFile.optional(),
    keyFile: tlsServerSettings.shape.keyFile.optional(),
    clientCaFile: tlsServerSettings.shape.clientCaFile,
    enrol: z
      .strictObject({
        names: z
          .array(name)
          .max(100)
          .default([])
          .describe("Names and addresses that agents reach this collector by, beside those of its host."),
        certificateHours: z
          .number()
          .min(0.001)
          .max(8_760)
          .default(168)
          .describe("How long certificates are good. They are renewed by themselves at two thirds of it."),
      })
      .optional()
      .describe(
        "In place of files: collectors make the certificates, their own and those of agents, which come with a token (`vedette agents token`, `vedette enroll`). All collectors of a control database have one authority.",
      ),
  })
  .refine(
    ({ certFile, keyFile, clientCaFile, enrol }) =>
      enrol ? !(certFile ?? keyFile ?? clientCaFile) : certFile !== undefined && keyFile !== undefined,
    "Expected certFile and keyFile, or enrol",
  );
