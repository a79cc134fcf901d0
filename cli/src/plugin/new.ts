import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "../exit.ts";

/** What a capability has in the template: its files, and its lines of the manifest. */
const parts = {
  parse: { files: ["pipeline.yaml", "tests"], line: /^ {2}parse: .*\n/m },
  enrich: { files: ["enrich.ts"], line: /^ {2}enrich,\n/m },
  analyze: { files: ["rules"], line: /^ {2}analyze: .*\n/m },
  collect: { files: ["collect.ts"], line: /^ {2}collect,\n/m },
  notify: { files: ["notify.ts"], line: /^ {2}notify,\n/m },
  assets: { files: ["assets.ts"], line: /^ {2}assets,\n/m },
} as const;

export type ScaffoldPart = keyof typeof parts;
export const scaffoldParts = Object.keys(parts) as ScaffoldPart[];

const template = fileURLToPath(new URL("../../../plugins/_template", import.meta.url));

/** Makes a plugin folder from the template, with some of its capabilities. Throws a `UsageError` for a place or name that will not do. */
export function scaffold(id: string, into: string, wanted: readonly ScaffoldPart[]): string {
  if (!/^[a-z][a-z0-9_-]{1,62}$/.test(id))
    throw new UsageError(`"${id}" will not do: 2 to 63 characters of a-z, 0-9, - and _, a letter first.`);
  const place = resolve(into, id);
  if (existsSync(place)) throw new UsageError(`${place} exists already.`);
  cpSync(template, place, { recursive: true });
  // Tests of the template itself are about what it does, which yours will not do.
  rmSync(join(place, "template.test.ts"));
  const unwanted = scaffoldParts.filter((part) => !wanted.includes(part));
  for (const part of unwanted)
    for (const file of parts[part].files) rmSync(join(place, file), { recursive: true });
  rename(place, id);
  const manifest = join(place, "index.ts");
  let text = readFileSync(manifest, "utf8");
  for (const part of unwanted)
    text = text.replace(parts[part].line, "").replace(`import { ${part} } from "./${part}.ts";\n`, "");
  writeFileSync(manifest, text.replace(/^ {2}\/\/ Keep the capabilities.*\n/m, ""));
  return place;
}

/** Gives everything the name of the plugin. */
function rename(place: string, id: string): void {
  const words = id.split(/[-_]/).filter(Boolean);
  const [first = id, ...rest] = words;
  const variable = first + rest.map(capital).join("");
  const title = words.map(capital).join(" ");
  for (const name of readdirSync(place, { recursive: true, encoding: "utf8" })) {
    const file = join(place, name);
    if (!statSync(file).isFile()) continue;
    const text = readFileSync(file, "utf8")
      .replaceAll("export const template ", `export const ${variable} `)
      .replaceAll('name: "Template"', `name: "${title}"`)
      .replaceAll("A plugin to copy, with one of each.", `What ${title} is for.`)
      .replaceAll("Ein Plugin zum Kopieren.", `Wofür ${title} da ist.`)
      .replaceAll(/\btemplate\b/g, id);
    writeFileSync(file, text);
  }
}

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);
