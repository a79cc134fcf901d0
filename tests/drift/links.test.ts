import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, it } from "vitest";
import { files, read, root } from "./repository.ts";

const pages = files().filter((file) => file.endsWith(".md") && !file.startsWith(".changeset/"));

/** Targets of links and pictures that point into the repository. */
const linksIn = (page: string): string[] =>
  [
    ...read(page)
      .replace(/```[\s\S]*?```/g, "")
      .replace(/(`+)[^`][^\n]*?\1/g, "")
      .matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g),
  ]
    .map((match) => match[1] ?? match[2] ?? "")
    .filter((target) => !/^([a-z]+:|#)/.test(target));

it.each(pages)("every link in %s leads somewhere", (page) => {
  const broken = linksIn(page).filter((target) => {
    const [path = ""] = target.split("#");
    return !existsSync(join(root, normalize(join(dirname(page), path))));
  });
  expect(broken).toEqual([]);
});
