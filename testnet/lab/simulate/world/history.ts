// A fingerprint of everything that happened, in its order: two runs of one seed have the same.
import type { Ready } from "../../../../src/peer/ready.js";

export class HistoryHash {
  private a = 0x811c9dc5;
  private b = 0x9e3779b9;

  /** What a host did, as far as it became durable and audible. */
  ready(host: number, nowMs: number, ready: Ready, sent: number): void {
    this.number(host);
    this.number(nowMs * 1000);
    for (const write of ready.persist) {
      if (write.kind === "guard") this.bytes(write.record);
      else {
        this.text(write.key);
        if (write.kind === "put") this.bytes(write.value);
      }
    }
    for (const outgoing of ready.send)
      this.text(outgoing.to === "topic" ? outgoing.topic : outgoing.message.kind);
    for (const notice of ready.notify) this.text(notice.kind);
    this.number(sent);
    this.number(ready.wakeAt ?? 0);
  }

  /** What reached a host. */
  arrival(host: number, nowMs: number, kind: string): void {
    this.number(host);
    this.number(nowMs * 1000);
    this.text(kind);
  }

  /** 16 hexadecimal digits. */
  digest(): string {
    const word = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");
    return word(this.a) + word(this.b);
  }

  private number(value: number): void {
    this.mix(value | 0);
    this.mix((value / 0x100000000) | 0);
  }

  private text(value: string): void {
    for (let i = 0; i < value.length; i++) this.mix(value.charCodeAt(i));
  }

  private bytes(value: Uint8Array): void {
    this.mix(value.length);
    // Rows are long and mostly hashes: every seventh byte tells two of them apart.
    for (let i = 0; i < value.length; i += 7) this.mix(value[i]!);
  }

  private mix(word: number): void {
    this.a = Math.imul(this.a ^ word, 0x01000193);
    this.b = Math.imul(this.b ^ this.a ^ (this.b >>> 15), 0x85ebca6b);
  }
}
