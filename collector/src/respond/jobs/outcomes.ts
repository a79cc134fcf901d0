/** Ends a run for now: it goes on at `wakeAt` (milliseconds since 1970), or when somebody answers. */
export class Suspended extends Error {
  readonly wakeAt: number;
  constructor(wakeAt: number) {
    super("The job waits.");
    this.name = "Suspended";
    this.wakeAt = wakeAt;
  }
}

/** A step may have done its work or not, and doing it again could do it twice. A person decides. */
export class Uncertain extends Error {
  readonly step: string;
  constructor(step: string) {
    super(
      `Whether the step ${JSON.stringify(step)} did its work is not known; it is not repeated. Look at the other side, then run the job again from there.`,
    );
    this.name = "Uncertain";
    this.step = step;
  }
}

/** Another collector has the job by now. */
export class Lost extends Error {
  constructor() {
    super("Another collector has the job.");
    this.name = "Lost";
  }
}

/** The job is ended by a person, or with the collector. */
export class Stopped extends Error {
  constructor() {
    super("The job was stopped.");
    this.name = "Stopped";
  }
}

/** The journal cannot be written. The job goes on from it when its lease is over, whoever takes it then. */
export class JournalFailed extends Error {
  constructor(cause: unknown) {
    super("The journal of a job cannot be written.", { cause });
    this.name = "JournalFailed";
  }
}

/** A step that failed for good. */
export class StepFailed extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StepFailed";
  }
}

/** What ends a run whatever steps say of failures. */
export const isEnd = (error: unknown): error is Suspended | Uncertain | Lost | Stopped | JournalFailed =>
  error instanceof Suspended ||
  error instanceof Uncertain ||
  error instanceof Lost ||
  error instanceof Stopped ||
  error instanceof JournalFailed;
