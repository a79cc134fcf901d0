interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly example?: unknown;
  readonly enum?: readonly unknown[];
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
}

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly responses?: Readonly<Record<string, { readonly description?: string }>>;
}

/** What the page reads of an OpenAPI document. */
export interface OpenApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** The API's reference as one page without scripts, made from the OpenAPI document. */
export function docsPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const links = operations.map(
    ({ path, method }) =>
      `<li><a href="#${anchor(method, path)}"><b>${method}</b> ${plainText(path)}</a></li>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${plainText(document.info.title)}</title><link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/docs/style.css"></head>
<body><header><h1>${plainText(document.info.title)}</h1><p>${code(document.info.description ?? "")}</p>
<p><a href="/">The page</a> · <a href="/openapi.json">openapi.json</a></p></header>
<nav aria-label="Operations"><ul>${links.join("")}</ul></nav>
<main>${operations.map(({ path, method, operation }) => section(path, method, operation)).join("")}</main></body></html>`;
}

function section(path: string, method: string, operation: Operation): string {
  const rows = (operation.parameters ?? []).map(
    ({ name, required, description, schema }) =>
      `<tr><td><code>${plainText(name)}</code>${required ? " <em>required</em>" : ""}</td><td>${plainText(typeOf(schema))}</td><td>${code(description ?? schema?.description ?? "")}${fallback(schema)}</td></tr>`,
  );
  const answers = Object.entries(operation.responses ?? {}).map(
    ([status, { description }]) => `<li><code>${plainText(status)}</code> ${code(description ?? "")}</li>`,
  );
  return `<section id="${anchor(method, path)}"><h2><b>${method}</b> <code>${plainText(path)}</code></h2>
<p>${code(operation.summary ?? "")}. ${code(operation.description ?? "")}</p>
${rows.length > 0 ? `<table><thead><tr><th>Parameter</th><th>Type</th><th>Meaning</th></tr></thead><tbody>${rows.join("")}</tbody></table>` : ""}
<ul>${answers.join("")}</ul></section>`;
}

const anchor = (method: string, path: string): string =>
  `${method.toLowerCase()}${path.replaceAll(/[^A-Za-z0-9]+/g, "-")}`;
const typeOf = (schema: Schema | undefined): string =>
  schema?.enum ? schema.enum.join(" | ") : [schema?.type ?? "string"].flat().join(" | ");
const fallback = (schema: Schema | undefined): string =>
  schema?.default === undefined ? "" : ` Default <code>${plainText(String(schema.default))}</code>.`;
const plainText = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
/** Escaped text in which `words between backticks` are code. */
const code = (text: string): string => plainText(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");

export const docsStyle = `:root{color-scheme:light dark;--line:#8884;--soft:#8882}
body{font:15px/1.55 system-ui,sans-serif;max-width:62rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.6rem;margin:0}h2{font-size:1.05rem;margin:0}section{border-top:1px solid var(--line);padding:1.2rem 0}
nav ul{columns:18rem;padding:0;list-style:none}table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--soft)}
code{background:var(--soft);border-radius:3px;padding:.05em .3em}em{opacity:.7;font-size:.85em}`;
