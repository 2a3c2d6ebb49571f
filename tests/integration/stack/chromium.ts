/** Chromium before the tested environment. */
import { join } from "node:path";
import { chromiumMissing, launchChromium, servedKey as keyServedBy } from "@jlam/test-browser/chromium";
import type { Browser } from "playwright-core";
import { inject } from "vitest";
import { repositoryRoot } from "../../../tools/jlam/src/synth/platform.ts";
import { domain, httpsPort } from "./https.ts";

/** Where tests leave their screenshots. */
export const artefacts = join(repositoryRoot, ".jlam", "artifacts");

/** Why there is no browser; undefined where there is one. With JLAM_REQUIRE_ALL=1 the tests run, and fail. */
export const browserMissing = process.env["JLAM_REQUIRE_ALL"] === "1" ? undefined : chromiumMissing;

/** The public key of the certificate that is served, which this browser is told to accept. */
export const servedKey = async (): Promise<string> => await keyServedBy({ domain, port: httpsPort, authority: inject("authority") });

/** Starts it. Close it. */
export const launch = async (key: string): Promise<Browser> => await launchChromium(domain, key);
