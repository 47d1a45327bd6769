// Writes src/generated.ts: the types of operations.graphql by the API's schema, and the text of each operation with the
// types of its variables and of its answer. `node generate.mjs [SCHEMA]`
import { readFileSync, writeFileSync } from "node:fs";
import { codegen } from "@graphql-codegen/core";
import * as operations from "@graphql-codegen/typescript-operations";
import { Kind, buildSchema, parse, print, visit } from "graphql";

const schemaFile = process.argv[2] ?? process.env.QUORATE_SCHEMA ?? new URL("../../schema.graphql", import.meta.url);
const schema = parse(readFileSync(schemaFile, "utf8"));
const document = parse(readFileSync(new URL("operations.graphql", import.meta.url), "utf8"));

const config = {
  // enums as unions of their words: what the server adds later breaks nothing that runs
  enumsAsTypes: true,
  enumType: "string-literal",
  namingConvention: "keep",
  onlyOperationTypes: true,
  skipTypename: true,
  scalars: { DateTime: "string", Date: "string", UUID: "string" },
};
const text = await codegen({
  filename: "generated.ts",
  schema,
  schemaAst: buildSchema(print(schema)),
  documents: [{ location: "operations.graphql", document }],
  config,
  pluginMap: { operations },
  plugins: [{ operations: {} }],
});

/** An operation with all fragments that it names. */
function whole(operation) {
  const fragments = document.definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION);
  const named = new Set();
  visit(operation, { FragmentSpread: (spread) => void named.add(spread.name.value) });
  const used = fragments.filter((each) => named.has(each.name.value));
  return [operation, ...used].map(print).join("\n");
}

const ofOperations = document.definitions
  .filter((each) => each.kind === Kind.OPERATION_DEFINITION)
  .map((each) => {
    const kind = each.operation === "mutation" ? "Mutation" : "Query";
    const type = each.name.value + kind;
    return `export const ${each.name.value}: Operation<${type}, ${type}Variables> = {
  kind: ${JSON.stringify(each.operation)},
  text: ${JSON.stringify(whole(each))},
};\n`;
  });
const head = 'import type { Operation } from "./client.js";\n';
writeFileSync(new URL("src/generated.ts", import.meta.url), [head, text, ...ofOperations].join("\n"));
