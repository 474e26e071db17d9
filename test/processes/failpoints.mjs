// Failpoints: loaded into a peer's process before its program (NODE_OPTIONS=--import), and nowhere else to be found.
// MABEAM_FAILPOINT=<where>:<what>[:<n>] ends the process by SIGKILL at the n-th batch of writes that holds <what>, counted
// from its start, or from a SIGUSR2 where MABEAM_FAILPOINT_ARMED=later;
// MABEAM_BLACK_BOX=<file> writes down, before it leaves the process, everything that this member signs.
//   where: before   nothing of the batch is written
//          guard    only the sign guard is
//          batch    all of it is on the disk, and nothing was said
//          sending  half of what was to be said then has gone
//          sent     all of it has gone
import { appendFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

/** Time for what was handed to the sockets to leave them. */
const FLUSH_MS = 25;
const NEVER = new Promise(() => {});

const { MABEAM_FAILPOINT: wish = "", MABEAM_FAILPOINT_ARMED: when, MABEAM_BLACK_BOX: box = "" } = process.env;

if (isMainThread && (wish !== "" || box !== "") && /peer-main|main\.js/.test(process.argv[1] ?? "")) {
  const { Driver } = await import(new URL("../../dist/node/driver.js", import.meta.url).href);
  const signed = box === "" ? null : await readers();
  const start = Driver.prototype.start;
  Driver.prototype.start = function (...given) {
    if (signed !== null) void noteFound(this.parts.store, signed);
    this.parts = wired(this.parts, signed);
    return start.apply(this, given);
  };
}

/** The driver's parts with a trap in the store and the transport, and an ear at both. */
function wired(parts, signed) {
  const [where, what, nth = "1"] = wish.split(":");
  let left = wish === "" || when === "later" ? 0 : Number(nth);
  if (when === "later") {
    process.on("SIGUSR2", () => {
      left = Number(nth);
    });
  }
  let sprung = null;
  let dead = false;
  const { store, transport } = parts;
  const die = () => process.kill(process.pid, "SIGKILL");
  return {
    ...parts,
    store: {
      async write(writes) {
        if (dead) return NEVER;
        const hit = left > 0 && kindsOf(writes).has(what) && --left === 0;
        if (hit && where === "before") die();
        if (hit && where === "guard") {
          await store.write(writes.filter((one) => one.kind === "guard"));
          die();
        }
        await store.write(writes);
        if (box !== "") for (const one of writes) note("kept", signed.inRow(one));
        if (hit && where === "batch") die();
        if (hit) sprung = where;
      },
    },
    transport: {
      send(outgoing) {
        if (dead) return;
        const said = sprung === "sending" ? halfOf(outgoing) : outgoing;
        if (box !== "") for (const { message } of said) note("said", signed.inMessage(message));
        transport.send(said);
        if (sprung === null) return;
        dead = true;
        setTimeout(die, FLUSH_MS);
      },
    },
  };
}

/**
 * A kill between a batch and its note leaves rows on the disk that no life has noted as kept: this one finds them, in a
 * snapshot from before its first step, and may say them again.
 */
async function noteFound(store, signed) {
  for await (const { key, value } of store.range({ gte: "quorum/own/", lt: "quorum/own0" })) {
    note("kept", signed.inRow({ kind: "put", key, value }));
  }
}

/** What a batch makes durable, by the persistence points of spec/persistence#points. P1 is part of P6: a certificate's term. */
function kindsOf(writes) {
  const kinds = new Set();
  for (const { kind, key = "" } of writes) {
    if (kind !== "put") continue;
    const row = /^quorum\/(own|cert)\/\d+\/(\w+)$/.exec(key);
    if (row !== null) kinds.add(row[1] === "own" ? row[2] : `${row[2]}Cert`);
    if (key.startsWith("log/")) kinds.add("final");
    if (key.startsWith("own/operation/")) kinds.add("operation");
  }
  return kinds;
}

/** To two of the seats what was for all members, or the first of the messages. */
function halfOf([first, ...rest]) {
  if (first?.to !== "members") return rest.length === 0 ? [] : [first];
  return [0, 1].map((seat) => ({ to: "seat", seat, message: first.message }));
}

function note(how, found) {
  if (found !== null) appendFileSync(box, `${JSON.stringify({ how, ...found })}\n`);
}

/** What was signed, as it is found in a row of one's own, and in a message. */
async function readers() {
  const built = (path) => import(new URL(`../../dist/src/${path}`, import.meta.url).href);
  const { decode } = await built("base/index.js");
  const { entryIdOf, vote } = await built("quorum/log/message.js");
  const { ownProposalRow } = await built("quorum/log/rows.js");
  const hex = (bytes) => Buffer.from(bytes).toString("hex");
  const read = (codec, bytes) => decode(codec, bytes, bytes.length).value;
  return {
    inRow({ kind, key = "", value }) {
      const row = /^quorum\/own\/0*(\d+)\/(\w+)$/.exec(key);
      if (kind !== "put" || row === null) return null;
      const { entryId } = read(row[2] === "propose" ? ownProposalRow : vote, value);
      return { type: row[2], term: Number(row[1]), id: hex(entryId) };
    },
    inMessage(message) {
      if (message?.kind === "vote") {
        const { type, term, entryId } = message.vote;
        return { type, term, id: hex(entryId) };
      }
      if (message?.kind !== "propose") return null;
      const { header } = message.propose.entry;
      return { type: "propose", term: header.term, id: hex(entryIdOf(header)) };
    },
  };
}
