import { locate, type Problem } from "@vedette/core/config";
import { examineTlsFiles, type TlsPaths } from "@vedette/sdk";
import type { Loaded } from "../yaml-file.ts";

/** A section of the configuration that names files of TLS. */
export interface TlsSection {
  readonly path: readonly string[];
  readonly files: TlsPaths;
}

interface Sections {
  readonly agent: { readonly collector?: { readonly tls?: TlsPaths | undefined } | undefined };
  readonly collector?: {
    readonly ingest: { readonly tls?: TlsPaths | undefined };
    readonly http: { readonly tls?: TlsPaths | undefined };
  };
}

/** The sections of a configuration that name files of TLS between agents, collectors and people. */
export function tlsSections({ agent, collector }: Sections): TlsSection[] {
  const found: [string[], TlsPaths | undefined][] = [
    [["agent", "collector", "tls"], agent.collector?.tls],
    [["collector", "ingest", "tls"], collector?.ingest.tls],
    [["collector", "http", "tls"], collector?.http.tls],
  ];
  return found.flatMap(([path, files]) => (files ? [{ path, files }] : []));
}

/** What is wrong with their files at `now`, in milliseconds since 1970, each with its place in the configuration. */
export function tlsProblems(
  sections: readonly TlsSection[],
  { source, baseDir }: Pick<Loaded<unknown>, "source" | "baseDir">,
  now: number,
): Problem[] {
  return sections.flatMap(({ path, files }) =>
    examineTlsFiles(files, baseDir).flatMap(({ key, file, problem, endsAt = Number.POSITIVE_INFINITY }) => {
      const ended = endsAt <= now ? `${file} ended at ${new Date(endsAt).toISOString()}.` : undefined;
      const message = problem === undefined ? ended : `${problem}.`;
      if (message === undefined) return [];
      const at = source ? locate(source, [...path, key]) : { line: 1, column: 1 };
      return [{ file: source?.file ?? "", ...at, path: [...path, key].join("."), message }];
    }),
  );
}
