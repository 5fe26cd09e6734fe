import { agentCheck } from '../../check.ts';
import { onHost, steps } from '../../commands.ts';

/** There is an NVIDIA device, but its driver does not work or is not there. */
export const nvidiaDriver = agentCheck({
  id: 'agent/nvidia-driver',
  severity: 'error',
  title: 'NVIDIA’s driver does not work',
  why: 'Desktops are drawn by the CPU, slowly, and programs that need the GPU fail. After a kernel update the driver has to be built anew.',
  remedy:
    'dcvops exec AGENT -- nvidia-smi\ninstall NVIDIA’s driver for the running kernel, then restart the host',
  symptoms: ['desktop'],
  follows: ['agent/nouveau'],
  look: ({ name, agent, system }) => {
    const { nvidia, devices } = agent.gpu;
    const device = devices.find((one) => /nvidia/i.test(one));
    if (nvidia?.works === true || (nvidia === undefined && device === undefined)) return undefined;
    return {
      severity: nvidia === undefined ? 'warning' : 'error',
      seen:
        nvidia === undefined
          ? `there is no NVIDIA driver for ${device ?? 'the device'}`
          : `nvidia-smi fails on kernel ${system.kernel}`,
      evidence: nvidia === undefined ? [] : nvidia.text.split('\n').slice(0, 3),
      remedy: steps(
        nvidia === undefined ? undefined : onHost(name, 'nvidia-smi'),
        'install NVIDIA’s driver for the running kernel, then restart the host',
      ),
    };
  },
});
