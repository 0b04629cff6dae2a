#!/usr/bin/env node
// Runs the program of this platform with the same arguments, and ends as it ends.
"use strict";
const { spawn } = require("node:child_process");
const { program } = require("../index.js");

let path;
try {
  path = program();
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exit(4);
}
const child = spawn(path, process.argv.slice(2), { stdio: "inherit" });
// The terminal sends SIGINT to the child as well; it then ends in order.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("error", (error) => {
  console.error(`error: cannot run ${path}: ${error.message}`);
  process.exit(4);
});
child.on("exit", (status, signal) => {
  if (signal) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else {
    process.exit(status);
  }
});
