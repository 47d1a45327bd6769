// A server that speaks the protocol of S3 with one bucket, `reports`: bucket.mjs FOLDER
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.QUORATE_CLIENTS_DIR, "package.json"));
const S3rver = require("s3rver");

const server = new S3rver({
  address: "127.0.0.1",
  port: 0,
  silent: true,
  directory: process.argv[2],
  configureBuckets: [{ name: "reports" }],
});
const { port } = await server.run();
console.log(JSON.stringify({ type: "ready", port }));
process.stdin.on("end", () => process.exit(0)).resume();
