// The bar above the editor: paste a token, switch between the pasted ones.
import { useState } from 'react';

/** A readable name of a token from its claims; nothing is verified here, the server does that. */
function nameOf(token) {
  try {
    const [, claims] = token.split('.');
    const bytes = Uint8Array.from(atob(claims.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    const { name, sub, role, roles } = JSON.parse(new TextDecoder().decode(bytes));
    const as = role ?? (Array.isArray(roles) ? roles.join(', ') : undefined);
    // the box is narrow: what tells two tokens apart comes first, and of an id its end does
    const who = name ?? (sub && `…${String(sub).slice(-6)}`);
    if (who) return as ? `${as} ${who}` : who;
  } catch {
    // not a token with readable claims
  }
  return `token …${token.slice(-6)}`;
}

/** Tokens live in the memory of this page only and are gone with it. */
export function TokenBar({ token, onToken }) {
  const [draft, setDraft] = useState('');
  const [known, setKnown] = useState([]);

  function use(event) {
    event.preventDefault();
    const pasted = draft.trim().replace(/^Bearer\s+/i, '');
    if (!pasted) return;
    setKnown((before) => (before.includes(pasted) ? before : [...before, pasted]));
    setDraft('');
    onToken(pasted);
  }

  return (
    <form className="quorate-tokens" onSubmit={use} autoComplete="off">
      <strong>Quorate</strong>
      <label htmlFor="token">Token</label>
      <input
        id="token"
        type="text"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck="false"
        placeholder="paste a token and press Enter"
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
      />
      <button type="submit">Use</button>
      <label htmlFor="persona">Acting as</label>
      <select id="persona" value={token} onChange={(event) => onToken(event.target.value)}>
        <option value="">nobody (no token)</option>
        {known.map((each) => (
          <option key={each} value={each}>
            {nameOf(each)}
          </option>
        ))}
      </select>
    </form>
  );
}
