import { agentCheck } from '../../check.ts';
import { asRoot } from '../../commands.ts';
import { desktopAccounts } from '../../desktop-accounts.ts';

const PROFILES = ['.bashrc', '.bash_profile', '.profile', '.zshrc'];

/** Anaconda's programs come before the system's in a session's user's PATH. */
export const condaInPath = agentCheck({
  id: 'agent/conda-in-path',
  severity: 'warning',
  title: 'Conda comes before the system’s programs',
  why: 'A desktop that finds Conda’s dbus-daemon in place of the system’s shows nothing.',
  remedy: 'dcvops exec --sudo AGENT -- grep -n conda /home/USER/.bashrc',
  symptoms: ['desktop'],
  look: ({ name, agent, set }) =>
    desktopAccounts(name, agent, set)
      .filter(({ conda }) => conda)
      .map((account) => ({
        seen: `the profile files of ${account.name} put Conda first into PATH`,
        remedy: asRoot(
          name,
          'grep',
          '-ns',
          'conda',
          ...PROFILES.map((file) => `${account.home ?? `/home/${account.name}`}/${file}`),
        ),
      })),
});
