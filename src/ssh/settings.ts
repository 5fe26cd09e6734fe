/** How to log in to one host: what the inventory says. `~/.ssh/config` fills in what is undefined here. */
export interface SshSettings {
  readonly port: number | undefined;
  readonly user: string | undefined;
  /** Path of the private key, `~` expanded. */
  readonly key: string | undefined;
  /** Name of the host (in the inventory) to go through. */
  readonly jump: string | undefined;
  /** True where `jump: none` is written: then ssh_config's ProxyJump is not taken either. */
  readonly direct?: boolean;
  /** Path of the known_hosts file, `~` expanded. */
  readonly knownHosts: string | undefined;
  readonly hostKeys: 'strict' | 'accept-new';
}
