import { file, provided, type DnsProvider, type Secret } from "@jlam/compose-dsl";

/** What Traefik needs to set records at a DNS provider: the names are those that lego, its ACME library, reads. */
interface DnsAccess {
  readonly secrets: Readonly<Record<string, Secret>>;
  readonly settings: Readonly<Record<string, string | ReturnType<typeof file>>>;
}

/** The table of DNS providers; https://go-acme.github.io/lego/dns/ lists the names of each. */
export function dnsAccess(dns: DnsProvider): DnsAccess {
  switch (dns.kind) {
    case "scaleway":
      return {
        secrets: {
          SCW_SECRET_KEY: provided("Scaleway API key that may edit the DNS zone, and nothing else"),
          SCW_PROJECT_ID: provided("Scaleway project of the DNS zone"),
        },
        settings: { SCW_SECRET_KEY_FILE: file("SCW_SECRET_KEY"), SCW_PROJECT_ID_FILE: file("SCW_PROJECT_ID") },
      };
    case "httpreq":
      return {
        secrets: { HTTPREQ_PASSWORD: provided(`Password of ${dns.user} at ${dns.endpoint}, which sets DNS records`) },
        settings: { HTTPREQ_ENDPOINT: dns.endpoint, HTTPREQ_USERNAME: dns.user, HTTPREQ_PASSWORD_FILE: file("HTTPREQ_PASSWORD") },
      };
  }
}
