// `submit`: operations that were signed elsewhere, many in one request, and an answer to each.
import { readFileSync } from "node:fs";
import { decodeOperation } from "../../../src/market/index.js";
import { messageOf } from "../../accident.js";
import { MAX_HANDED_IN, type Verdict } from "../../contract/index.js";
import { escaped } from "../../printable.js";
import { ofKind } from "../../sdk/client.js";
import { textOf } from "../../text-file.js";
import { EXIT } from "../commands.js";
import { usageFailure } from "../failure.js";
import type { Session } from "../session.js";
import { painter } from "../show.js";

const WHAT = "could not hand in the operations";
/** Base64 in one request: with what is written around it, less than a request's body may have. */
const MAX_REQUEST_TEXT = 240 * 1024;

/** An operation in base64, and in which line it stands. */
interface Given {
  readonly line: number;
  readonly text: string;
}

/** Exit 1 if one of them was refused. Nothing is handed in if a line holds no operation. */
export async function submit(session: Session, _options: object, file: string): Promise<number> {
  let refused = 0;
  for (const request of requestsOf(operationsIn(file))) {
    const body = { operations: request.map(({ text }) => text) };
    const answer = ofKind(await session.client.ask("submit", { body }, WHAT), "Verdicts", WHAT);
    refused += answer.verdicts.filter(({ status }) => status === "refused").length;
    session.show(answer, () => {
      for (const [i, verdict] of answer.verdicts.entries()) tell(session, request[i]!.line, verdict);
    });
  }
  return refused === 0 ? EXIT.ok : EXIT.failed;
}

function tell({ terminal }: Session, line: number, verdict: Verdict): void {
  const paint = painter(terminal);
  if (verdict.status === "accepted") {
    const about = verdict.auction === null ? "" : `  auction ${verdict.auction}`;
    terminal.out(`${line}  ${paint.green("accepted")}  ${verdict.operation}${about}`);
    return;
  }
  const { code, detail, fix } = verdict.problem;
  terminal.out(`${line}  ${paint.red("refused")}  ${code}: ${detail}. Fix: ${fix}`);
}

/** As many to a request as the daemon takes, in their order. */
function requestsOf(operations: readonly Given[]): readonly (readonly Given[])[] {
  const requests: Given[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const one of operations) {
    const last = requests.at(-1);
    if (last === undefined || last.length >= MAX_HANDED_IN || size + one.text.length > MAX_REQUEST_TEXT) {
      requests.push([one]);
      size = 0;
    } else last.push(one);
    size += one.text.length + 3;
  }
  return requests;
}

/** Of a file, or of stdin for `-`: one encoded operation as it is, or one in base64 in each line. @throws CliFailure */
function operationsIn(file: string): readonly Given[] {
  const bytes = read(file);
  if (decodeOperation(bytes).ok) return [{ line: 1, text: Buffer.from(bytes).toString("base64") }];
  const lines = textOf(bytes, file).split("\n");
  const given = lines
    .map((text, i) => ({ line: i + 1, text: text.trim() }))
    .filter(({ text }) => text !== "");
  if (given.length === 0) throw noOperation(`${file} is empty`);
  for (const { line, text } of given) {
    const why = faultOf(text);
    if (why !== null) throw noOperation(`line ${line} of ${file} is no operation: ${why}`);
  }
  return given;
}

/** Why a text is no operation; null: it is one. */
function faultOf(text: string): string | null {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text)
    return `"${escaped(text.slice(0, 24))}${text.length > 24 ? "…" : ""}" is not base64`;
  const decoded = decodeOperation(Uint8Array.from(bytes));
  return decoded.ok ? null : `${decoded.error.code} at byte ${decoded.error.offset}`;
}

const noOperation = (why: string) =>
  usageFailure(
    WHAT,
    `${why}; nothing was handed in`,
    "give one signed operation a line in base64, or a file that holds one as it was encoded",
  );

function read(file: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(file === "-" ? 0 : file));
  } catch (error) {
    throw usageFailure(WHAT, `${file}: ${messageOf(error)}`, "name a file that can be read, or - for stdin");
  }
}
