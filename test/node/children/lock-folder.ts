// Takes a folder's lock and holds it until killed: prints `held`, or `refused` with the pid it was told.
import { LockError, lockFolder } from "../../../node/lock.js";

const [path] = process.argv.slice(2);
try {
  await lockFolder(path!);
  process.stdout.write(`held ${process.pid}\n`);
  setInterval(() => {}, 1000);
} catch (error) {
  if (!(error instanceof LockError)) throw error;
  process.stdout.write(`refused ${error.code} ${/process (\d+)/.exec(error.why)?.[1]}\n`);
}
