/** Titles have at most so many words. */
export const mostWords = 7;

/** What is wrong with the form of a title; undefined when nothing is. */
export function titleFault(title: string): string | undefined {
  if (title.trim() !== title) return "it begins or ends with a space";
  if (title.endsWith(".")) return "it ends with a full stop";
  if (title.split(/\s+/).length > mostWords) return `it has more than ${mostWords} words`;
  return /^\p{Ll}/u.test(title) ? "it begins with a small letter" : undefined;
}

/** What is wrong with the form of a component's description; undefined when nothing is. */
export function descriptionFault(text: string): string | undefined {
  if (text.trim() !== text) return "it begins or ends with a space";
  if (/[^.]\.$/.test(text) && !/\be\.g\.|\betc\.$/.test(text)) return "it ends with a full stop";
  return /^\p{Ll}/u.test(text) ? "it begins with a small letter" : undefined;
}

/** Snake case: words of a-z and 0-9 joined by single underscores, a letter or digit first. */
export const isSnakeCase = (name: string): boolean => /^[a-z0-9]+(?:_[a-z0-9]+)*$/.test(name);

/** A name in the form it should have. */
export const snakeCase = (name: string): string =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/[^A-Za-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "")
    .toLowerCase();
