// Writes batch after batch and tells each one only when the store has promised it.
import { openStore } from "../../../node/store/level-store.js";
import { utf8 } from "../../../src/base/index.js";

const [path, first, size] = process.argv.slice(2);
const store = await openStore(path!);
const filling = new Uint8Array(Number(size)).fill(0x61);
process.stdout.write("open\n");
for (let i = Number(first); ; i++) {
  try {
    await store.write([
      { kind: "guard", record: utf8(String(i)) },
      { kind: "put", key: `a/${i}`, value: filling },
      { kind: "put", key: `b/${i}`, value: utf8(String(i)) },
      { kind: "put", key: "seq", value: utf8(String(i)) },
    ]);
  } catch (error) {
    const again = await store
      .write([{ kind: "put", key: "later", value: filling }])
      .catch((later) => later === error);
    process.stdout.write(`failed ${(error as { code: string }).code} ${again}\n`);
    break;
  }
  process.stdout.write(`${i}\n`);
}
