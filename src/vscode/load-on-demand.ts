import { l10n } from 'vscode';
import type * as OnDemand from './on-demand.js';

let loaded: Promise<typeof OnDemand> | undefined;

/** What nobody needs until a person, a task or a model asks for something, is in another bundle: activation must not pay for it. */
export function loadOnDemand(): Promise<typeof OnDemand> {
  return (loaded ??= load());
}

async function load(): Promise<typeof OnDemand> {
  const bundle = await import('./on-demand.js');
  // Its own copy of the words' library knows no language yet.
  if (l10n.bundle) bundle.configureWords({ contents: l10n.bundle });
  return bundle;
}
