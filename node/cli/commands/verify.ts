// `verify` and `auction verify`: an auction recomputed on this machine from its transcript.
import { statSync } from "node:fs";
import { fromHex } from "../../../src/base/index.js";
import { newClock } from "../../../src/ledger/clock.js";
import { type Verification, verifyTranscript } from "../../../src/peer/proof/verification.js";
import { messageOf } from "../../accident.js";
import { transcriptFromView } from "../../api/transcript-json.js";
import { auctionView, awardOf, outcomeView } from "../../api/views/auction.js";
import {
  MAX_TRANSCRIPT_BYTES,
  type TranscriptView,
  transcriptDocument,
  transcriptView,
} from "../../contract/index.js";
import { SignatureVerifier } from "../../crypto/verifier.js";
import { tooLarge } from "../../sdk/client.js";
import { ApiFailure } from "../../sdk/failure.js";
import { EncodingError, readText } from "../../text-file.js";
import { EXIT } from "../commands.js";
import { CliFailure } from "../failure.js";
import { difference, mustBeAsked } from "../same.js";
import { save } from "../save.js";
import type { Session } from "../session.js";
import { creditsOf, labelled, painter } from "../show.js";
import type { Terminal } from "../terminal.js";
import { getAuction } from "./auction.js";
import { saleRows } from "./sale.js";

interface FileOptions {
  readonly chain: string;
  /** the auction that it must be of; absent: whichever it is of is told */
  readonly auction?: string;
  readonly json?: true;
}

/** Exit 0 if every check held, 9 otherwise. */
export async function verifyFile(terminal: Terminal, flags: FileOptions, file: string): Promise<number> {
  const transcript = readTranscript(file);
  const what = `could not verify ${file}`;
  if (flags.auction !== undefined) mustBeAsked(flags.auction, transcript.auction, what);
  return judge(terminal, flags.json === true, transcript, flags.chain, null);
}

interface VerifyOptions {
  readonly chain?: string;
  readonly save?: string;
}

/**
 * The daemon may be another's. Its transcript must be of the auction asked for, and all that it says of the auction is
 * compared with what the transcript proves.
 */
export async function verifyAuction(session: Session, options: VerifyOptions, id: string): Promise<number> {
  const { client, terminal } = session;
  const what = `could not get the transcript of ${id}`;
  const auction = await getAuction(session, id);
  const params = { id: auction.id };
  const document = await client.ask("transcript", { params }, what);
  const { apiVersion: _, kind: __, ...transcript } = document;
  mustBeAsked(auction.id, transcript.auction, what);
  if (options.save !== undefined) await save(options.save, `${JSON.stringify(document)}\n`);
  const chain = options.chain ?? (await client.ask("node", {}, what)).chain;
  const outcome = await client.ask("outcome", { params }, what);
  return judge(terminal, session.json, transcript, chain, { auction, outcome });
}

/** What a daemon says of the auction beside its transcript. */
interface Claim {
  readonly auction: ReturnType<typeof bare>;
  readonly outcome: ReturnType<typeof bare>;
}

/** A document without what every document has. */
const bare = ({ apiVersion: _, kind: __, ...view }: Readonly<Record<string, unknown>>) => view;

function judge(
  terminal: Terminal,
  json: boolean,
  view: TranscriptView,
  chain: string,
  claim: Claim | null,
): number {
  const verified = verifyTranscript(transcriptFromView(view), fromHex(chain)!, new SignatureVerifier());
  const checks = [
    ...verified.checks.map((one) => ({ ...one, name: String(one.name) })),
    ...claimCheck(verified, claim),
  ];
  const ok = verified.ok && checks.every((one) => one.ok);
  const outcome = outcomeOf(verified);
  if (json) {
    const { byzantineTolerance } = verified;
    terminal.out(
      JSON.stringify({ apiVersion: "v1", kind: "Verification", ok, checks, outcome, byzantineTolerance }),
    );
  } else tell(terminal, checks, ok ? outcome : null);
  if (verified.byzantineTolerance === 0)
    terminal.err("warning: this quorum tolerates no liar: one dishonest member could have made another log");
  if (ok) return EXIT.ok;
  const failed = checks.find((one) => !one.ok)!;
  const fix = "take the transcript from another peer; trust the outcome only when it verifies";
  throw new CliFailure(
    EXIT.verification,
    "VERIFICATION_FAILED",
    `the check ${failed.name} failed`,
    failed.detail,
    fix,
  );
}

