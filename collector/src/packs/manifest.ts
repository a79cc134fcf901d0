import { z } from "zod";

/** Most files of a pack. */
const maxFiles = 10_000;
const segment = "[A-Za-z0-9_][A-Za-z0-9._-]{0,99}";
/** What a pack may hold, and where: nothing else can be named, so nothing leads out of its folder. */
const path = new RegExp(
  `^(?:(?:rules|mappings|lists|tests)(?:/${segment}){1,8}|(?:LICENSE|NOTICE|README)(?:\\.(?:md|txt))?)$`,
);

export const packName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "A name is made of small letters, digits and -")
  .describe("What it is called; an install replaces the pack of the same name.");

const head = {
  name: packName,
  version: z.string().min(1).max(60).describe("Version for people."),
  sequence: z
    .int()
    .min(1)
    .max(Number.MAX_SAFE_INTEGER)
    .describe(
      "Grows with each release; an install refuses a lower one. Not the version, because that may be compared in many ways.",
    ),
  description: z.string().max(2_000).default("").describe("What is in it."),
};

/** `pack.yaml` of a folder that a pack is built of. */
export const packFile = z.strictObject({
  ...head,
  validDays: z
    .int()
    .min(1)
    .max(3_650)
    .default(365)
    .describe(
      "After so many days nobody may install it any more, so that old content cannot be passed off as the newest.",
    ),
});
export type PackFile = z.infer<typeof packFile>;

/** What is signed of a pack: every file with its size and digest, in the order in which they follow. */
export const packManifest = z.strictObject({
  format: z.literal(1),
  ...head,
  created: z.iso.datetime(),
  expires: z.iso.datetime(),
  files: z
    .array(
      z.strictObject({
        path: z.string().max(400).regex(path, "Not a path of a pack"),
        size: z.int().min(0),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .min(1)
    .max(maxFiles)
    .refine((files) => apart(files.map((file) => file.path)), "Two files have the same place"),
});
export type PackManifest = z.infer<typeof packManifest>;

/** No path twice, also where case does not count, and none that would be a folder of another. */
function apart(paths: readonly string[]): boolean {
  const known = new Set(paths.map((each) => each.toLowerCase()));
  if (known.size < paths.length) return false;
  return [...known].every((each) => {
    const parts = each.split("/");
    return parts.slice(1).every((_, at) => !known.has(parts.slice(0, at + 1).join("/")));
  });
}

export const isPackPath = (given: string): boolean => path.test(given);
