import { locate, type Problem, pathText, type Source } from "@vedette/core/config";
import { locateText } from "@vedette/core/pipeline";
import type { Place } from "../expression/index.ts";

export type DocPath = readonly PropertyKey[];

/** Collects what is wrong or doubtful in a workflow, each with its place in the file that people know. */
export interface Places {
  readonly problems: Problem[];
  /** `inside` is the place in the text that stands at the path. */
  fault(path: DocPath, message: string, more?: More): void;
  doubt(path: DocPath, message: string, more?: More): void;
}

interface More {
  readonly suggestion?: string | undefined;
  readonly inside?: Place;
}

/** Places in the YAML file that the workflow was read from. */
export const placesIn = (source: Source): Places =>
  collector(source.file, (path, inside) =>
    inside ? locateText(source, path, inside) : locate(source, path),
  );

/** Collects problems; `at` finds the place of a path, `shown` is how it is written in messages. */
export function collector(
  file: string,
  at: (path: DocPath, inside?: Place) => Place,
  shown: (path: DocPath) => string = pathText,
): Places {
  const problems: Problem[] = [];
  const add = (path: DocPath, message: string, { suggestion, inside }: More, warning: boolean): void => {
    const { line, column } = at(path, inside);
    problems.push({
      ...{ file, line, column, path: shown(path), message },
      ...(suggestion === undefined ? {} : { suggestion }),
      ...(warning ? { severity: "warning" as const } : {}),
    });
  };
  return {
    problems,
    fault: (path, message, more = {}) => add(path, message, more, false),
    doubt: (path, message, more = {}) => add(path, message, more, true),
  };
}
