// Audits from JavaScript: `auditServer(url)` for node:test, vitest and others.
"use strict";
const { spawn } = require("node:child_process");

/** The statuses after which there is a report: see `wsgauntlet --help`. */
const WITH_REPORT = [0, 1, 5, 6];
const SHOWN_MAX = 10;

/** The path of the program: `$WSGAUNTLET`, else that of the package of this platform. */
function program() {
  if (process.env.WSGAUNTLET) return process.env.WSGAUNTLET;
  const name = `@wsgauntlet/${process.platform}-${process.arch}`;
  try {
    return require.resolve(`${name}/bin/wsgauntlet${process.platform === "win32" ? ".exe" : ""}`);
  } catch {
    throw new Error(`the package ${name} is not installed: install without --omit=optional, or set WSGAUNTLET to a binary`);
  }
}

class WsgauntletError extends Error {
  constructor(status, message) {
    super(message || `wsgauntlet ended with status ${status}`);
    this.name = "WsgauntletError";
    this.status = status;
  }
}

/** What an audit found. */
class Result {
  constructor(status, report, stderr) {
    this.status = status;
    this.report = report;
    this.stderr = stderr;
  }

  get conforms() {
    return this.status === 0;
  }

  get deviations() {
    const requirements = this.report.requirements ?? {};
    return this.report.instances
      .filter(({ verdict }) => ["fail", "flaky", "lenient"].includes(verdict))
      .map((instance) => {
        const failure = instance.failure ?? {};
        const { citation = "", quote = "" } = requirements[failure.requirement] ?? {};
        return {
          instance: instance.id,
          verdict: instance.verdict,
          doc: instance.doc ?? "",
          requirement: failure.requirement ?? "",
          citation,
          quote,
          expected: failure.expected ?? "",
          observed: failure.observed ?? "",
          accepted: instance.accepted ?? null,
          transcript: instance.transcript ?? [],
        };
      });
  }

  get failures() {
    return this.deviations.filter(({ verdict, accepted }) => verdict !== "lenient" && accepted === null);
  }

  get reasons() {
    return (this.report.gate?.lines ?? []).map(({ subject, text }) => `${subject}: ${text}`);
  }

  assertConforms() {
    if (this.conforms) return;
    const { AssertionError } = require("node:assert");
    throw new AssertionError({ message: this.toString(), stackStartFn: this.assertConforms });
  }

  toString() {
    const { name } = this.report.target;
    if (this.conforms) return `${name} conforms: ${this.report.summary.pass} passed`;
    const failures = this.failures;
    const lines = [`${name} does not conform (status ${this.status}): ${failures.length} failures`];
    if (this.report.interrupted) lines.push(`incomplete: ${this.report.interrupted}`);
    if (failures.length === 0) lines.push(...this.reasons.slice(0, SHOWN_MAX));
    const firsts = failures.filter((f, at) => failures.findIndex((g) => g.requirement === f.requirement) === at);
    for (const f of firsts.slice(0, SHOWN_MAX)) {
      lines.push("", `${f.verdict.toUpperCase()} ${f.instance}`, `  ${f.doc}`);
      if (f.quote) lines.push(`  ${f.citation}: "${f.quote}"`);
      lines.push(`  expected  ${f.expected}`, `  observed  ${f.observed}`);
    }
    if (firsts.length > SHOWN_MAX) lines.push(".. and more");
    return lines.join("\n");
  }
}

function options({ baseline, profile, cases = [], exclude = [], strict, timeoutMs, out, args = [] }) {
  const words = [];
  for (const [name, value] of [["--baseline", baseline], ["--profile", profile], ["--timeout-ms", timeoutMs], ["--out", out]]) {
    if (value !== undefined) words.push(name, String(value));
  }
  for (const pattern of [cases].flat()) words.push("--case", pattern);
  for (const pattern of [exclude].flat()) words.push("--exclude", pattern);
  if (strict) words.push("--strict");
  return [...words, ...args];
}

function run(words) {
  return new Promise((resolve, reject) => {
    const child = spawn(program(), words, { stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
    child.on("error", reject);
    child.on("close", (status) => {
      if (WITH_REPORT.includes(status) && stdout.trimStart().startsWith("{")) {
        resolve(new Result(status, JSON.parse(stdout), stderr));
      } else {
        reject(new WsgauntletError(status, stderr.trim()));
      }
    });
  });
}

/** Audits the server at `url`, or one that is launched with the shell command `launch`. */
async function auditServer(url, settings = {}) {
  const words = ["run", "server", ...(url ? [url] : [])];
  if (settings.launch) words.push("--launch", settings.launch);
  return run([...words, ...options(settings), "--format", "json"]);
}

/** Audits a client program that is launched for each instance; `{url}` in its arguments is the address to connect to. */
async function auditClient(command, settings = {}) {
  return run(["run", "client", ...options(settings), "--format", "json", "--", ...command]);
}

exports.Result = Result;
exports.WsgauntletError = WsgauntletError;
exports.auditClient = auditClient;
exports.auditServer = auditServer;
exports.program = program;
