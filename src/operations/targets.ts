import { DcvopsError } from '../errors.ts';
import { outOfPool, withAnyMark } from '../gateway/agent-marks.ts';
import { POOL_FILE, markPool } from '../gateway/config/default-agents.ts';
import { type Target, isAsFound } from '../gateway/decide.ts';
import { NGINX_CONF } from '../gateway/nginx-conf.ts';
import type { FileChange, ProxyFacts } from '../gateway/proxy-facts.ts';
import { renderGateway } from '../gateway/render.ts';
import type { Inventory, ProxyHost } from '../inventory/types.ts';

/**
 * What the inventory asks for on a proxy. Pure.
 * @throws DcvopsError `failed` where nginx is missing or can't run it; `inventory` for what can't be rendered
 */
export function renderedTarget(inventory: Inventory, proxy: ProxyHost, facts: ProxyFacts): Target {
  if (facts.nginx === undefined) {
    throw new DcvopsError('failed', 'nginx is not installed.', {
      host: proxy.name,
      hint: 'dcvops deploy --prepare-host',
    });
  }
  const { gateway, agents, sessions } = inventory;
  const rendered = renderGateway({ gateway, agents, proxy, sessionId: sessions.id, nginx: facts.nginx });
  return {
    release: rendered.releaseId,
    files: passingBy(
      outOfPool(agents, facts.state),
      rendered.files.map(({ path, mode, content }) => ({
        kind: 'write',
        path,
        mode: mode.toString(8),
        content,
      })),
    ),
  };
}

/**
 * A kept release's files, as `facts.wanted` holds them. nginx.conf stays as it is, save on the way back to what was there
 * before. Pure.
 * @throws DcvopsError `failed` when the host doesn't keep it
 */
export function keptTarget(host: string, release: string, facts: ProxyFacts): Target {
  const whole = wholeKeptTarget(host, release, facts);
  if (isAsFound(release)) return whole;
  return { release, files: whole.files.filter((file) => file.path !== NGINX_CONF) };
}

/** A kept release's files, nginx.conf among them where it was changed with it. Pure. @throws as {@link keptTarget} */
export function wholeKeptTarget(host: string, release: string, facts: ProxyFacts): Target {
  if (facts.wanted !== undefined) {
    return { release, files: passingBy(withAnyMark(facts.state), facts.wanted) };
  }
  throw new DcvopsError('failed', `release ${release} cannot be read on the host. Nothing changed.`, {
    host,
    hint: 'dcvops releases',
  });
}

/** The files with these agents (by their keys) marked in the pool: who is down now is no matter of the release. */
function passingBy(out: ReadonlySet<string>, files: readonly FileChange[]): FileChange[] {
  return files.map((file) =>
    file.kind === 'write' && file.path === POOL_FILE
      ? { ...file, content: markPool(file.content, out) }
      : file,
  );
}
