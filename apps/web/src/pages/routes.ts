import type { FastifyInstance } from "fastify";
import { z } from "zod";

import type { SiteMessage } from "../database/site-message.ts";
import type { Assets } from "../http/assets.ts";
import { PageError } from "../http/page-error.ts";
import { DEFAULT_DISPLAY, displaySchema } from "../sessions/session.ts";
import type { Display } from "../sessions/session.ts";
import type { Visitors } from "../sessions/visitor.ts";
import type { SignInParts } from "../sign-in/routes.ts";
import { DISPLAY_PATH } from "./display-form.ts";
import { landingPage } from "./landing-page.ts";

/** What pages are made from. */
export interface PageParts {
  readonly assets: Assets;
  readonly visitors: Visitors;
  readonly siteMessage: () => Promise<SiteMessage | undefined>;
  /** Undefined where nobody can sign in. */
  readonly signIn: SignInParts | undefined;
}

const displayFormSchema = displaySchema.extend({ token: z.string().optional() });

const isDefault = (display: Display): boolean =>
  display.textSize === DEFAULT_DISPLAY.textSize && display.contrast === DEFAULT_DISPLAY.contrast;

/**
 * Adds the page that the site begins with. It belongs where answers get an ETag: without a session it is the same for
 * everybody, so that a browser which has it asks and gets 304. With one it holds a form token, which is never the same.
 */
export function addLandingPage(application: FastifyInstance, parts: PageParts): void {
  application.get("/", async (request, reply) => {
    const [session, message] = await Promise.all([parts.visitors.current(request), parts.siteMessage()]);
    const text = landingPage({
      assets: parts.assets,
      message,
      display: session?.data.display ?? DEFAULT_DISPLAY,
      formToken: parts.visitors.formToken(session),
      signedIn: parts.signIn === undefined ? undefined : session?.data.member !== undefined,
    });
    return reply.header("cache-control", "private, no-cache").type("text/html; charset=utf-8").send(text);
  });
}

/** Adds where the choice of display is sent to. */
export function addDisplayForm(application: FastifyInstance, parts: PageParts): void {
  application.post(DISPLAY_PATH, async (request, reply) => {
    const form = displayFormSchema.safeParse(request.body);
    if (!form.success) throw new PageError(400);
    const { token, textSize, contrast } = form.data;
    const session = await parts.visitors.current(request);
    parts.visitors.requireFormToken(session, token);
    const display = { textSize, contrast };
    await parts.visitors.keep(request, reply, {
      ...session?.data,
      display: isDefault(display) ? undefined : display,
    });
    // Back to where the form is, so that what was chosen is in sight.
    return reply.redirect("/#weergave", 303);
  });
}
