const ascii = /^\p{ASCII}*$/u;
/** Their small letters hold ASCII letters, which a search in bytes would not find. */
const strays = /[\u0130\u212a]/;

/**
 * A text in small letters, so that two are compared without their case. No character outside ASCII becomes one of
 * ASCII, so a text of ASCII is found in the bytes of another exactly where it is found in its folded form.
 */
export function fold(text: string): string {
  if (!strays.test(text)) return text.toLowerCase();
  return Array.from(text, (char) => (strays.test(char) ? char : char.toLowerCase())).join("");
}

let lastText = "";
let lastFolded = "";

/** The same; several conditions ask for the same text one after the other. */
export function foldOnce(text: string): string {
  if (text !== lastText) {
    lastText = text;
    lastFolded = fold(text);
  }
  return lastFolded;
}

export const isAscii = (text: string): boolean => ascii.test(text);

/** The longest run of ASCII in a text, which may be empty. */
export function longestAscii(text: string): string {
  let longest = "";
  for (const run of text.split(/\P{ASCII}+/u)) if (run.length > longest.length) longest = run;
  return longest;
}
