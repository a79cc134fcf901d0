import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { z } from "zod";

const file = z.string().min(1).max(4_096).optional();

/** How a client proves itself and whom it believes. */
export const tlsClientSettings = z.strictObject({
  caFile: file.describe("Certificate authorities to trust, PEM. Default: those of the system."),
  certFile: file.describe("Own certificate with its chain, PEM, where the other side asks for one."),
  keyFile: file.describe("Private key of the own certificate, PEM."),
  serverName: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe("Name that the other side's certificate must carry. Default: the host that is connected to."),
  dangerouslySkipVerification: z
    .boolean()
    .default(false)
    .describe("Trust any certificate. Test benches only."),
});
export type TlsClientSettings = z.infer<typeof tlsClientSettings>;

/** What is wrong with them together; undefined when nothing is. */
export const tlsClientProblem = ({ certFile, keyFile }: TlsClientSettings): string | undefined =>
  (certFile === undefined) === (keyFile === undefined) ? undefined : "certFile and keyFile belong together.";

/** Options of a TLS connection, with the files read now. Rejects where one cannot be read. */
export async function tlsClientOptions(settings: TlsClientSettings, baseDir: string) {
  const read = async (name: string | undefined) =>
    name === undefined ? undefined : readFile(resolve(baseDir, name));
  const [ca, cert, key] = await Promise.all([settings.caFile, settings.certFile, settings.keyFile].map(read));
  return {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(settings.serverName !== undefined && { servername: settings.serverName }),
    minVersion: "TLSv1.2" as const,
    rejectUnauthorized: !settings.dangerouslySkipVerification,
  };
}
