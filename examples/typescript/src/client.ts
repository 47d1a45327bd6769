// Speaks to the API: each operation with its types, and again under the same idempotency key where no answer came.
import { setTimeout as sleep } from "node:timers/promises";

/** An operation with the types of its answer and its variables. */
export interface Operation<Answer, Variables> {
  kind: "query" | "mutation";
  text: string;
  /** Never there: ties the types to the operation. */
  types?: (variables: Variables) => Answer;
}

interface ApiError {
  message: string;
  extensions?: { code?: string; argument?: string; retryAfter?: number };
}

/** The API refused an operation, by the code that it gives. */
export class Refused extends Error {
  constructor(readonly code: string, message: string) {
    super(`${code}: ${message}`);
  }
}

/** Why an attempt is made again. */
class Again extends Error {
  constructor(message: string, readonly seconds = 0) {
    super(message);
  }
}

/** What passes by itself. Everything else stays as it is, however often it is sent. */
const PASSING = ["STORAGE_UNAVAILABLE", "TIMEOUT", "RATE_LIMITED", "IDEMPOTENCY_IN_FLIGHT"];

export interface Settings {
  url: string;
  token: string;
  /** Why you ask: some reads need it, and it stands in the access record. */
  reason?: string;
  attempts?: number;
  timeoutSeconds?: number;
  /** The network; another one in tests. */
  fetch?: typeof fetch;
}

export class Client {
  constructor(private readonly settings: Settings) {}

  /**
   * The answer to an operation. A mutation is sent again without fear: under its idempotency key it happens once, and who
   * did not hear the answer is answered the same again. So make the key first, keep it, and only then send.
   */
  async ask<Answer, Variables>(operation: Operation<Answer, Variables>, variables: Variables): Promise<Answer> {
    const { attempts = 6 } = this.settings;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.once(operation, variables);
      } catch (error) {
        if (!(error instanceof Again) || attempt >= attempts) throw error;
        const patience = Math.min(30, 0.2 * 2 ** attempt) * (0.5 + Math.random());
        await sleep(1000 * Math.max(patience, error.seconds));
      }
    }
  }

  private async once<Answer, Variables>(operation: Operation<Answer, Variables>, variables: Variables) {
    const { url, token, reason, timeoutSeconds = 15, fetch: send = fetch } = this.settings;
    let status: number;
    let body: { data?: Answer | null; errors?: ApiError[] };
    try {
      const answer = await send(url, {
        method: "POST",
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          accept: "application/graphql-response+json, application/json",
          ...(reason && { "x-access-reason": reason }),
        },
        body: JSON.stringify({ query: operation.text, variables }),
        signal: AbortSignal.timeout(1000 * timeoutSeconds),
      });
      status = answer.status;
      body = (await answer.json()) as typeof body;
    } catch (error) {
      // whether it was done is not known: that is what the key is for
      throw new Again(`no answer: ${error}`);
    }
    const error = body.errors?.[0];
    if (error) {
      const { code = "UNKNOWN", retryAfter } = error.extensions ?? {};
      if (PASSING.includes(code)) throw new Again(code, retryAfter);
      throw new Refused(code, error.message);
    }
    if (status >= 500 || !body.data) throw new Again(`status ${status}`);
    return body.data;
  }
}

/** A network that loses so many answers to mutations after the server has given them: what was done is done. */
export function losing(answers: number, inner: typeof fetch = fetch): typeof fetch {
  return async (url, init) => {
    const answer = await inner(url, init);
    if (answers > 0 && String(init?.body).includes("mutation")) {
      answers--;
      await answer.text();
      throw new TypeError("the answer was lost");
    }
    return answer;
  };
}
