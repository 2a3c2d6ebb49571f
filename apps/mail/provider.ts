/** Who can take our mail: a catcher that shows it on a page, or a mail server that delivers it. */
import { containerProvider, exec, image, originOf, outsideProvider, port, route, service, type Provider, type Resource } from "@jlam/compose-dsl";

const maildevImage = image("maildev", "docker.io/maildev/maildev:3.0.0");

const ports = { smtp: 1025, http: 1080 } as const;

/** Catches every mail and shows it on a page; nothing leaves the machine, and nothing outlives the container. */
export function mailCatcher<const N extends string>(mail: Resource<"mail", N>): Provider<Resource<"mail", N>> {
  const catcher = service(`mail-${mail.name}`, {
    owner: mail.owner,
    zone: "operations",
    holds: "mail",
    image: maildevImage,
    ports,
    health: exec(["wget", "-q", "-O", "/dev/null", `http://127.0.0.1:${ports.http}/api/healthz`], { interval: "5s" }),
    // When there are more, the oldest goes.
    settings: { MAILDEV_SMTP_PORT: port("smtp"), MAILDEV_WEB_PORT: port("http"), MAILDEV_IP: "0.0.0.0", MAILDEV_MAX_EMAILS: 500 },
    // Attachments are written there before they are shown.
    tmpfs: { "/tmp": "64M" },
    // Others wait for it to be healthy, and Node takes a quarter of a processor for ten seconds to start.
    resources: { memory: "192M", cpus: 0.5 },
  });
  return containerProvider(
    mail,
    {
      service: catcher,
      endpoint: catcher.ports.smtp,
      routes: [route(catcher.ports.http, { host: "mail", openBecause: "a catcher on this machine, for whoever sits at it" })],
      facts: { from: "JLAM <noreply@jlam.localhost>" },
    },
    originOf(mailCatcher),
  );
}

/**
 * A mail server outside. TLS from the first byte (port 465, RFC 8314), with a certificate that every system knows:
 * STARTTLS on 587 can be stripped by whoever sits between. `user` is the login, at Scaleway the project's id.
 */
export function smtp<const N extends string>(
  mail: Resource<"mail", N>,
  options: { readonly host: string; readonly port: number; readonly user: string; readonly from: string },
): Provider<Resource<"mail", N>> {
  return outsideProvider(
    mail,
    {
      host: options.host,
      port: options.port,
      tls: { kind: "verify-full", certificateAuthority: "public" },
      passwords: "theirs",
      user: () => options.user,
      facts: { from: options.from },
    },
    originOf(smtp),
  );
}
