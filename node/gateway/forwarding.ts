// A call that takes nothing of the key's limits goes through at once.
import { messageOf } from "../accident.js";
import { write } from "./answering.js";
import type { Exchange } from "./exchange.js";
import { upstreamDown } from "./faults.js";
import { fieldsDown } from "./fields.js";
import type { Place } from "./place.js";

export async function forward(
  { upstream, key, clock }: Place,
  exchange: Exchange,
  body: Uint8Array,
): Promise<void> {
  const { response } = exchange;
  try {
    const incoming = await upstream.send(exchange.outgoing(key, body));
    response.writeHead(
      incoming.status,
      fieldsDown(incoming.fields, () => false),
    );
    await incoming.body.each((chunk) => write(response, chunk, clock));
    response.end();
  } catch (error) {
    if (response.headersSent || exchange.isGone) response.destroy();
    else exchange.refuse(upstreamDown(messageOf(error)));
  }
}
