import { mail } from "@jlam/compose-dsl";
import { mailCatcher } from "@jlam/mail";
import { createTransport } from "nodemailer";
import { beforeAll, describe, expect, test } from "vitest";
import { imageOnThisMachine, startProvided, type RunningService } from "./provided-service.ts";

const provider = mailCatcher(mail("outgoing", { owner: "platform" }));
const node = provider.services[0];
const image = node && (await imageOnThisMachine(node));

describe.skipIf(image === undefined)(`MailDev in a container (${image ?? "no image on this machine"})`, () => {
  let server: RunningService;

  beforeAll(async () => {
    server = await startProvided(provider, image ?? "");
    return () => server.stop();
  }, 150_000);

  test("a mail that is sent appears on the page, with its attachment", async () => {
    const transport = createTransport({ host: server.host, port: 1025, secure: false, connectionTimeout: 5_000 });
    await transport.sendMail({
      from: "JLAM <noreply@jlam.localhost>",
      to: "lid@example.org",
      subject: "Welkom",
      text: "Fijn dat u er bent.",
      attachments: [{ filename: "plan.txt", content: "eet groente" }],
    });
    transport.close();
    const response = await fetch(`http://${server.host}:1080/api/email`);
    expect(JSON.stringify(await response.json())).toMatch(/Welkom.*plan\.txt/);
  });

  test("what a mail says is not in the log", async () => {
    expect(await server.logs()).not.toMatch(/Fijn dat u|groente/);
  });
});
