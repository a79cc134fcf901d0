import { resolve } from "node:path";
import { enrolmentFile, readEnrolment } from "@vedette/agent";
import { locate, type Problem } from "@vedette/core/config";
import { examineTlsFiles, messageOf, type TlsFinding, type TlsPaths } from "@vedette/sdk";
import type { Loaded } from "../yaml-file.ts";

/** A section of the configuration that says how TLS is made. */
export interface TlsSection {
  readonly path: readonly string[];
  readonly files: TlsPaths;
  /** Where the enrolment lies of an agent that names no files. */
  readonly stateDir?: string;
}

interface Sections {
  readonly agent: {
    readonly stateDir: string;
    readonly collector?: { readonly tls?: TlsPaths | undefined } | undefined;
  };
  readonly collector?: {
    readonly ingest: { readonly tls?: TlsPaths | undefined };
    readonly http: { readonly tls?: TlsPaths | undefined };
  };
}

/** The sections of a configuration that say how agents, collectors and people are reached over TLS. */
export function tlsSections({ agent, collector }: Sections): TlsSection[] {
  const found: [string[], TlsPaths | undefined, string?][] = [
    [["agent", "collector", "tls"], agent.collector?.tls, agent.stateDir],
    [["collector", "ingest", "tls"], collector?.ingest.tls],
    [["collector", "http", "tls"], collector?.http.tls],
  ];
  return found.flatMap(([path, files, stateDir]) =>
    files ? [{ path, files, ...(stateDir !== undefined && { stateDir }) }] : [],
  );
}

/** What is in the files of a section. An agent that names none has what enrolment left. */
export function tlsFindings({ files, stateDir }: TlsSection, baseDir: string): TlsFinding[] {
  const named = files.caFile ?? files.certFile;
  if (stateDir === undefined || named !== undefined) return examineTlsFiles(files, baseDir);
  const dir = resolve(baseDir, stateDir);
  const about = { key: "certFile", file: enrolmentFile(dir) } as const;
  try {
    const enrolled = readEnrolment(dir);
    if (!enrolled)
      return [{ ...about, problem: `This host is not enrolled yet (${about.file}): run vedette enroll` }];
    return [{ ...about, endsAt: enrolled.endsAt, lifeMs: enrolled.endsAt - enrolled.issuedAt }];
  } catch (error) {
    return [{ ...about, problem: messageOf(error) }];
  }
}

/** What is wrong with their files at `now`, in milliseconds since 1970, each with its place in the configuration. */
export function tlsProblems(
  sections: readonly TlsSection[],
  { source, baseDir }: Pick<Loaded<unknown>, "source" | "baseDir">,
  now: number,
): Problem[] {
  return sections.flatMap((section) =>
    tlsFindings(section, baseDir).flatMap(({ key, file, problem, endsAt = Number.POSITIVE_INFINITY }) => {
      const ended = endsAt <= now ? `${file} ended at ${new Date(endsAt).toISOString()}.` : undefined;
      const message = problem === undefined ? ended : `${problem}.`;
      if (message === undefined) return [];
      const path = section.files[key] === undefined ? section.path : [...section.path, key];
      const at = source ? locate(source, path) : { line: 1, column: 1 };
      const found = { file: source?.file ?? "", ...at, path: path.join("."), message };
      // An agent that is not enrolled yet may run: what it reads waits.
      return [section.files[key] === undefined ? { ...found, severity: "warning" } : found];
    }),
  );
}
