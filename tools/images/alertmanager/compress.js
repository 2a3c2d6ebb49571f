/**
 * Writes each file's gzip and Brotli forms beside it: Alertmanager serves its page from these, as its own build makes
 * them. Fonts in WOFF are compressed already, and served as they are. `node compress.js <folder>`
 */
const { readdirSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { brotliCompressSync, gzipSync } = require("node:zlib");

const folder = process.argv[2];
const files = readdirSync(folder, { recursive: true }).filter((name) => /\.(css|eot|html|ico|js|svg|ttf)$/.test(name));
for (const name of files) {
  const content = readFileSync(join(folder, name));
  writeFileSync(join(folder, `${name}.gz`), gzipSync(content));
  writeFileSync(join(folder, `${name}.br`), brotliCompressSync(content));
}
