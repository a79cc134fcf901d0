import type { Findings } from "../findings.ts";
import { componentsOf, type IconSpec } from "../spec/model.ts";

/** `help` is the text of help.md, undefined where there is none. */
export function checkHelp(spec: IconSpec, help: string | undefined, findings: Findings): void {
  if (help === undefined) {
    findings.add("help.missing", spec.source.place, "", "There is no help.md beside it.");
    return;
  }
  for (const { title, path, place } of componentsOf(spec))
    if (title !== "" && !help.includes(title))
      findings.add("help.out_of_date", place, path, `help.md does not name "${title}".`);
  if (spec.version !== "" && !help.includes(spec.version))
    findings.add(
      "help.out_of_date",
      spec.source.place,
      "version",
      `help.md does not name version ${spec.version}.`,
    );
}
