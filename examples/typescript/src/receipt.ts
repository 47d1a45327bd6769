// Checks the receipt of a report with the public keys alone, without asking anybody.
import { createHash, createPublicKey, verify, type JsonWebKey } from "node:crypto";

/** What a receipt says. */
export interface Receipt {
  /** The id of the report. */
  jti: string;
  /** When it was submitted, in seconds since 1970. */
  iat: number;
  reportRequest: string;
  version: number;
  dueAt: number;
  /** SHA-256 of what was submitted. */
  sha256: string;
  /** How that stood to the day it was due. */
  says: string;
}

export type Keys = { keys: (JsonWebKey & { kid: string })[] };

/** What was submitted, with what the server filled in. */
export interface Submitted {
  reportRequestId: string;
  authorId: string;
  template?: { code: string; version: number } | null;
  answers?: object[];
  chronology?: object[];
  restrictedItems?: { readers?: object[]; [field: string]: unknown }[];
  [field: string]: unknown;
}

/** JSON in its canonical form (RFC 8785): names in order, no space. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const fields = value as Record<string, unknown>;
    const names = Object.keys(fields).sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(fields[name])}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

const isEmpty = (value: unknown) =>
  value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

const without = (fields: object) => Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)));

/** The SHA-256 that the receipt must name: over the content as it was sent, what was left out left out. */
export function fingerprint({ template, answers = [], chronology = [], restrictedItems = [], ...content }: Submitted): string {
  const defaults = { precision: "DAY", thirdParty: false, locates: false };
  const all = without({
    ...content,
    answers: answers.map((answer) => Object.fromEntries(Object.entries(without(answer)).filter(([, value]) => value !== false))),
    chronology: chronology.map((line) => ({ ...defaults, ...without(line) })),
    restrictedItems: restrictedItems.map(({ readers = [], ...item }) =>
      without({ thirdParty: false, ...without(item), readers: readers.map(without) }),
    ),
    template: template?.code ?? "GENERAL",
    templateVersion: template?.version ?? 1,
  });
  return createHash("sha256").update(canonical(all)).digest("hex");
}

/** The receipt of a token: a compact JSON web signature (RFC 7515) by Ed25519. Throws where it does not hold. */
export function check(token: string, keys: Keys, submitted: Submitted): Receipt {
  const [head = "", body = "", signature = "", ...more] = token.split(".");
  const plain = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  const { alg, kid } = plain(head) as { alg: string; kid: string };
  const key = keys.keys.find((each) => each.kid === kid);
  if (more.length > 0 || alg !== "EdDSA" || !key) throw new Error("the receipt is signed by no known key");
  const text = Buffer.from(`${head}.${body}`);
  const holds = verify(null, text, createPublicKey({ key, format: "jwk" }), Buffer.from(signature, "base64url"));
  if (!holds) throw new Error("the signature of the receipt does not hold");
  const receipt = plain(body) as Receipt;
  if (receipt.sha256 !== fingerprint(submitted)) throw new Error("the receipt is of another text");
  if (receipt.reportRequest !== submitted.reportRequestId) throw new Error("the receipt answers another request");
  return receipt;
}
