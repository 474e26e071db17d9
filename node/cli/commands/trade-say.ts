// `trade deliver`, `trade accept`, `trade fail`, `trade dispute`: what a party says of a trade.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { messageOf } from "../../accident.js";
import type { Receipt } from "../../contract/index.js";
import { agreed } from "../agreed.js";
import { usageFailure } from "../failure.js";
import type { Session } from "../session.js";
import { creditsOf, short } from "../show.js";
import { giveFile, mustBeFile } from "./goods.js";
import { getTrade } from "./trade-named.js";

export interface ActorOptions {
  readonly agent?: string;
  readonly fee?: string;
}

/** Who acts, as a part of a request. */
export const actorOf = ({ agent, fee }: ActorOptions) => ({
  ...(agent === undefined ? {} : { agent }),
  ...(fee === undefined ? {} : { fee }),
});

interface DeliverOptions extends ActorOptions {
  readonly hash?: string;
  readonly file?: string;
}

export async function deliver(session: Session, options: DeliverOptions, id: string): Promise<void> {
  const what = `could not deliver ${short(id)}`;
  const { file } = options;
  if (options.hash === undefined && file === undefined)
    throw usageFailure(what, "no hash is given", "give --hash, or the file with --file");
  if (file !== undefined) await mustBeFile(file, what);
  const trade = await getTrade(session, id);
  const hash = options.hash ?? (await giveFile(session, trade.id, "output", file!, what)).hash;
  const asking = { params: { id: trade.id }, body: { ...actorOf(options), hash } };
  const receipt = await session.client.ask("deliver", asking, what);
  tell(session, receipt, `${short(trade.id)} is delivered, as ${hash}`);
}

export async function accept(session: Session, options: ActorOptions, id: string): Promise<void> {
  const trade = await getTrade(session, id);
  const what = `could not accept ${short(trade.id)}`;
  const asking = { params: { id: trade.id }, body: actorOf(options) };
  const receipt = await session.client.ask("accept", asking, what);
  tell(session, receipt, `${short(trade.id)} is accepted, and ${short(trade.performer)} is paid`);
}

interface FailOptions extends ActorOptions {
  readonly yes?: true;
}

export async function fail(session: Session, options: FailOptions, id: string): Promise<void> {
  const trade = await getTrade(session, id);
  const params = { id: trade.id };
  const what = `could not give up ${short(trade.id)}`;
  const { quotes } = await session.client.ask("penaltyQuotes", { params }, what);
  const cost = quotes.find(({ condition }) => condition === "failure")!.says;
  await agreed(session.terminal, options, `Give up ${short(trade.id)}? It costs ${cost}.`, what);
  const receipt = await session.client.ask("fail", { params, body: actorOf(options) }, what);
  tell(session, receipt, `${short(trade.id)} is given up, and ${creditsOf(trade.price)} credits return`);
}

interface DisputeOptions extends ActorOptions {
  readonly evidence?: string;
  readonly file?: string;
  readonly bond?: string;
}

export async function dispute(session: Session, options: DisputeOptions, id: string): Promise<void> {
  const what = `could not dispute ${short(id)}`;
  const evidence = await hashOf(options.evidence, options.file, "--evidence", what);
  const trade = await getTrade(session, id);
  const bond = options.bond === undefined ? {} : { bond: options.bond };
  const asking = { params: { id: trade.id }, body: { ...actorOf(options), evidence, ...bond } };
  const receipt = await session.client.ask("dispute", asking, what);
  tell(session, receipt, `${short(trade.id)} is disputed, and the seats judge it`);
}

function tell(session: Session, receipt: Receipt & object, done: string): void {
  session.show(receipt, () =>
    session.terminal.out(`On the way: ${done}; \`trade show\` says so when the log holds it`),
  );
}

/** The hash that was given, or that of the file that was. @throws CliFailure USAGE */
async function hashOf(
  given: string | undefined,
  file: string | undefined,
  option: string,
  what: string,
): Promise<string> {
  if (given !== undefined) return given;
  if (file === undefined)
    throw usageFailure(what, "no hash is given", `give ${option}, or the file with --file`);
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(file), hash);
  } catch (error) {
    throw usageFailure(what, `${file}: ${messageOf(error)}`, "name a file that can be read");
  }
  return hash.digest("hex");
}
