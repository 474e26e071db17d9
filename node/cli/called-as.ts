// How a person calls this program here: what every printed command begins with, so that it can be typed again.
import { basename, dirname, isAbsolute, relative } from "node:path";
import { shellWord } from "../shell-word.js";

/**
 * `mabeam` where it is installed, `npx mabeam` where a project has it, else the launcher's path from here.
 * @param script the program's path as the system was given it (`process.argv[1]`)
 */
export function calledAs(script: string | undefined, folder: string, platform: NodeJS.Platform): string {
  if (script === undefined) return "mabeam";
  if (basename(script).replace(/\.(cmd|ps1)$/, "") === "mabeam")
    return basename(dirname(script)) === ".bin" ? "npx mabeam" : "mabeam";
  const from = relative(folder, script);
  const near = from !== "" && !from.startsWith("..") && !isAbsolute(from);
  const path = near ? (/[/\\]/.test(from) ? from : `./${from}`) : script;
  // Only a launcher has a run bit; the file that it loads, and any script on Windows, is node's to run.
  const runs = platform !== "win32" && script.endsWith(".mjs");
  return runs ? shellWord(path) : `node ${shellWord(path)}`;
}
