/** What is wrong with a part of a Sigma rule: where in the document, and what to do. */
export class SigmaFault extends Error {
  readonly path: readonly PropertyKey[];
  readonly suggestion: string | undefined;

  constructor(path: readonly PropertyKey[], message: string, suggestion?: string) {
    super(message);
    this.name = "SigmaFault";
    this.path = path;
    this.suggestion = suggestion;
  }
}
