/** What the parent tells the engine process, as one line of JSON on its standard input. The end of that input ends the process. */
export interface EngineStart {
  readonly dataDirectory: string;
  readonly configFile: string;
  /** Where insert bodies wait, the preferred one first. */
  readonly spoolDirectories: readonly string[];
  readonly database: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly users: readonly {
    readonly name: string;
    readonly key: string;
    readonly role: "writer" | "reader";
  }[];
  readonly limits: EngineLimits;
}

/** Bounds of the engine process; sizes in bytes, times in milliseconds. */
export interface EngineLimits {
  readonly writers: number;
  /** Lanes of inserts up to `smallBodyBytes`, beside `writers`. */
  readonly smallWriters: number;
  readonly smallBodyBytes: number;
  readonly readers: number;
  /** Requests that wait for a lane, for reads and for writes each; more are answered 503. */
  readonly maxWaiting: number;
  readonly maxConnections: number;
  readonly maxBodyBytes: number;
  readonly maxSpoolBytes: number;
  readonly maxStatementBytes: number;
  readonly maxResultBytes: number;
  /** How long to wait for another process to let go of the data directory. */
  readonly lockWaitMs: number;
  readonly shutdownGraceMs: number;
  /** A process that does not answer for this long is killed and started again. */
  readonly hangAfterMs: number;
}

/** What the engine process reports, one line of JSON each on its standard output. */
export type EngineReport =
  | { readonly state: "ready"; readonly port: number; readonly version: string }
  | { readonly state: "locked"; readonly holder: number | undefined }
  /** `final` where trying again cannot help: no engine for this platform, or the wrong one. */
  | { readonly state: "failed"; readonly reason: string; readonly final: boolean };
