import fc from "fast-check";

/**
 * What random tests draw is the same in every run, so that a commit is judged the same each time and on each machine.
 * `VEDETTE_SEED` draws something else: a number, or `any` for a seed of each file's own, which a failure tells.
 */
const given = process.env["VEDETTE_SEED"] ?? "1";
if (given !== "any") fc.configureGlobal({ seed: Number(given) });
