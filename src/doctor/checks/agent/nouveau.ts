import { agentCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';

/** The kernel's own driver has taken an NVIDIA device. */
export const nouveau = agentCheck({
  id: 'agent/nouveau',
  severity: 'warning',
  title: 'The driver nouveau has the NVIDIA device',
  why: 'NVIDIA’s driver cannot be loaded beside it, and DCV cannot use the GPU without NVIDIA’s driver.',
  remedy:
    "dcvops exec --sudo AGENT -- sh -c 'echo blacklist nouveau >/etc/modprobe.d/blacklist-nouveau.conf'\n" +
    'install NVIDIA’s driver, then restart the host',
  symptoms: ['desktop'],
  look: ({ name, agent }) => {
    const device = agent.gpu.devices.find((one) => /nvidia/i.test(one));
    if (!agent.gpu.nouveau || device === undefined) return undefined;
    const { nvidia, glTest } = agent.gpu;
    return {
      severity: nvidia !== undefined || glTest === 'error' ? 'error' : 'warning',
      seen: `the kernel module nouveau is loaded; device: ${device}`,
      remedy: steps(
        asRoot(name, 'sh', '-c', 'echo blacklist nouveau >/etc/modprobe.d/blacklist-nouveau.conf'),
        'install NVIDIA’s driver, then restart the host',
      ),
    };
  },
});
