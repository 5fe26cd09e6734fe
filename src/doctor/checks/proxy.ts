import type { Check } from '../check.ts';
import { agentsDiffer } from './proxy/agents-differ.ts';
import { allowDiffers } from './proxy/allow-differs.ts';
import { certificateChain } from './proxy/certificate-chain.ts';
import { certificateExpired } from './proxy/certificate-expired.ts';
import { certificateMissing } from './proxy/certificate-missing.ts';
import { certificateNames } from './proxy/certificate-names.ts';
import { certificateNotServed } from './proxy/certificate-not-served.ts';
import { configInvalid } from './proxy/config-invalid.ts';
import { downAnswers } from './proxy/down-answers.ts';
import { edited } from './proxy/edited.ts';
import { errorsInLog } from './proxy/errors-in-log.ts';
import { fileLimit } from './proxy/file-limit.ts';
import { filesAmiss } from './proxy/files-amiss.ts';
import { firewall } from './proxy/firewall.ts';
import { keyMismatch } from './proxy/key-mismatch.ts';
import { keyPermissions } from './proxy/key-permissions.ts';
import { logPermissions } from './proxy/log-permissions.ts';
import { logRotation } from './proxy/log-rotation.ts';
import { loginExposed } from './proxy/login-exposed.ts';
import { loginSecret } from './proxy/login-secret.ts';
import { marksDiffer } from './proxy/marks-differ.ts';
import { marksLeft } from './proxy/marks-left.ts';
import { nginxDisabled } from './proxy/nginx-disabled.ts';
import { nginxMissing } from './proxy/nginx-missing.ts';
import { nginxStopped } from './proxy/nginx-stopped.ts';
import { nginxUnmanaged } from './proxy/nginx-unmanaged.ts';
import { nginxVersion } from './proxy/nginx-version.ts';
import { notDeployed } from './proxy/not-deployed.ts';
import { notLive } from './proxy/not-live.ts';
import { oldWorkers } from './proxy/old-workers.ts';
import { openToEverybody } from './proxy/open-to-everybody.ts';
import { overlappingNames } from './proxy/overlapping-names.ts';
import { pending } from './proxy/pending.ts';
import { poolFile } from './proxy/pool-file.ts';
import { poolMarks } from './proxy/pool-marks.ts';
import { portTaken } from './proxy/port-taken.ts';
import { realipMissing } from './proxy/realip-missing.ts';
import { rivalFiles } from './proxy/rival-files.ts';
import { selinux } from './proxy/selinux.ts';
import { userHashes } from './proxy/user-hashes.ts';
import { usersMissing } from './proxy/users-missing.ts';
import { usersUnreadable } from './proxy/users-unreadable.ts';
import { workerConnections } from './proxy/worker-connections.ts';

/** What can be wrong with an nginx host and with the gateway on it. */
export const PROXY_CHECKS: readonly Check[] = [
  nginxMissing,
  portTaken,
  certificateMissing,
  keyMismatch,
  poolFile,
  configInvalid,
  nginxStopped,
  nginxUnmanaged,
  nginxDisabled,
  nginxVersion,
  realipMissing,
  notDeployed,
  pending,
  rivalFiles,
  overlappingNames,
  notLive,
  edited,
  filesAmiss,
  openToEverybody,
  usersMissing,
  usersUnreadable,
  loginSecret,
  loginExposed,
  userHashes,
  allowDiffers,
  agentsDiffer,
  marksDiffer,
  marksLeft,
  downAnswers,
  poolMarks,
  selinux,
  firewall,
  certificateExpired,
  certificateNotServed,
  certificateNames,
  certificateChain,
  keyPermissions,
  workerConnections,
  fileLimit,
  oldWorkers,
  errorsInLog,
  logRotation,
  logPermissions,
];
