/** A version of a pack. Times in RFC 3339. */
export interface PackVersion {
  readonly version: string;
  readonly sequence: number;
  readonly created: string;
}

/** An installed pack of rules; without what only a good one says where it is broken. */
export interface Pack extends Partial<PackVersion> {
  readonly name: string;
  readonly state: "good" | "expired" | "broken";
  readonly problem?: string;
  readonly description?: string;
  readonly expires?: string;
  readonly signedBy?: string;
  /** Rules of it that run now. */
  readonly rules: number;
}

export interface PackRecord extends Pack {
  readonly highest: number;
  readonly files: readonly PackFile[];
  readonly running: readonly { readonly id: string; readonly name: string; readonly file: string }[];
  readonly kept: readonly PackVersion[];
  readonly history: readonly {
    readonly at: string;
    readonly action: "install" | "rollback";
    readonly version: string;
    readonly sequence: number;
    readonly reason?: string;
    readonly by?: string;
  }[];
}

export interface PackFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** What a file that may be installed says of itself. */
export interface PackCheck extends PackVersion {
  readonly name: string;
  readonly description: string;
  readonly expires: string;
  readonly signedBy: string;
  readonly files: readonly PackFile[];
  readonly before?: PackVersion;
  /** Older than one before: it needs a reason. */
  readonly lower: boolean;
}

/** What an install did. */
export interface PackInstall extends Omit<PackVersion, "created"> {
  readonly outcome: "installed" | "rolled back" | "unchanged";
  readonly name: string;
  readonly rules: number;
  readonly runs: boolean;
  readonly problem?: string;
}
