// The entry of the command line.
import "../polyfill.js";
import { runCli } from "./run.js";
import { processTerminal } from "./terminal.js";

process.exitCode = await runCli(process.argv.slice(2), processTerminal());
