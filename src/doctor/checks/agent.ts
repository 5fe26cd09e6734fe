import type { Check } from '../check.ts';
import { authenticationNone } from './agent/authentication-none.ts';
import { certificate } from './agent/certificate.ts';
import { certificatePair } from './agent/certificate-pair.ts';
import { certificatePermissions } from './agent/certificate-permissions.ts';
import { condaInPath } from './agent/conda-in-path.ts';
import { dcvMissing } from './agent/dcv-missing.ts';
import { dcvTooOld } from './agent/dcv-too-old.ts';
import { displayManager } from './agent/display-manager.ts';
import { glTest } from './agent/gl-test.ts';
import { graphicalTarget } from './agent/graphical-target.ts';
import { homeMissing } from './agent/home-missing.ts';
import { homeOwner } from './agent/home-owner.ts';
import { hostPatternRefuses } from './agent/host-pattern.ts';
import { launcherDown } from './agent/launcher-down.ts';
import { licence } from './agent/licence.ts';
import { licenceExpires } from './agent/licence-expires.ts';
import { listensLocally } from './agent/listens-locally.ts';
import { logOwnership } from './agent/log-ownership.ts';
import { logSignatures } from './agent/log-signatures.ts';
import { maxClients } from './agent/max-clients.ts';
import { noDesktop } from './agent/no-desktop.ts';
import { notAnswering } from './agent/not-answering.ts';
import { nouveau } from './agent/nouveau.ts';
import { nvidiaDriver } from './agent/nvidia-driver.ts';
import { originPatternRefuses } from './agent/origin-pattern.ts';
import { otherRemoteDesktops } from './agent/other-remote-desktops.ts';
import { passwordMissing } from './agent/password-missing.ts';
import { pin } from './agent/pin.ts';
import { pinExpires } from './agent/pin-expires.ts';
import { port } from './agent/port.ts';
import { portTaken } from './agent/port-taken.ts';
import { quic } from './agent/quic.ts';
import { serviceCrashLoops } from './agent/service-crash-loops.ts';
import { serviceDisabled } from './agent/service-disabled.ts';
import { serviceDown } from './agent/service-down.ts';
import { serviceRestarted } from './agent/service-restarted.ts';
import { serviceStarting } from './agent/service-starting.ts';
import { sessionDead } from './agent/session-dead.ts';
import { sessionKinds } from './agent/session-kinds.ts';
import { sessionLimit } from './agent/session-limit.ts';
import { sessionMissing } from './agent/session-missing.ts';
import { sessionOwner } from './agent/session-owner.ts';
import { sessionsNotPersisted } from './agent/sessions-not-persisted.ts';
import { staleXLock } from './agent/stale-x-lock.ts';
import { tokenVerifier } from './agent/token-verifier.ts';
import { wayland } from './agent/wayland.ts';
import { webUrlPathSet } from './agent/web-url-path.ts';
import { webViewerMissing } from './agent/web-viewer-missing.ts';
import { xAccess } from './agent/x-access.ts';
import { xdcvMissing } from './agent/xdcv-missing.ts';

/** What can be wrong with an agent: its service, its sessions, their desktops, and the way in. */
export const AGENT_CHECKS: readonly Check[] = [
  dcvMissing,
  dcvTooOld,
  portTaken,
  serviceCrashLoops,
  serviceDown,
  serviceStarting,
  launcherDown,
  notAnswering,
  serviceDisabled,
  serviceRestarted,
  logOwnership,
  licence,
  licenceExpires,
  sessionKinds,
  sessionLimit,
  sessionOwner,
  sessionMissing,
  sessionDead,
  sessionsNotPersisted,
  passwordMissing,
  maxClients,
  noDesktop,
  xdcvMissing,
  homeMissing,
  homeOwner,
  staleXLock,
  condaInPath,
  graphicalTarget,
  displayManager,
  wayland,
  xAccess,
  nouveau,
  nvidiaDriver,
  glTest,
  port,
  listensLocally,
  webUrlPathSet,
  hostPatternRefuses,
  originPatternRefuses,
  webViewerMissing,
  certificatePair,
  certificatePermissions,
  pin,
  pinExpires,
  certificate,
  tokenVerifier,
  authenticationNone,
  quic,
  logSignatures,
  otherRemoteDesktops,
];
