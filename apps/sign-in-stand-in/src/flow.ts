import type { IncomingMessage, ServerResponse } from "node:http";

import type { Account, Accounts } from "./accounts.ts";
import { readForm, sendPage } from "./forms.ts";
import { messagePage, signInPage, signUpPage } from "./pages.ts";
import { FLOW_PATH } from "./provider.ts";
import type { Providers } from "./providers.ts";
import { readSignUp } from "./sign-up.ts";

/** Below the address of the page for signing in, where the cookie of that attempt reaches. */
const SIGN_UP = "account-maken";

/**
 * The pages on which a person signs in, or first makes an account. Each belongs to an attempt that an application
 * began; without its cookie, which no other site's form can send along, they do nothing.
 */
export function createFlow(accounts: Accounts, providers: Providers) {
  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const provider = providers.ofInteraction(url);
    if (provider === undefined) throw new Error("no application began this attempt");
    const { uid, prompt } = await provider.interactionDetails(request, response);
    const address = `${FLOW_PATH}${uid}`;
    if (prompt.name !== "login") return sendPage(response, 400, messagePage("Dit klopt niet", "Hier kun je alleen inloggen."));

    const finish = async (account: Account): Promise<void> =>
      await provider.interactionFinished(request, response, { login: { accountId: account.uuid, remember: false } });

    switch (url.pathname) {
      case address: {
        if (request.method !== "POST") return sendPage(response, 200, signInPage(`${address}/${SIGN_UP}`, false));
        const form = await readForm(request);
        const account = await accounts.check(form.get("username") ?? "", form.get("password") ?? "");
        return account === undefined ? sendPage(response, 403, signInPage(`${address}/${SIGN_UP}`, true)) : await finish(account);
      }
      case `${address}/${SIGN_UP}`: {
        if (request.method !== "POST") return sendPage(response, 200, signUpPage(address));
        const form = await readForm(request);
        const read = readSignUp(form);
        if ("problems" in read) return sendPage(response, 422, signUpPage(address, read.problems, form));
        const account = await accounts.create(read.account);
        const taken = { email: "Dit e-mailadres heeft al een account. Log daarmee in, of gebruik een ander adres." };
        return account === undefined ? sendPage(response, 422, signUpPage(address, taken, form)) : await finish(account);
      }
      default:
        return sendPage(response, 404, messagePage("Deze pagina bestaat niet", "Hier is niets."));
    }
  };
}
