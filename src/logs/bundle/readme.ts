/** For whoever opens a bundle: what it is, and what to think of before it is passed on. */
export function bundleReadme(options: {
  created: string;
  askedBy: string;
  hosts: readonly string[];
}): string {
  return `Support bundle of dcvops
========================

Made ${options.created} by ${options.askedBy}.
Hosts: ${options.hosts.join(', ')}

manifest.json says for each host whether it was reached, and for each file where it comes from, its SHA-256 sum, and how
much of it is missing; what was left out, and why. doctor/report.txt is what dcvops doctor said then, made from
doctor/facts.json, which "dcvops doctor --from" reads. Each host has a folder:

  facts/     time, disks, memory, listening ports, sessions
  versions/  DCV, nginx, OpenSSL, the system, packages
  units/     states of the systemd units
  config/    configurations of nginx and DCV
  journal/   the newest entries of the units' and the kernel's journals
  logs/      the ends of the log files of nginx and DCV, and of those that the inventory names; those that were
             compressed are unpacked

What was masked
---------------
"***" stands for what was taken out: tokens in URLs, Authorization headers, and in configurations private keys, and
values whose names promise a secret (password, secret, token, ...). Private key files, certificates and password files
were never read. Symbolic links in the logs' folders were not followed.

What was not
------------
Logs still name people, host names, addresses, sessions and files. A secret under a name that does not tell so is still
there. Read what you pass on, and pass it on to those only who may know.
`;
}
