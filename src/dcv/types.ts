export type SessionType = 'virtual' | 'console';

/** A session as `dcv` describes it. What a version of DCV does not tell is undefined. */
export interface DcvSession {
  readonly id: string;
  readonly owner: string;
  readonly type: SessionType | undefined;
  /** '' when it has none. */
  readonly name: string;
  /** The user a virtual session runs as; only newer versions tell. */
  readonly user: string | undefined;
  /** How many viewers are connected. */
  readonly connections: number | undefined;
  readonly createdAt: Date | undefined;
  /** undefined also when nobody ever disconnected. */
  readonly lastDisconnectedAt: Date | undefined;
  /** Lower case: `created`. */
  readonly status: string | undefined;
  readonly licences: readonly DcvLicence[];
  /** '' when file storage is off. */
  readonly storageRoot: string | undefined;
  /** X11 display and authority file, for programs that are started in the session from outside. */
  readonly display: string | undefined;
  readonly xAuthority: string | undefined;
  readonly heads: readonly DisplayHead[];
}

export interface DcvLicence {
  /** `dcv`, `dcv-gl`. */
  readonly product: string;
  /** Lower case: `licensed`. */
  readonly status: string;
  readonly expiresAt: Date | undefined;
}

/** One screen of a session, in pixels. */
export interface DisplayHead {
  readonly width: number;
  readonly height: number;
  readonly x: number;
  readonly y: number;
}

/** A viewer that is connected to a session. */
export interface DcvConnection {
  readonly id: string;
  readonly username: string;
  /** Where it comes from, as DCV sees it: `10.16.93.145:35756`. Behind a gateway that is the gateway. */
  readonly address: string;
  /** The address that a gateway forwarded for, where DCV tells it. */
  readonly forwardedFor: string | undefined;
  /** "DCV Client (2026.0.11738), System: …", or a browser. */
  readonly client: string;
  readonly connectedAt: Date | undefined;
  readonly lastInteractionAt: Date | undefined;
  /** `quic`, `websocket`. */
  readonly transport: string | undefined;
}
