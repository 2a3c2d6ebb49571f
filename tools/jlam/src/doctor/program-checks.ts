/** Programs beside the engine. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isInstalled } from "../machine/packages.ts";
import { ok, problem, warning, type Finding } from "./finding.ts";

/** The Node that runs this, against the one that the repository names. */
export function checkNode(root: string): Finding {
  const wanted = readFileSync(join(root, ".node-version"), "utf8").trim();
  const [major] = wanted.split(".");
  return process.version.startsWith(`v${major ?? ""}.`)
    ? ok("node", process.version)
    : problem("node", `${process.version} runs this, and ${wanted} is wanted`, "Start `./jlam`, which finds or installs the right one.");
}

const browsers = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** A browser for the tests of pages. */
export function checkBrowser(): Finding {
  const found = browsers.find(isInstalled);
  return found === undefined
    ? warning("browser", "there is no Chromium, which the tests of pages need", "Debian: `apt-get install chromium`. Elsewhere: `npx playwright install chromium`.")
    : ok("browser", found);
}
