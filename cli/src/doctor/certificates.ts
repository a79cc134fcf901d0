import { tlsFindings, tlsSections } from "../check/tls.ts";
import type { LoadedConfig } from "../config-file.ts";
import type { Finding } from "./finding.ts";

const dayMs = 86_400_000;
/** A certificate of which less than this part is left should have been renewed. */
const late = 1 / 4;

/** When the certificates end that a configuration names, at `now` in milliseconds since 1970. */
export function certificateFindings({ config, baseDir }: LoadedConfig, now: number): Finding[] {
  return tlsSections(config).flatMap((section) =>
    tlsFindings(section, baseDir).flatMap(({ file, problem, endsAt, lifeMs = 0 }): Finding[] => {
      const what = `TLS of ${section.path.slice(0, 2).join(".")}`;
      if (problem !== undefined)
        return [
          { what, status: "broken", said: `${problem}.`, cure: "Name another file, or enrol the host." },
        ];
      if (endsAt === undefined) return [];
      const left = endsAt - now;
      const said = `${file} ${left <= 0 ? "ended" : "ends"} at ${new Date(endsAt).toISOString()}, ${ago(left)}.`;
      const cure = "Renew it; a changed one is read by itself. An enrolled agent renews while it runs.";
      if (left <= 0) return [{ what, status: "broken", said, cure }];
      return [
        left < Math.min(lifeMs * late, 30 * dayMs)
          ? { what, status: "warning", said, cure }
          : { what, status: "good", said },
      ];
    }),
  );
}

function ago(leftMs: number): string {
  const hours = Math.floor(Math.abs(leftMs) / 3_600_000);
  const text = hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`;
  return leftMs <= 0 ? `${text} ago` : `in ${text}`;
}
