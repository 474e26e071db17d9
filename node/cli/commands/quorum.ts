// `quorum status`, `quorum members`, `quorum log`.
import { logEntryListDocument, memberListDocument, quorumDocument } from "../../api/shape/index.js";
import type { Session } from "../session.js";
import { clock, labelled, painter, short, table } from "../show.js";

export async function status(session: Session): Promise<void> {
  const quorum = await session.client.get("/v1/quorum", quorumDocument, "could not ask for the quorum");
  session.show(quorum, () => {
    labelled(session.terminal, [
      ["Members", `${quorum.members}, of whom ${quorum.quorum} must sign`],
      ["Tolerance", `byzantineTolerance ${quorum.byzantineTolerance}`],
      ["Epoch", String(quorum.epoch)],
      ["Term", `${quorum.term}, led by seat ${quorum.leader}`],
      ["Height", `${quorum.height}, at ledger time ${quorum.ledgerTime}`],
      ["Final", quorum.finalId],
      ["State root", quorum.stateRoot],
      ["This peer", quorum.seat === null ? "has no seat: it follows" : `holds seat ${quorum.seat}`],
    ]);
    const paint = painter(session.terminal);
    if (quorum.halted !== null)
      session.terminal.err(paint.red(`warning: it does not vote (${quorum.halted})`));
  });
}

export async function members(session: Session): Promise<void> {
  const list = await session.client.get(
    "/v1/quorum/members",
    memberListDocument,
    "could not list the members",
  );
  session.show(list, () =>
    table(
      session.terminal,
      ["SEAT", "AGENT", "KEY", "POWER", ""],
      list.items.map((one) => [
        String(one.seat),
        short(one.agent),
        short(one.key),
        String(one.power),
        [one.leads && "leads", one.self && "this peer", one.slashed && "slashed"].filter(Boolean).join(", "),
      ]),
      "There are no members.",
    ),
  );
}

interface PageOptions {
  readonly limit: number;
  readonly cursor?: string;
}

const queryOf = ({ limit, cursor }: PageOptions): URLSearchParams =>
  new URLSearchParams({ limit: String(limit), ...(cursor === undefined ? {} : { cursor }) });

export async function log(session: Session, options: PageOptions): Promise<void> {
  const path = `/v1/quorum/log?${queryOf(options)}`;
  const page = await session.client.get(path, logEntryListDocument, "could not read the log");
  session.show(page, () => {
    table(
      session.terminal,
      ["HEIGHT", "ENTRY", "TERM", "LEADER", "TIME", "OPS", "BYTES", "SIGNED BY"],
      page.items.map((one) => [
        String(one.height),
        short(one.id),
        String(one.term),
        String(one.leader),
        clock(one.time),
        String(one.operations),
        String(one.bytes),
        one.signers === null ? "a descendant" : one.signers.join(" "),
      ]),
      "The log is empty.",
    );
    if (page.nextCursor !== null) session.terminal.err(`More: --cursor ${page.nextCursor}`);
  });
}
