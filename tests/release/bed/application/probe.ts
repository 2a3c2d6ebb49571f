/** Exits 0 where the URL that it is given answers 2xx. */
const [url = ""] = process.argv.slice(2);
process.exit((await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined))?.ok === true ? 0 : 1);
