// `slash list`, `slash show`, `slash report`: whose stake was taken for what, and the signed messages that convict.
import { fromHex } from "../../../src/base/index.js";
import { encodeOperation, selfProving } from "../../../src/market/index.js";
import { decodeEvidence } from "../../../src/quorum/log/evidence.js";
import { messageOf } from "../../accident.js";
import type { EvidenceView } from "../../contract/index.js";
import { ofKind } from "../../sdk/client.js";
import { EncodingError, readText } from "../../text-file.js";
import { usageFailure } from "../failure.js";
import { mustBeAsked } from "../same.js";
import type { Session } from "../session.js";
import { clock, creditsOf, labelled, painter, short, table } from "../show.js";
import { moreOf, sinceOf } from "./history-page.js";
import { RESULTS, reasonOf, slashRows } from "./slash-rows.js";

interface ListOptions {
  readonly agent?: string;
  readonly limit: number;
  readonly cursor?: string;
}

export async function list(session: Session, { agent, limit, cursor }: ListOptions): Promise<void> {
  const query = { agent, limit, cursor };
  const page = await session.client.ask("slashes", { query }, "could not list slashes");
  session.show(page, () => {
    table(
      session.terminal,
      ["SLASH", "HEIGHT", "TIME", "AGENT", "FOR", "DUE", "TAKEN", "RESULT"],
      page.items.map((one) => [
        short(one.id),
        String(one.height),
        clock(one.time),
        short(one.agent),
        reasonOf(one),
        creditsOf(one.due),
        creditsOf(one.amount),
        RESULTS[one.result],
      ]),
      `Nobody was slashed, and nobody warned${sinceOf(page)}.`,
    );
    moreOf(session, page);
  });
}

export async function show(session: Session, _options: object, id: string): Promise<void> {
  const what = `could not show the slash ${id}`;
  const slash = await session.client.ask("slash", { params: { id } }, what);
  mustBeAsked(id, slash.id, what);
  session.show(slash, () => {
    labelled(session.terminal, slashRows(slash));
    if (slash.conviction === null) return;
    if (slash.evidence === null) {
      session.terminal.err("This peer's log does not reach back to the evidence: ask another with --api.");
      return;
    }
    session.terminal.out("");
    showEvidence(session, slash.evidence);
  });
}

/** Two messages side by side, what differs marked; of an invalid proposal, what is wrong with it. */
function showEvidence(session: Session, { messages, differ, flaw }: EvidenceView): void {
  const { terminal } = session;
  const paint = painter(terminal);
  const [first, second] = messages;
  const cell = (value: string | number | null | undefined) =>
    value === null || value === undefined
      ? "–"
      : typeof value === "string"
        ? shortened(value)
        : String(value);
  table(
    terminal,
    second === undefined ? ["", "FIELD", "SIGNED"] : ["", "FIELD", "FIRST MESSAGE", "SECOND MESSAGE"],
    [...Object.keys(first!.fields), "signature"].map((name) => {
      const isDifferent = differ.includes(name);
      const values = messages.map((one) => cell(name === "signature" ? one.signature : one.fields[name]));
      return [isDifferent ? "≠" : "", name, ...(isDifferent ? values.map((one) => paint.red(one)) : values)];
    }),
    "",
  );
  if (flaw === null) return;
  terminal.out("");
  labelled(terminal, [
    ["Flaw", `${FLAWS[flaw.kind] ?? flaw.kind}: ${flaw.reason}`],
    ...flaw.shown.map((bytes, i) => [i === 0 ? "Shown" : "And", shortened(bytes)] as const),
  ]);
}

const FLAWS: Readonly<Record<string, string>> = {
  header: "its header contradicts itself",
  op: "an operation is invalid by itself",
  twins: "one operation stands at two places",
  opsCount: "it holds another number of operations than it says",
  skip: "a certificate of its gap is not the SkipCert of its term",
  skipCount: "its gap has another number of certificates than of terms",
};

const shortened = (value: string): string => (value.length <= 40 ? value : `${value.slice(0, 32)}…`);

/** Evidence of a file, or of stdin for `-`: base64, or what `slash show --json` printed. */
export async function report(session: Session, _options: object, file: string): Promise<void> {
  const what = "could not report the evidence";
  const evidence = evidenceIn(textOf(file, what), what);
  const { chain, market } = await session.client.ask("node", {}, what);
  const operation = selfProving(
    { chain: fromHex(chain)!, market: fromHex(market)! },
    { kind: "evidence", evidence },
  );
  const body = { operation: Buffer.from(encodeOperation(operation)).toString("base64") };
  const receipt = ofKind(await session.client.ask("submit", { body }, what), "Receipt", what);
  session.show(receipt, () =>
    session.terminal.out(
      `Reported: ${receipt.operation}. It convicts, and waits for the log; \`slash list\` shows what it took.`,
    ),
  );
}

function textOf(file: string, what: string): string {
  try {
    return readText(file === "-" ? 0 : file, file);
  } catch (error) {
    if (error instanceof EncodingError) throw error;
    throw usageFailure(what, `${file}: ${messageOf(error)}`, "name a file that can be read, or - for stdin");
  }
}

function evidenceIn(text: string, what: string): Uint8Array {
  const bytes = Uint8Array.from(Buffer.from(base64In(text.trim()), "base64"));
  const decoded = decodeEvidence(bytes);
  if (decoded.ok) return bytes;
  const why = `this is no evidence: ${decoded.error.code} at byte ${decoded.error.offset}`;
  throw usageFailure(what, why, "give it as base64, or as `slash show <id> --json` printed it");
}

function base64In(text: string): string {
  if (!text.startsWith("{")) return text;
  try {
    const bytes = (JSON.parse(text) as { evidence?: { bytes?: unknown } | null }).evidence?.bytes;
    return typeof bytes === "string" ? bytes : "";
  } catch {
    return "";
  }
}
