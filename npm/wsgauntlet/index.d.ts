export interface Settings {
  /** A file of accepted deviations. */
  baseline?: string;
  /** smoke, default, strict, audit, volume, intrusive, or a profile of wsgauntlet.toml. */
  profile?: string;
  cases?: string | string[];
  exclude?: string | string[];
  /** A lenient verdict (a SHOULD that is not followed) fails too. */
  strict?: boolean;
  /** The longest wait for an answer, in milliseconds. */
  timeoutMs?: number;
  /** A folder for the reports. */
  out?: string;
  /** Further arguments of the command. */
  args?: string[];
}

export interface ServerSettings extends Settings {
  /** A shell command that launches the server; `{port}` in it is a free port. */
  launch?: string;
}

export interface Deviation {
  instance: string;
  verdict: "fail" | "flaky" | "lenient";
  doc: string;
  requirement: string;
  citation: string;
  quote: string;
  expected: string;
  observed: string;
  /** The reason in the baseline, if the baseline lists it. */
  accepted: string | null;
  transcript: string[];
}

export declare class Result {
  /** 0 nothing failed, 1 something failed, 5 the baseline is stale, 6 the target could not be judged. */
  readonly status: number;
  /** The whole of report.json. */
  readonly report: any;
  readonly stderr: string;
  readonly conforms: boolean;
  /** All that failed, was flaky or was lenient, also what the baseline accepts. */
  readonly deviations: Deviation[];
  /** The failures that the baseline does not accept. */
  readonly failures: Deviation[];
  /** Why the gate is shut, a line each. */
  readonly reasons: string[];
  /** Throws an AssertionError that names the failures, unless the target conforms. */
  assertConforms(): void;
  toString(): string;
}

/** The audit could not be made: wrong arguments (2), nothing selected (3), a fault of wsgauntlet (4), nothing answered (6). */
export declare class WsgauntletError extends Error {
  readonly status: number;
}

export declare function auditServer(url?: string | null, settings?: ServerSettings): Promise<Result>;
export declare function auditClient(command: string[], settings?: Settings): Promise<Result>;
/** The path of the program of this platform. */
export declare function program(): string;