/** Whether the daemon's own account agrees, field by field, with what its transcript proves. */
function claimCheck({ proven }: Verification, claim: Claim | null) {
  if (proven === null || claim === null) return [];
  const shown = { auction: proven.auction, commits: proven.commits, clock: newClock() };
  // Whether its ledger still holds the rows is the daemon's own affair: no proof tells of it.
  const forgotten = claim.auction.forgotten === true;
  const differs =
    difference(auctionView(shown, forgotten), bare(claim.auction)) ??
    difference(outcomeView(shown) ?? {}, bare(claim.outcome));
  return [{ name: "claim", ok: differs === null, detail: differs ?? "the daemon says the same" }];
}

const outcomeOf = ({ outcome }: Verification) =>
  outcome && {
    ...outcome,
    awards: outcome.awards.map(awardOf),
    clearingPrice: outcome.clearingPrice === null ? null : String(outcome.clearingPrice),
    burned: String(outcome.burned),
  };

function tell(
  terminal: Terminal,
  checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[],
  outcome: ReturnType<typeof outcomeOf>,
): void {
  const paint = painter(terminal);
  labelled(
    terminal,
    checks.map(
      (one) => [one.name, `${one.ok ? paint.green("ok") : paint.red("FAILED")}  ${one.detail}`] as const,
    ),
  );
  if (outcome === null) return;
  terminal.out("");
  labelled(terminal, [
    ["Auction", outcome.auction],
    ["Outcome", outcome.phase === "done" ? "sold" : outcome.phase],
    ...saleRows(outcome),
    ["Burned", outcome.burned === "0" ? null : `${creditsOf(outcome.burned)} credits`],
    ["Bids", String(outcome.bids)],
    [
      "Passed over",
      outcome.passedOver === 0 ? null : `${outcome.passedOver} bids or terms are not as they were signed`,
    ],
  ]);
}

/** @throws CliFailure: not found, or 9 for a file that is no transcript */
function readTranscript(file: string): TranscriptView {
  const what = `could not verify ${file}`;
  const again = "take a transcript anew with `mabeam auction verify <id> --save <file>`";
  const flawed = (why: string) => new CliFailure(EXIT.verification, "TRANSCRIPT_MALFORMED", what, why, again);
  let text: string;
  try {
    // A saved one ends its line.
    if (statSync(file).size > MAX_TRANSCRIPT_BYTES + 1) throw tooLarge(what);
    text = readText(file);
  } catch (error) {
    if (error instanceof ApiFailure) throw error;
    if (error instanceof EncodingError) throw flawed(`the check format failed: ${error.why}`);
    throw new CliFailure(
      EXIT.notFound,
      "FILE_UNREADABLE",
      what,
      messageOf(error),
      "name a transcript's file",
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw flawed(`the check format failed: ${messageOf(error)}`);
  }
  if (squeezed(text) !== squeezed(JSON.stringify(json)))
    throw flawed("the check format failed: a key stands twice, or a text is escaped");
  const parsed = transcriptFile.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw flawed(`the check format failed: ${issue.path.join(".")}: ${issue.message}`);
}

/** JSON without the blanks between its parts; a transcript's own texts have none. */
const squeezed = (text: string): string => text.replace(/[ \t\r\n]+/g, "");

/** A transcript's document, or the bare transcript. */
const transcriptFile = transcriptDocument
  .transform(({ apiVersion: _, kind: __, ...transcript }) => transcript)
  .or(transcriptView);
