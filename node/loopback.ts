// Which addresses no other machine can reach.
import { isIP } from "node:net";

/** Whether a host, as a URL or a setting writes it, is this machine and nothing but. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, "");
  if (name === "localhost" || name === "::1") return true;
  return isIP(name) === 4 && name.startsWith("127.");
}
