/** A path that cannot be read, with the reason as a sentence. */
export class PathError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "PathError";
  }
}
