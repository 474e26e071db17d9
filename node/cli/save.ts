// `--save <file>` and its like: a new file, or a pipe or device that is written through; what is there already is never replaced.
import { stat, writeFile } from "node:fs/promises";
import { codeOf, messageOf } from "../accident.js";
import { writeNew } from "../whole-file.js";
import { EXIT } from "./commands.js";
import { CliFailure, usageFailure } from "./failure.js";

/** @param flag which names the file @throws CliFailure USAGE, or CONFLICT for a file or folder that exists */
export async function save(path: string, text: string, flag = "--save"): Promise<void> {
  const what = `could not save ${path}`;
  try {
    const there = await stat(path).catch(nobody);
    if (there !== null && !there.isFile() && !there.isDirectory()) return await writeFile(path, text);
    if (there === null && (await writeNew(path, text))) return;
  } catch (error) {
    throw usageFailure(what, messageOf(error), "name a new file in a folder that you may write");
  }
  const fix = `name a new file with ${flag}, or take that one away first`;
  throw new CliFailure(EXIT.conflict, "FILE_EXISTS", what, "something of that name is there", fix);
}

function nobody(error: unknown): null {
  if (codeOf(error) === "ENOENT") return null;
  throw error;
}
