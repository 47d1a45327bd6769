// What must outlive this process: the idempotency keys of what was begun, and the place in the feed.
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

interface Kept {
  keys: Record<string, string>;
  cursor: string | null;
}

export class State {
  private readonly kept: Kept;

  constructor(private readonly file: string) {
    this.kept = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { keys: {}, cursor: null };
  }

  /** The key of an act: made the first time, and kept before it is used. */
  key(act: string): string {
    const key = (this.kept.keys[act] ??= randomUUID());
    this.keep();
    return key;
  }

  get cursor(): string | null {
    return this.kept.cursor;
  }

  set cursor(cursor: string | null) {
    this.kept.cursor = cursor;
    this.keep();
  }

  private keep() {
    // written beside and moved: a crash leaves the one or the other, never half
    writeFileSync(`${this.file}.new`, JSON.stringify(this.kept, null, 2));
    renameSync(`${this.file}.new`, this.file);
  }
}
