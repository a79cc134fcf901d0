import type { JSX } from "preact";
import type { Dictionary } from "../i18n/index.ts";

/** A view that is loaded when it is first looked at, with the texts it needs beside those of every page. */
export interface Section {
  readonly Shown: () => JSX.Element;
  readonly texts: readonly Dictionary[];
}
