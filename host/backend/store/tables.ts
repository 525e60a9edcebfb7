/**
 * The tables, in four sets that could live in four databases: `crypto_*` (keys; nothing about health), the ROBERT
 * server's (registrations, exposures, contacts), the gateway's (reports and codes) and the administration's. No
 * foreign key crosses from one set to another. Times are NTP seconds, days floor(NTP seconds / 86 400), booleans 0 or 1.
 */

export interface CryptoIdentityTable {
  /** 5 bytes. */
  idA: Uint8Array;
  /** Both wrapped under the key-encryption key: iv 12 | 32 | tag 16. */
  kAuth: Uint8Array;
  kEnc: Uint8Array;
  /** Wrapped alike: keys that a token has sent its share of, and that no request has used yet; null for none. */
  pendingAuth: Uint8Array | null;
  pendingEnc: Uint8Array | null;
  /** Wrapped alike: the K_auth of before the last renewal; null for none. */
  previousAuth: Uint8Array | null;
  /** The last day on which `previousAuth` counts. */
  previousUntilDay: number | null;
}

export interface CryptoServerKeyTable {
  day: number;
  /** iv 12 | 24 | tag 16 */
  wrapped: Uint8Array;
}

export interface CryptoSystemKeyTable {
  name: string;
  wrapped: Uint8Array;
}

export interface RegistrationTable {
  idA: Uint8Array;
  kind: 'phone' | 'token';
  isNotified: number;
  atRisk: number;
  notifiedForCurrentRisk: number;
  outdatedRisk: number;
  lastStatusRequestEpoch: number;
  latestRiskEpoch: number;
  lastContactTimestamp: number;
  lastFailedStatusRequestEpoch: number | null;
  lastFailedStatusRequestMessage: string | null;
  lastTimestampDrift: number | null;
  lastAnsweredRisk: number;
  /** Day of the first retention run after the registration, for those who never ask; not a Registration's business. */
  firstSeenDay: number | null;
}

export interface ExposureTable {
  idA: Uint8Array;
  epoch: number;
  /** 8 random bytes: several contacts of one epoch each keep their score. */
  id: Uint8Array;
  score: number;
}

/** A contact waiting to be validated and scored. Neither an insertion time nor anything of its reporter. */
export interface ContactTable {
  /** 16 random bytes. */
  id: Uint8Array;
  ecc: number;
  ebid: Uint8Array;
  /** See hellos.ts. */
  hellos: Uint8Array;
}

/** The one row that says how full the mixing pool is. */
export interface MixingPoolTable {
  id: 1;
  reports: number;
  /** When the first of these reports came; 0 while the pool is empty. */
  since: number;
}

export interface ReceiptTable {
  /** SHA-256(ticket's enc | report id). */
  id: Uint8Array;
  receipt: Uint8Array;
  expiresDay: number;
}

export interface TicketMarkTable {
  /** SHA-256(ticket's enc). */
  id: Uint8Array;
  highestBatch: number;
  expiresDay: number;
}

export interface CodeTable {
  /** A keyed hash of the code (short) or of its jti (jwt). */
  id: Uint8Array;
  kind: 'short' | 'jwt';
  validFrom: number;
  validUntil: number;
  used: number;
}

export interface WipeTable {
  /** The proof that an erased token will give, 32 bytes. */
  proof: Uint8Array;
  /** Whose keys wait for it; null once they are deleted. */
  idA: Uint8Array | null;
  verified: number;
  expiresDay: number;
}

export interface OperatorTable {
  name: string;
  /** SHA-256 of the credential. */
  credential: Uint8Array;
}

export interface AuditTable {
  seq: number;
  time: number;
  action: string;
  /** JSON of counts and names; never an identifier. */
  detail: string;
  /** HMAC over the entry before and this one. */
  mac: Uint8Array;
}

/** Visits of one day with tokens of one version. */
export interface FleetVisitsTable {
  day: number;
  board: string;
  firmware: string;
  visits: number;
}

export interface Tables {
  cryptoIdentities: CryptoIdentityTable;
  cryptoServerKeys: CryptoServerKeyTable;
  cryptoSystemKeys: CryptoSystemKeyTable;
  registrations: RegistrationTable;
  exposures: ExposureTable;
  contacts: ContactTable;
  mixingContacts: ContactTable;
  mixingPool: MixingPoolTable;
  receipts: ReceiptTable;
  ticketMarks: TicketMarkTable;
  codes: CodeTable;
  wipes: WipeTable;
  operators: OperatorTable;
  audit: AuditTable;
  fleetVisits: FleetVisitsTable;
}
