import { containerProvider, exec, image, originOf, outsideProvider, route, service, type Provider, type Resource } from "@jlam/compose-dsl";

/** Catches every mail and shows it on a page; nothing leaves the machine. */
export function mailCatcher<const N extends string>(mail: Resource<"mail", N>): Provider<Resource<"mail", N>> {
  const catcher = service(`mail-${mail.name}`, {
    owner: mail.owner,
    zone: "operations",
    holds: "mail",
    image: image("maildev", "docker.io/maildev/maildev:3.0.0"),
    ports: { smtp: 1025, http: 1080 },
    health: exec(["node", "--version"], { interval: "10s" }),
    resources: { memory: "128M", cpus: 0.25 },
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

/** A mail server outside, with TLS from the first byte. */
export function smtp<const N extends string>(
  mail: Resource<"mail", N>,
  options: { readonly host: string; readonly port: number; readonly from: string },
): Provider<Resource<"mail", N>> {
  return outsideProvider(
    mail,
    { host: options.host, port: options.port, tls: { kind: "verify-full", certificateAuthority: "public" }, passwords: "theirs", user: () => "jlam", facts: { from: options.from } },
    originOf(smtp),
  );
}
