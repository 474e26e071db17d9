// The version of this program: the package's.
import { existsSync, readFileSync } from "node:fs";

/** package.json lies above the sources and, one folder further up, above dist. */
export const VERSION: string = (() => {
  const candidates = ["../../package.json", "../../../package.json"].map(
    (path) => new URL(path, import.meta.url),
  );
  const file = candidates.find((url) => existsSync(url));
  return file === undefined ? "0.0.0" : JSON.parse(readFileSync(file, "utf8")).version;
})();
