/** TLS of Traefik's dynamic configuration. Labels can't hold it: it belongs in the file provider. */

/** Certificates, named options, and stores. */
export interface TlsConfiguration {
  readonly certificates?: readonly (TlsCertificate & {
    /** Stores that have it. Default: the store "default". */
    readonly stores?: readonly string[];
  })[];
  /** Options by name; "default" holds for every router that names none. */
  readonly options?: Readonly<Record<string, TlsOptions>>;
  /** Traefik reads only the store "default". */
  readonly stores?: { readonly default: TlsStore };
}

/** Paths of a certificate and its key. */
export interface TlsCertificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A client certificate, likewise. */
export type TlsClientCertificate = TlsCertificate;

/** A version of TLS. */
export type TlsVersion = "VersionTLS10" | "VersionTLS11" | "VersionTLS12" | "VersionTLS13";

/**
 * Cipher suites of TLS 1.2 with forward secrecy and authenticated encryption. Traefik knows weaker
 * ones; they are left out on purpose. TLS 1.3's can't be chosen.
 */
export type CipherSuite =
  | "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
  | "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
  | "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
  | "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
  | "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
  | "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256";

/** A group for the key exchange; those with MLKEM hold against quantum computers. */
export type Curve =
  | "X25519MLKEM768" | "SecP256r1MLKEM768" | "SecP384r1MLKEM1024" | "X25519" | "CurveP256" | "CurveP384" | "CurveP521";

/** How a client and Traefik agree on TLS. */
export interface TlsOptions {
  /** Default VersionTLS12. */
  readonly minVersion?: TlsVersion;
  /** Default: the newest; don't set it to keep TLS 1.3. */
  readonly maxVersion?: TlsVersion;
  /** Suites of TLS 1.2. Default: Go's. */
  readonly cipherSuites?: readonly CipherSuite[];
  /** Default: Go's. */
  readonly curvePreferences?: readonly Curve[];
  /** Asks clients for certificates. */
  readonly clientAuth?: {
    /** Paths of the authorities' files. */
    readonly caFiles?: readonly string[];
    readonly clientAuthType:
      | "NoClientCert" | "RequestClientCert" | "RequireAnyClientCert" | "VerifyClientCertIfGiven" | "RequireAndVerifyClientCert";
  };
  /** Whether a name without a certificate gets no handshake instead of the default certificate. Default false. */
  readonly sniStrict?: boolean;
  /** Default h2, http/1.1 and acme-tls/1. */
  readonly alpnProtocols?: readonly string[];
  /** Default false. @since 3.4 */
  readonly disableSessionTickets?: boolean;
}

/** Certificates that routers choose from. */
export interface TlsStore {
  /** For names that no certificate has. Default: one that Traefik signs itself. */
  readonly defaultCertificate?: TlsCertificate;
  /** Gets that certificate by ACME instead. */
  readonly defaultGeneratedCert?: { readonly resolver: string; readonly domain?: TlsDomain };
}

/** Names of a certificate. */
export interface TlsDomain {
  readonly main: string;
  /** Further names; `*.` needs the DNS challenge. */
  readonly sans?: readonly string[];
}
