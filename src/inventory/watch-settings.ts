import { readDuration, showDuration } from './duration.ts';
import { WATCH_DEFAULTS } from './logs-schema.ts';
import type { InventoryFile } from './schema.ts';
import type { WatchSettings } from './types.ts';

/** What is anomalous access, defaults filled in; 0 is a rule that is off. The file has passed every check. */
export function resolveWatch(written: InventoryFile['watch'] = {}): WatchSettings {
  const windowMs = readDuration(written.window ?? WATCH_DEFAULTS.window)?.value;
  if (windowMs === undefined) throw new TypeError("the inventory's checks let a wrong duration pass");
  return {
    windowMs,
    denied: numberOf(written.denied ?? WATCH_DEFAULTS.denied),
    agents: numberOf(written.agents ?? WATCH_DEFAULTS.agents),
    handshakes: numberOf(written.handshakes ?? WATCH_DEFAULTS.handshakes),
    upstreamFailures: numberOf(written.upstream_failures ?? WATCH_DEFAULTS.upstreamFailures),
    tlsErrors: numberOf(written.tls_errors ?? WATCH_DEFAULTS.tlsErrors),
    newNetworks: written.new_networks ?? WATCH_DEFAULTS.newNetworks,
    outside: written.outside ?? WATCH_DEFAULTS.outside,
  };
}

function numberOf(threshold: number | false): number {
  return threshold === false ? 0 : threshold;
}

/** The same in the file's own words. */
export function showWatch(settings: WatchSettings): NonNullable<InventoryFile['watch']> {
  return {
    window: showDuration(settings.windowMs),
    denied: settings.denied,
    agents: settings.agents,
    handshakes: settings.handshakes,
    upstream_failures: settings.upstreamFailures,
    tls_errors: settings.tlsErrors,
    new_networks: settings.newNetworks,
    outside: settings.outside,
  };
}
