/** What the mail catcher caught, asked as its own page does. */
import { z } from "zod";
import { until } from "../stack/until.ts";
import { originOf } from "./environment.ts";
import { browserOf, type Given } from "./running.ts";

const mails = z.array(z.object({ subject: z.string(), html: z.string().nullish(), text: z.string().nullish(), to: z.array(z.object({ address: z.string() })) }));

export interface Mail {
  readonly subject: string;
  readonly text: string;
  /** Addresses that the mail leads to. */
  readonly links: readonly URL[];
}

/** The first mail to an address. Waited for up to three minutes: the worker sends it behind everything that events ask of it. */
export async function mailTo(given: Given, address: string): Promise<Mail> {
  const { answer } = await until(
    async () => mails.parse(JSON.parse((await browserOf(given).ask(`${originOf("mail")}/api/email`)).text)).find(({ to }) => to.some((recipient) => recipient.address === address)),
    (mail) => mail !== undefined,
    180_000,
  );
  const html = answer?.html ?? "";
  const links = [...html.matchAll(/href="([^"]+)"/g)].map(([, href = ""]) => new URL(href.replaceAll("&amp;", "&")));
  return { subject: answer?.subject ?? "", text: `${html.replaceAll(/<style.*?<\/style>/gs, "").replaceAll(/<[^>]+>/g, " ")} ${answer?.text ?? ""}`.replaceAll(/\s+/g, " "), links };
}
