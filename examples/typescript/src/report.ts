// Gives a report that your agency is asked for: draft, submit, receipt, feed. Tells each step as a line of JSON.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Client, losing } from "./client.js";
import * as api from "./generated.js";
import { check, fingerprint, type Keys } from "./receipt.js";
import { State } from "./state.js";
import { field, inWords } from "./withheld.js";

const { values: args } = parseArgs({
  options: {
    url: { type: "string", default: process.env.QUORATE_URL ?? "http://127.0.0.1:8080/graphql" },
    report: { type: "string", default: "../report.json" },
    state: { type: "string", default: "report-state.json" },
    // answers to mutations that get lost on the way, to see that nothing is done twice
    lose: { type: "string", default: "0" },
  },
});
const token = process.env.QUORATE_TOKEN;
if (!token) throw new Error("set QUORATE_TOKEN to a token of your agency");

type Content = Omit<api.SaveConferenceReportDraftInput, "idempotencyKey" | "reportRequestId" | "dryRun">;
const content = JSON.parse(readFileSync(args.report, "utf8")) as Content;
const state = new State(args.state);
const client = new Client({ url: args.url, token, fetch: losing(Number(args.lose)), reason: "Writing our report" });
const tell = (step: string, what: object) => console.log(JSON.stringify({ step, ...what }));

/** The findings of a write: what the caller can put right. */
function done<T>(written: T | null, userErrors: { field: string; code: string; message: string }[]): T {
  if (written) return written;
  throw new Error(userErrors.map((each) => `${each.field}: ${each.message} (${each.code})`).join("\n"));
}

const { viewer } = await client.ask(api.Me, {});
const authorId = viewer.practitioner?.id;
if (!authorId) throw new Error("this token is a system's: name the author yourself");

// what is due soon comes first
let request: api.RequestFragment | undefined;
for (const status of ["DUE", "OPEN"] as const) {
  request ??= (await client.ask(api.OpenRequests, { status })).reportRequests.nodes[0];
}
if (!request?.child) throw new Error("nothing is asked of your agency");
const { child } = request;
tell("request", {
  id: request.id,
  dueAt: request.dueAt,
  // three states, not two: "withheld" is not "there is none"
  nhsNumber: field(child, "nhsNumber", "IDENTITY").state,
  firstLanguage: inWords(field(child, "firstLanguage", "IDENTITY")),
  legalStatus: inWords(field(child, "legalStatus", "LEGAL")),
});

// from now on in the feed, before anything is done
const before = await follow(state.cursor, state.cursor === null);

const saved = await client.ask(api.SaveDraft, {
  input: { ...content, idempotencyKey: state.key(`draft ${request.id}`), reportRequestId: request.id },
});
const draft = done(saved.saveConferenceReportDraft.conferenceReport, saved.saveConferenceReportDraft.userErrors);
tell("draft", { id: draft.id, revision: draft.revision, missing: draft.missing.map((each) => each.code) });

const sent = await client.ask(api.SubmitDraft, {
  input: {
    idempotencyKey: state.key(`submit ${request.id}`),
    conferenceReportId: draft.id,
    expectedRevision: draft.revision,
  },
});
const { conferenceReport, userErrors } = sent.submitConferenceReportDraft;
const report = done(conferenceReport, userErrors);
tell("submitted", { id: report.id, state: report.state, version: report.version });

// the keys are public and seldom change: fetch them once and keep them
const keys = (await (await fetch(args.url.replace("/graphql", "/receipts/keys"))).json()) as Keys;
const submitted = { ...content, reportRequestId: request.id, authorId } as Parameters<typeof check>[2];
const receipt = check(report.receipt?.token ?? "", keys, submitted);
tell("receipt", { sha256: receipt.sha256, says: receipt.says, same: receipt.sha256 === fingerprint(submitted) });

state.cursor = await follow(before, false);

/** Reads the feed from a cursor to its end; answers where to go on. Each event comes once, in order, without gaps. */
async function follow(after: string | null, isPast: boolean): Promise<string | null> {
  for (;;) {
    const { events } = await client.ask(api.Feed, { after });
    // where nothing was read before, the past is passed over
    for (const event of isPast ? [] : events.nodes) {
      tell("event", { kind: event.kind, conferenceReport: event.conferenceReport?.id ?? null });
    }
    after = events.pageInfo.endCursor ?? after;
    if (!events.pageInfo.hasNextPage) return after;
  }
}
