// api.json: how a program on this machine finds the daemon of a data folder.
import { rm } from "node:fs/promises";
import { z } from "zod";
import { Accident, codeOf, messageOf } from "../accident.js";
import { readText } from "../text-file.js";
import { writeWhole } from "../whole-file.js";

/** Fields of newer daemons pass: an older command line must still find them. */
export const apiFile = z.object({
  /** such as http://127.0.0.1:40123 */
  url: z.url({ protocol: /^https?$/ }),
  /** the file that holds the bearer token; the token itself is never here */
  tokenFile: z.string().min(1),
  pid: z.int().min(1),
  /** the peers that this process runs, the first being the one meant when none is named */
  peers: z
    .array(
      z.object({
        name: z.string().min(1),
        /** the agent's id, hexadecimal */
        agent: z.string().regex(/^[0-9a-f]{64}$/),
        /** what people call the agent, where they call it something */
        agentName: z.string().min(1).optional(),
        /** where it can be dialled */
        addresses: z.array(z.string()),
        /** of a peer that has a process, and so an API, of its own: its own file like this one */
        apiFile: z.string().min(1).optional(),
      }),
    )
    .min(1),
});
export type ApiFile = z.infer<typeof apiFile>;

/** Replaces the file as a whole, mode 0600. */
export const writeApiFile = (path: string, content: ApiFile): Promise<void> =>
  writeWhole(path, `${JSON.stringify(apiFile.parse(content), null, 2)}\n`);

/**
 * What the daemon of this folder has written, or null if there is no such file. A daemon that was killed leaves its
 * file behind: that it answers is known only by asking.
 * @throws Accident API_FILE_UNREADABLE
 */
export async function readApiFile(path: string): Promise<ApiFile | null> {
  try {
    return apiFile.parse(JSON.parse(readText(path)));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    const why = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new Accident(
      "API_FILE_UNREADABLE",
      `could not read ${path}`,
      why,
      "start the daemon of this folder anew",
      error,
    );
  }
}

/** Takes the file away if it is still the one of process `pid`: a daemon that ends late must not hide its successor. */
export async function removeApiFile(path: string, pid: number): Promise<void> {
  const content = await readApiFile(path).catch(() => null);
  if (content === null || content.pid === pid) await rm(path, { force: true });
}
